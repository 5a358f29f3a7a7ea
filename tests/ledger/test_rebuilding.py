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


async def test_a_sidecar_holds_all_that_is_known_of_a_take(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    frames = {"d" * 64: "b" * 64, "e" * 64: "a" * 64}
    for frame, clip in frames.items():
        await ledger.remember_frame(clip, 80, "png-1", frame)
    await ledger.remember_frame("f" * 64, 80, "png-1", "f" * 64)
    name = await made(ledger, take(start_sha256="d" * 64, end_sha256="e" * 64))
    slate, (past,) = await ledger.get(name), await ledger.requests(name)
    noon = "2026-05-04T12:00:00+00:00"
    times = dict.fromkeys(
        ["intended_at", "sent_at", "submitted_at", "completed_at", "stored_at", "updated_at"], noon
    )
    told = {**vars(slate), **times}
    del told["owner"], told["lease_expires_at"]
    record = await ledger.record(name)
    assert sorted(record.pop("frames"), key=str) == [
        {"clip_sha256": clip, "frame_index": 80, "recipe": "png-1", "frame_sha256": frame}
        for frame, clip in reversed(frames.items())
    ]
    assert record == {
        "longtake_sidecar": 1,
        "slate": told,
        "base_seed": 41,
        "requests": [vars(past) | {"recorded_at": noon}],
        "verdict": "approved",
    }
    await ledger.decide(name, None)
    assert (await ledger.record(name))["verdict"] is None


@pytest.mark.parametrize("without", ["base_seed", "verdict", "frames", "requests"])
async def test_what_a_sidecar_does_not_know_is_not_made_up(
    ledger: Ledger, take: Callable[..., TakeIntent], tmp_path: Path, without: str
) -> None:
    name = await made(ledger, take(start_sha256="d" * 64))
    sidecar = json.loads(json.dumps(await ledger.record(name)))
    sidecar[without] = [] if without in ("frames", "requests") else None
    sidecar["slate"] |= {"of a later version": 1}
    del sidecar["slate"]["width"]
    async with Ledger.open(tmp_path / "new.sqlite") as again:
        assert await again.restore([sidecar, sidecar]) == 1
        slate = await again.get(name)
        assert (slate.width, slate.height, slate.owner) == (None, 480, None)
        seed = await again.known_base_seed("Film")
        assert seed == (None if without == "base_seed" else 41)
        known = await again.verdicts([name])
        assert known == ({} if without == "verdict" else {name: Verdict.APPROVED})
        frame = await again.frame("b" * 64, 80, "png-1")
        assert frame == (None if without == "frames" else "d" * 64)
        assert len(await again.requests(name)) == (without != "requests")


async def test_a_request_and_a_seed_that_are_on_record_stay_as_they_are(
    ledger: Ledger, take: Callable[..., TakeIntent], tmp_path: Path
) -> None:
    names = [await made(ledger, take(letter)) for letter in "ab"]
    first, second = [json.loads(json.dumps(await ledger.record(name))) for name in names]
    second["requests"] = [*first["requests"], second["requests"][0] | {"request_id": None}]
    async with Ledger.open(tmp_path / "new.sqlite") as again:
        await again.base_seed("Film", lambda: 5)
        assert await again.restore([first]) == 1
        assert await again.restore([first, second]) == 1
        assert await again.known_base_seed("Film") == 5
        known = [past.request_id for name in names for past in await again.requests(name)]
        assert known == [f"first-{names[0]}", None]


@pytest.mark.parametrize(
    ("sidecar", "says"),
    [
        ({"longtake_sidecar": 99}, "(ValueError: it is of version 99, update longtake)"),
        ({}, "(KeyError: 'longtake_sidecar')"),
        ({"longtake_sidecar": 1, "slate": []}, "(TypeError: "),
        ({"longtake_sidecar": 1, "slate": {"fingerprint": "a"}}, "(IntegrityError: "),
    ],
)
async def test_what_is_wrong_with_a_sidecar_is_told_with_the_way_on(
    ledger: Ledger, sidecar: dict[str, Any], says: str
) -> None:
    with pytest.raises(LedgerError) as caught:
        await ledger.restore([sidecar])
    assert str(caught.value).startswith(f"a sidecar in the store cannot be read {says}")
    assert str(caught.value).endswith(
        "; move it out of the store's folder `slates` and rebuild again"
    )


async def test_a_ledger_is_empty_until_anything_is_written(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    assert await ledger.is_empty()
    await ledger.remember_film("recipe", "f" * 64)
    assert await ledger.is_empty()
    await ledger.base_seed("Film", lambda: 5)
    assert not await ledger.is_empty()


async def test_a_take_makes_a_ledger_not_empty(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    await ledger.intend(take(), owner="us", run="r", lease_seconds=60)
    assert not await ledger.is_empty()
