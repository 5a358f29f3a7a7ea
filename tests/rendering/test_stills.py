"""Stills behind addresses: fetched once, opened whole, and kept for every render to come."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from anyio import Path as AsyncPath
from PIL import Image

from longtake.errors import MediaError, StoryboardError
from longtake.ledger import Ledger
from longtake.rendering.folder import RenderFolder
from longtake.rendering.stills import fetch_remote_files, remote_clip, remote_still
from longtake.settings import Settings
from longtake.store import Store
from longtake.story import Plan, Storyboard, build_plan
from tests.rendering.test_own_clips import film


def picture(level: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 18), (level, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


class Addresses(dict[str, bytes]):
    """What addresses give, in place of the network; ``asked`` are those that were fetched."""

    def __init__(self, **given: bytes) -> None:
        super().__init__({f"https://x.example/{name}.png": one for name, one in given.items()})
        self.asked: list[str] = []

    async def download(self, url: str, into: Path, *, max_bytes: int) -> None:
        self.asked.append(url)
        await AsyncPath(into).write_bytes(self[url])


def plan_of(*shots: dict[str, Any]) -> Plan:
    scenes = [{"name": "One", "shots": list(shots)}]
    return build_plan(Storyboard.model_validate({"title": "T", "scenes": scenes}), base_seed=1)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with Ledger.open(str(tmp_path / "ledger.sqlite")) as opened:
        yield opened


def render(ledger: Ledger, tmp_path: Path, client: Addresses, out: str, *shots: Any) -> Any:
    """As much of a render as stills need."""
    plan = plan_of(*shots) if shots else None
    store = Store(str(tmp_path / "store"))
    folder = RenderFolder(tmp_path / out, tmp_path)
    return SimpleNamespace(
        ledger=ledger, store=store, client=client, folder=folder, plan=plan, settings=Settings()
    )


async def test_an_address_is_fetched_once_and_its_picture_is_kept(
    ledger: Ledger, tmp_path: Path
) -> None:
    client = Addresses(a=picture(10))
    url = "https://x.example/a.png"
    first = await remote_still(render(ledger, tmp_path, client, "one"), url)
    client[url] = picture(200)  # the address gives another picture, or none, from now on
    second = await remote_still(render(ledger, tmp_path, client, "two"), url)
    assert first.read_bytes() == second.read_bytes() == picture(10)
    assert client.asked == [url]


async def test_a_file_may_stand_for_what_an_address_gives(ledger: Ledger, tmp_path: Path) -> None:
    client, url = Addresses(), "https://x.example/a.png"
    file = tmp_path / "here.png"
    asked = render(ledger, tmp_path, client, "one")
    asked.settings = Settings(local_files={url: file})
    with pytest.raises(MediaError, match=r"here\.png, in place of https://x\.example/a\.png,"):
        await remote_still(asked, url)
    file.write_bytes(picture(10))
    assert await remote_still(asked, url) == file
    assert client.asked == []


async def test_every_address_is_fetched_before_anything_else_and_all_troubles_are_reported(
    ledger: Ledger, tmp_path: Path
) -> None:
    client = Addresses(a=picture(10), b=b"<html>403</html>", c=b"")
    client["https://x.example/d"] = picture(20)
    shots = [
        {"prompt": "a", "start": "https://x.example/a.png", "end_image": "https://x.example/d"},
        {"prompt": "b", "start": "https://x.example/b.png"},
        {"prompt": "c", "start": {"dissolve": 1, "from": "https://x.example/c.png"}},
        {"prompt": "e", "start": "https://x.example/a.png"},
    ]
    with pytest.raises(StoryboardError) as caught:
        await fetch_remote_files(render(ledger, tmp_path, client, "out", *shots))
    assert [problem.message for problem in caught.value.problems] == [
        "what https://x.example/b.png gives is a web page: save the picture itself",
        "what https://x.example/c.png gives is empty: replace it",
    ]
    assert sorted(client.asked) == sorted(client)


async def test_a_clip_behind_an_address_is_looked_at_whole_before_anything_is_paid(
    ledger: Ledger, tmp_path: Path
) -> None:
    made = film(tmp_path / "own.mp4", seconds=2).read_bytes()
    client = Addresses(a=made, b=b"<html>403</html>", c=made, d=made[:-400])
    shots = [{"clip": f"https://x.example/{name}.png", "seconds": 1} for name in "abcd"]
    shots[2]["seconds"] = 4
    with pytest.raises(StoryboardError) as caught:
        await fetch_remote_files(render(ledger, tmp_path, client, "out", *shots))
    page, short, damaged = (problem.message for problem in caught.value.problems)
    assert page.startswith("what https://x.example/b.png gives is not a readable MP4 or MOV")
    assert "https://x.example/c.png gives has 2.00 seconds, and 4.00 are needed" in short
    assert "https://x.example/d.png" in damaged
    good = render(ledger, tmp_path, client, "again", *shots[:1])
    await fetch_remote_files(good)
    assert (await remote_clip(good, str(shots[0]["clip"]))).read_bytes() == made
    assert client.asked.count(str(shots[0]["clip"])) == 1


async def test_what_is_no_picture_is_not_kept(ledger: Ledger, tmp_path: Path) -> None:
    client = Addresses(a=b"text")
    url = "https://x.example/a.png"
    with pytest.raises(MediaError):
        await remote_still(render(ledger, tmp_path, client, "one"), url)
    client[url] = picture(10)
    still = await remote_still(render(ledger, tmp_path, client, "one"), url)
    assert still.read_bytes() == picture(10)


async def test_a_data_url_is_its_own_picture(ledger: Ledger, tmp_path: Path) -> None:
    url = "data:image/png;base64," + base64.b64encode(picture(10)).decode()
    still = await remote_still(render(ledger, tmp_path, Addresses(), "one"), url)
    assert still.read_bytes() == picture(10)
