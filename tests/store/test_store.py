from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import fsspec
import pytest

from longtake.errors import DamagedObject, MissingObject
from longtake.store import ObjectKind, Store
from tests.whole_store import faults_of, has

Clip = Callable[..., tuple[Path, str]]


def overwrite(root: str, key: str, content: bytes) -> None:
    """Damage an object behind the store's back."""
    with fsspec.open(f"{root}/{key}", "wb", use_listings_cache=False) as file:
        file.write(content)


async def test_what_was_put_is_fetched_by_its_hash(
    store: Store, clip: Clip, tmp_path: Path
) -> None:
    path, digest = clip()
    stored = await store.put(path, "clip")
    assert stored.sha256 == digest
    assert stored.size_bytes == 6000
    assert stored.key == f"clips/{digest[:2]}/{digest}.mp4"

    into = await store.fetch(digest, ObjectKind.CLIP, tmp_path / "out" / "clip.mp4")
    assert into.read_bytes() == path.read_bytes()
    assert [each.name for each in into.parent.iterdir()] == ["clip.mp4"]


async def test_a_store_that_was_proven_holds_no_more_than_before(store: Store) -> None:
    for _ in range(2):
        await store.prove()
    assert await store.walk() == []


async def test_putting_again_changes_nothing(store: Store, clip: Clip) -> None:
    path, digest = clip()
    assert await store.put(path, "clip") == await store.put(path, "clip")
    [listed] = await store.walk()
    assert (listed.sha256, listed.kind, listed.size_bytes) == (digest, ObjectKind.CLIP, 6000)


async def test_the_kind_is_a_part_of_the_key(store: Store, clip: Clip) -> None:
    path, digest = clip()
    await store.put(path, "frame")
    assert await has(store, digest, "frame")
    assert not await has(store, digest, "clip")
    assert (await store.walk())[0].key.endswith(".png")


async def test_what_is_missing_is_named(store: Store, tmp_path: Path) -> None:
    key = f"films/aa/{'a' * 64}.mp4"
    for read in (store.fetch("a" * 64, "film", tmp_path / "f.mp4"), store.local("a" * 64, "film")):
        with pytest.raises(MissingObject, match=key) as caught:
            await read
        assert caught.value.key == key
    assert not (tmp_path / "f.mp4").exists()


@pytest.mark.parametrize("content", [b"", b"a clip" * 999, b"b clip" * 1000])
async def test_a_damaged_object_is_noticed_and_healed_by_putting_it_again(
    store: Store, root: str, clip: Clip, tmp_path: Path, content: bytes
) -> None:
    path, digest = clip()
    key = (await store.put(path, "clip")).key
    overwrite(root, key, content)
    into = tmp_path / "out.mp4"
    into.write_bytes(b"what was there before")

    with pytest.raises(DamagedObject, match=key) as caught:
        await store.fetch(digest, "clip", into)
    assert caught.value.key == key
    assert into.read_bytes() == b"what was there before"
    with pytest.raises(DamagedObject):
        await store.local(digest, "clip")
    assert [each.key for each in await faults_of(store)] == [key]

    await store.put(path, "clip")
    assert (await store.local(digest, "clip")).read_bytes() == path.read_bytes()
    assert await faults_of(store) == []


async def test_what_is_expected_and_missing_is_named(store: Store, clip: Clip) -> None:
    path, digest = clip()
    await store.put(path, "clip")
    [found] = await faults_of(store, [(digest, "clip"), ("b" * 64, "frame")])
    assert isinstance(found, MissingObject)
    assert found.key == f"frames/bb/{'b' * 64}.png"


async def test_a_local_file_is_the_object_itself_or_a_checked_copy(
    store: Store, root: str, clip: Clip, tmp_path: Path
) -> None:
    path, digest = clip()
    await store.put(path, "clip")
    local = await store.local(digest, "clip")
    assert local.read_bytes() == path.read_bytes()
    if "://" not in root:
        assert local.is_relative_to(root)
        return
    assert local.is_relative_to(tmp_path / "cache")
    local.write_bytes(b"a copy that somebody spoiled")
    assert (await store.local(digest, "clip")).read_bytes() == path.read_bytes()


async def test_a_deleted_object_is_gone_with_its_copy(store: Store, clip: Clip) -> None:
    path, digest = clip()
    await store.put(path, "clip")
    await store.local(digest, "clip")
    assert await store.delete(digest, "clip")
    assert not await store.delete(digest, "clip")
    assert not await has(store, digest, "clip")
    with pytest.raises(MissingObject):
        await store.local(digest, "clip")


async def test_a_walk_passes_strangers_over_and_knows_ages(
    store: Store, root: str, clip: Clip
) -> None:
    one, two = clip(b"one"), clip(b"two")
    await store.put(one[0], "clip")
    await store.put(two[0], "film")
    overwrite(root, "clips/README.txt", b"not ours")
    overwrite(root, f"clips/zz/{'z' * 64}.mp4", b"not ours")
    listed = await store.walk()
    assert {(each.kind, each.sha256) for each in listed} == {
        (ObjectKind.CLIP, one[1]),
        (ObjectKind.FILM, two[1]),
    }
    for each in listed:
        assert each.modified_at is not None
        assert abs(each.modified_at - datetime.now(UTC)) < timedelta(hours=1)


async def test_an_empty_store_is_empty(store: Store) -> None:
    assert await store.walk() == []
    assert await faults_of(store) == []


async def test_many_writers_of_one_content_make_one_object(store: Store, clip: Clip) -> None:
    path, digest = clip()
    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(store.put, path, "clip")
    assert [each.sha256 for each in await store.walk()] == [digest]
    assert await faults_of(store) == []


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "A" * 64, "a" * 63])
async def test_no_key_leaves_the_root(store: Store, wrong: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        await store.local(wrong, "clip")


async def test_a_file_that_is_not_there_is_not_the_stores_fault(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await store.put(tmp_path / "nothing.mp4", "clip")
    assert await store.walk() == []
