"""Each step writes what it says, at its own moment, and leaves all else of the slate alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from longtake.ledger import Claim, Ledger, Slate, TakeIntent, TakeState
from tests.ledger.beginnings import FILE, begun, changed
from tests.ledger.conftest import HandClock

BEGAN = datetime(2026, 5, 4, 23, 59, 50, tzinfo=UTC)
THEN = BEGAN + timedelta(seconds=20)  # the next day, and the lease still runs
FREED = {"owner": None, "lease_expires_at": None}
CLEARED = {"error": None, "error_kind": None}
URL = "https://images/1.mp4"
Take = Callable[..., TakeIntent]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(BEGAN)


async def test_an_intent_is_written_down_whole(ledger: Ledger, take: Take) -> None:
    asked = take(start_sha256="1" * 64, end_sha256="2" * 64, recipe="png-1", number=2)
    claim = await ledger.intend(asked, owner="us", run="r1", lease_seconds=60)
    nothing = (
        "request_id output_url usd metrics clip_sha256 size_bytes frame_count width height error "
        "error_kind sent_at submitted_at completed_at stored_at"
    )
    slate = Slate(
        fingerprint=asked.fingerprint,
        state=TakeState.INTENDED,
        storyboard="Film",
        run="r1",
        clip_id="scene/a.1",
        take_number=2,
        model="wan-2.2-t2v-fast",
        seed=7,
        parameters={"prompt": "a gull", "seed": 7},
        start_sha256="1" * 64,
        end_sha256="2" * 64,
        recipe="png-1",
        estimated_usd=0.10,
        owner="us",
        lease_expires_at=BEGAN + timedelta(seconds=60),
        day="2026-05-04",
        intended_at=BEGAN,
        updated_at=BEGAN,
        **dict.fromkeys(nothing.split()),
    )
    assert claim == Claim(slate, held=True, created=True, hold_seconds=0.0)
    assert await ledger.get(asked.fingerprint) == slate


async def test_an_heir_of_what_was_not_sent_makes_it_its_own(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    before = (await ledger.intend(take(), owner="dead", run="r1", lease_seconds=20)).slate
    clock.now = THEN
    other = take(storyboard="Other", clip_id="x/1.1", number=2, estimated_usd=0.2, seed=8)
    heir = await ledger.intend(other, owner="heir", run="r2", lease_seconds=30)
    assert (heir.held, heir.created) == (True, False)
    assert changed(before, heir.slate) == {
        "storyboard": "Other",
        "clip_id": "x/1.1",
        "take_number": 2,
        "estimated_usd": 0.2,
        "run": "r2",
        "day": "2026-05-05",
        "intended_at": THEN,
        "owner": "heir",
        "lease_expires_at": THEN + timedelta(seconds=30),
    }


async def test_an_heir_of_what_was_sent_gets_the_lease_alone(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    before = await ledger.get(await begun(ledger, take(), "dead"))
    clock.turn(60)
    other = take(storyboard="Other", clip_id="x/1.1", number=2, estimated_usd=0.2)
    heir = (await ledger.intend(other, owner="heir", run="r2", lease_seconds=30)).slate
    ends = clock.now + timedelta(seconds=30)
    assert heir == replace(before, owner="heir", lease_expires_at=ends, updated_at=clock.now)


UNSENT, SENT = "unsent", None
ACCEPTED = {"state": TakeState.SUBMITTED, "request_id": "req-1", "submitted_at": THEN}
MADE = {"state": TakeState.COMPLETED, "completed_at": THEN}
FILED = tuple(FILE.values())
ENDED = {"state": TakeState.STORED, "stored_at": THEN, **FILE}
KEPT = ENDED | FREED
TOLD = {"metrics": {"n": 1}} | FREED
BILLED = {"output_url": URL, "usd": 0.08, "metrics": {"n": 1}}


@pytest.mark.parametrize(
    ("upto", "by", "step", "said", "writes"),
    [
        (UNSENT, "us", "sending", (), {"sent_at": THEN, "day": "2026-05-05"}),
        (SENT, "us", "submitted", ("req-1",), ACCEPTED),
        ("ambiguous", "us", "submitted", ("req-1",), ACCEPTED | CLEARED),
        (UNSENT, "late", "submitted", ("req-1",), ACCEPTED | {"sent_at": THEN}),
        ("submitted", "us", "submitted", ("req-1",), {}),
        ("submitted", "us", "completed", (URL, 0.08, {"n": 1}), MADE | BILLED),
        ("submitted", "us", "completed", (), MADE),
        ("ambiguous", "us", "completed", (URL,), MADE | CLEARED | {"output_url": URL}),
        (UNSENT, "late", "completed", (), MADE | {"sent_at": THEN}),
        ("completed", "us", "completed", (URL, 0.5, {"n": 1}), {}),
        ("completed", "us", "completed", ("https://new",), {"output_url": "https://new"}),
        ("stored", "us", "completed", ("https://new",), {"output_url": "https://new"}),
        ("stored", "us", "completed", (), {}),
        ("lost", "us", "completed", (), MADE | CLEARED),
        ("completed", "us", "stored", FILED, KEPT),
        (SENT, "us", "stored", (*FILED, 0.08), KEPT | {"completed_at": THEN, "usd": 0.08}),
        (UNSENT, "late", "stored", FILED, KEPT | {"sent_at": THEN, "completed_at": THEN}),
        ("lost", "us", "stored", FILED, ENDED | CLEARED | {"completed_at": THEN}),
        ("stored", "us", "stored", (*FILED, 0.5), {}),
    ],
)
async def test_a_step_writes_its_facts(
    ledger: Ledger,
    take: Take,
    clock: HandClock,
    upto: str | None,
    by: str,
    step: str,
    said: tuple[Any, ...],
    writes: dict[str, Any],
) -> None:
    if upto == UNSENT:
        name = take().fingerprint
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    else:
        name = await begun(ledger, take(), upto=None if upto is None else TakeState(upto))
    before = await ledger.get(name)
    clock.now = THEN
    after = await getattr(ledger, step)(name, by, *said)
    assert changed(before, after) == writes
    assert await ledger.get(name) == after
    assert after.updated_at == (THEN if writes else before.updated_at)


@pytest.mark.parametrize(
    ("upto", "step", "said", "writes"),
    [
        (SENT, "failed", ("oom",), {"error": "oom", "error_kind": "failed", **FREED}),
        ("submitted", "failed", ("no", "k", {"n": 1}), {"error": "no", "error_kind": "k", **TOLD}),
        (SENT, "refused", ("no",), {"error": "no", "error_kind": "refused", **FREED}),
        (SENT, "refused", ("no", "k"), {"error": "no", "error_kind": "k", **FREED}),
        (SENT, "ambiguous", (), {"error": "", "error_kind": "ambiguous"}),
        (SENT, "ambiguous", ("cut", "k"), {"error": "cut", "error_kind": "k"}),
        ("submitted", "lost", ("gone",), {"error": "gone", "error_kind": "lost", **FREED}),
        ("stored", "lost", ("gone",), {"error": "gone", "error_kind": "lost"}),
        ("completed", "unusable", ("torn",), {"error": "torn", "error_kind": "unusable", **FREED}),
        ("stored", "unusable", ("torn",), {"error": "torn", "error_kind": "unusable"}),
        ("lost", "unusable", ("torn",), {"error": "torn", "error_kind": "unusable"}),
    ],
)
async def test_a_verdict_writes_why_and_who_ends_it_goes(
    ledger: Ledger,
    take: Take,
    clock: HandClock,
    upto: str | None,
    step: str,
    said: tuple[Any, ...],
    writes: dict[str, Any],
) -> None:
    name = await begun(ledger, take(), upto=None if upto is None else TakeState(upto))
    before = await ledger.get(name)
    clock.now = THEN
    after = await getattr(ledger, step)(name, "us", *said)
    assert changed(before, after) == {"state": TakeState(step), **writes}
    assert await getattr(ledger, step)(name, "anybody", "other words") == after
