"""What a ledger is made of again, kept in a folder and in buckets alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from longtake.errors import DamagedObject
from longtake.ledger import Ledger, TakeIntent
from longtake.store import Store
from longtake.store.objects import sidecar_key
from tests.whole_store import has

INTENT = TakeIntent(
    fingerprint="a" * 64,
    storyboard="Film",
    clip_id="one/1.1",
    number=1,
    model="wan-2.2-t2v-fast",
    seed=7,
    parameters={"prompt": "a boat", "seed": 7},
    estimated_usd=0.1,
)


async def stored(ledger: Ledger, sha256: str) -> str:
    name = INTENT.fingerprint
    await ledger.intend(INTENT, owner="us", run="r", lease_seconds=60)
    await ledger.sending(name, "us")
    await ledger.submitted(name, "us", "request")
    await ledger.completed(name, "us", "https://host/1.mp4", 0.09)
    await ledger.stored(name, "us", sha256, 6000, 81, 832, 480)
    return name


async def test_a_ledger_is_made_again_out_of_any_store(
    root: str, clip: Callable[[], tuple[Path, str]], tmp_path: Path
) -> None:
    file, sha256 = clip()
    async with Ledger.open(tmp_path / "lost.sqlite") as ledger:
        store = Store(root, cache=tmp_path / "cache")
        await store.put(file, "clip")
        name = await stored(ledger, sha256)
        await store.keep_sidecar(name, {"longtake_sidecar": 0})
        await store.keep_sidecar(name, await ledger.record(name))  # a later word replaces it
        known = await ledger.get(name)
    elsewhere = Store(root, cache=tmp_path / "another machine's cache")
    assert await elsewhere.holds_takes()
    async with Ledger.open(tmp_path / "new.sqlite") as again:
        assert await again.restore(await elsewhere.sidecars()) == 1
        assert await again.get(name) == known
    assert await has(elsewhere, sha256, "clip")


async def test_a_sidecar_that_cannot_be_read_is_named(store: Store) -> None:
    await store.keep_sidecar("b" * 64, {"longtake_sidecar": 1})
    store._backend.write(sidecar_key("b" * 64), b"{")
    with pytest.raises(DamagedObject, match="b" * 64):
        await store.sidecars()
