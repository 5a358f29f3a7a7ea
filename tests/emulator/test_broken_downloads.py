"""A file that is fetched may break in every way that files have broken in."""

from __future__ import annotations

import io
from typing import Any

import av
import httpx
import pytest

from tests.emulator.rules import JUST_LONG_ENOUGH_SECONDS, PATIENTLY, outcome, rule
from tests.emulator.service import service


def download_under(**fault: Any) -> tuple[httpx.Response | str, bytes]:
    """What a download sees, and the file as it really is."""
    with service(rule("download", nth=1, **fault)) as one:
        url = one.completed()["output"]
        got = outcome(lambda: httpx.get(url, **PATIENTLY))
        return got, httpx.get(url, **PATIENTLY).content


def frames_in(content: bytes) -> int:
    with av.open(io.BytesIO(content), "r", format="mov") as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize(
    "fault",
    [{"do": "truncate"}, {"do": "stall", "seconds": JUST_LONG_ENOUGH_SECONDS}],
)
def test_a_download_may_end_before_its_announced_length(fault: dict[str, Any]) -> None:
    assert download_under(**fault)[0] == "RemoteProtocolError"


def test_a_download_may_be_reset() -> None:
    assert download_under(do="reset")[0] == "ReadError"


def test_a_download_may_be_short_without_a_sign_of_it() -> None:
    got, whole = download_under(do="short")
    assert isinstance(got, httpx.Response)
    assert got.content == whole[: len(whole) // 2]


def test_a_download_may_be_corrupt_at_its_full_length() -> None:
    got, whole = download_under(do="corrupt")
    assert isinstance(got, httpx.Response)
    assert (len(got.content), got.content == whole) == (len(whole), False)
    assert got.content[:1000] == whole[:1000]


def test_a_download_may_have_the_wrong_size_in_pixels() -> None:
    got, _ = download_under(do="wrong_size")
    assert isinstance(got, httpx.Response)
    assert frames_in(got.content) == 81
    with av.open(io.BytesIO(got.content), "r", format="mov") as container:
        assert container.streams.video[0].width == 416


def test_a_download_may_be_a_playlist_under_the_clips_type() -> None:
    got, _ = download_under(do="playlist")
    assert isinstance(got, httpx.Response)
    assert got.headers["content-type"].startswith("video/mp4")
    assert got.text.startswith("#EXTM3U")


def test_a_download_may_be_larger_than_anybody_wants() -> None:
    got, _ = download_under(do="flood", size_bytes=300_000)
    assert isinstance(got, httpx.Response)
    assert "content-length" not in got.headers
    assert len(got.content) == 300_000


@pytest.mark.parametrize(("do", "status"), [("not_found", 404), ("html", 200)])
def test_a_download_may_be_something_else(do: str, status: int) -> None:
    got, _ = download_under(do=do)
    assert isinstance(got, httpx.Response)
    assert got.status_code == status
    assert not got.headers["content-type"].startswith("video")
