"""A ledger that is gone is made again out of its store, down to the last cent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from longtake.errors import LedgerError
from longtake.ledger import Ledger, TakeIntent, Verdict
from longtake.store import Store
from tests.ledger.conftest import HandClock


async def made(ledger: Ledger, take: TakeIntent) -> str:
    """A take that failed to be fetched once, was paid again, and is stored and approved."""
    name = take.fingerprint
    await ledger.intend(take, owner="us", run="r", lease_seconds=60)
    for attempt in ("first", "second"):
        await ledger.sending(name, "us")
        await ledger.submitted(name, "us", f"{attempt}-{name}")
        await ledger.completed(name, "us", "https://host/1.mp4", 0.09, {"total_time": 9.5})
        if attempt == "first":
            await ledger.lost(name, "us", "gone")
            await ledger.reopen(name, "us")
    await ledger.stored(name, "us", "c" * 64, 1000, 81, 832, 480)
    await ledger.remember_frame("b" * 64, 80, "png-1", "d" * 64)
    await ledger.base_seed(take.storyboard, lambda: 41)
    await ledger.decide(name, Verdict.APPROVED)
    return name


async def test_what_was_made_is_known_again(
    ledger: Ledger, take: Callable[..., TakeIntent], tmp_path: Path, clock: HandClock
) -> None:
    store = Store(tmp_path / "store")
    name = await made(ledger, take(start_sha256="d" * 64))
    await store.keep_sidecar(name, await ledger.record(name))
    async with Ledger.open(tmp_path / "new.sqlite", clock=clock) as again:
        assert await again.is_empty()
        assert await again.restore(await store.sidecars()) == 1
        assert await again.restore(await store.sidecars()) == 0
        assert await again.get(name) == await ledger.get(name)
        assert await again.requests(name) == await ledger.requests(name)
        assert await again.costs("all") == await ledger.costs("all")
        assert await again.known_base_seed("Film") == 41
        assert await again.frame("b" * 64, 80, "png-1") == "d" * 64
        assert await again.verdicts([name]) == {name: Verdict.APPROVED}
        assert not await again.is_empty()


async def test_an_empty_ledger_may_be_meant(tmp_path: Path) -> None:
    async with Ledger.open(tmp_path / "new.sqlite") as ledger:
        await ledger.begin()
        await ledger.begin()
        assert not await ledger.is_empty()


@pytest.mark.parametrize(
    "sidecar", [{}, {"longtake_sidecar": 99}, {"longtake_sidecar": 1, "slate": []}]
)
async def test_what_is_no_sidecar_is_told_and_nothing_is_written(
    sidecar: dict[str, Any], take: Callable[..., TakeIntent], tmp_path: Path
) -> None:
    async with Ledger.open(tmp_path / "old.sqlite") as ledger:
        name = await made(ledger, take())
        good = json.loads(json.dumps(await ledger.record(name)))
    async with Ledger.open(tmp_path / "new.sqlite") as again:
        with pytest.raises(LedgerError, match="rebuild again"):
            await again.restore([good, sidecar])
        assert await again.is_empty()
