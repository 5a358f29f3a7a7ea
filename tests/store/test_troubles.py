from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from longtake.errors import DiskFull, OperatorError, SettingsError, StoreUnreachable
from longtake.store import Store
from longtake.store.troubles import plain_error
from tests.small_disk import small_disk

Clip = Callable[..., tuple[Path, str]]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    with small_disk(tmp_path / "disk", "1m") as disk:
        yield disk


async def test_a_full_disk_is_said_and_leaves_nothing_behind(disk: Path, clip: Clip) -> None:
    store = Store(disk / "store")
    small, digest = clip(b"small")
    await store.put(small, "clip")
    with pytest.raises(DiskFull, match="make room"):
        await store.put(clip(b"x" * 2_000_000)[0], "clip")
    assert [each.sha256 for each in await store.walk()] == [digest]
    assert list((disk / "store" / ".unfinished").iterdir()) == []
    await store.put(clip(b"y" * 500_000)[0], "clip")  # the room of the half file is free again


async def test_a_full_disk_on_the_way_out_is_said_too(
    disk: Path, clip: Clip, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    _, digest = clip(b"x" * 2_000_000)
    await store.put(tmp_path / f"{digest[:8]}.mp4", "clip")
    with pytest.raises(DiskFull, match=r"cannot write .*disk/out\.mp4: No space left"):
        await store.fetch(digest, "clip", disk / "out.mp4")
    assert [each async for each in anyio.Path(disk).iterdir()] == []


async def test_a_place_that_takes_no_file_is_not_blamed_on_the_store(
    tmp_path: Path, clip: Clip
) -> None:
    store, (path, digest) = Store(tmp_path / "store"), clip()
    await store.put(path, "clip")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OperatorError, match=r"cannot write .*file/out\.mp4"):
        await store.fetch(digest, "clip", tmp_path / "file" / "out.mp4")


async def test_a_root_that_is_no_folder_is_reported(tmp_path: Path, clip: Clip) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "store")
    with pytest.raises(StoreUnreachable, match="folder exists"):
        await store.put(clip()[0], "clip")
    with pytest.raises(StoreUnreachable, match="folder exists"):
        await store.prove()


async def test_an_s3_that_does_not_answer_is_reported(
    s3_endpoint: str, clip: Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    store = Store("s3://films/store", cache=tmp_path / "cache")
    try:
        with pytest.raises(StoreUnreachable, match="credentials and the network"):
            await store.put(clip()[0], "clip")
    finally:
        s3fs.S3FileSystem.clear_instance_cache()


async def test_a_bucket_that_is_not_there_is_said_and_not_made(
    s3_endpoint: str, clip: Clip, tmp_path: Path
) -> None:
    import s3fs

    store = Store("s3://no-such-bucket/store", cache=tmp_path / "cache")
    with pytest.raises(StoreUnreachable, match="no-such-bucket"):
        await store.put(clip()[0], "clip")
    with pytest.raises(StoreUnreachable, match="no-such-bucket"):
        await store.prove()
    assert not s3fs.S3FileSystem(use_listings_cache=False).exists("no-such-bucket")


def test_an_unknown_scheme_is_reported_at_once() -> None:
    with pytest.raises(SettingsError, match="carrier-pigeon"):
        Store("carrier-pigeon://loft")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "no space"), DiskFull, "make room"),
        (OSError(errno.EDQUOT, "quota"), DiskFull, "make room"),
        (PermissionError(errno.EACCES, "denied"), StoreUnreachable, "may write there"),
        (ImportError("Install s3fs"), StoreUnreachable, r"longtake\[s3\]"),
    ],
)
def test_every_trouble_has_its_error(error: Exception, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        raise plain_error(error, "/films")


def test_a_writer_killed_in_the_middle_leaves_no_object(tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(b"x" * 3_000_000)
    script = f"""
import os, pathlib, signal
import anyio
from longtake.store import Store, places
written = []
def dying(reading, into):
    into.write(reading.read(1_000_000))
    into.flush()
    os.kill(os.getpid(), signal.SIGKILL)
places.copy_hashing = dying
source = pathlib.Path({str(source)!r})
anyio.run(Store({str(tmp_path / "store")!r}).put, source, "clip")
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert [path.parent.name for path in files] == [".unfinished"]


async def test_what_crashed_writers_left_is_cleared_but_not_what_is_at_work(
    tmp_path: Path, clip: Clip
) -> None:
    store = Store(tmp_path / "store")
    await store.put(clip()[0], "clip")
    old, new = (tmp_path / "store" / ".unfinished" / f"{name}.part" for name in ("old", "new"))
    for part in (old, new):
        part.write_bytes(b"half")
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(old, (two_days_ago, two_days_ago))
    assert await store.clear_unfinished(datetime.now(UTC) - timedelta(days=1)) == 1
    assert new.exists()
    assert not old.exists()
    assert len(await store.walk()) == 1


async def test_an_unreadable_place_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    folder = tmp_path / "store"
    folder.mkdir()
    folder.chmod(0)
    with contextlib.ExitStack() as stack:
        stack.callback(folder.chmod, 0o700)
        with pytest.raises(StoreUnreachable):
            await Store(folder).local("a" * 64, "clip")
        with pytest.raises(StoreUnreachable):
            await Store(folder).walk()
