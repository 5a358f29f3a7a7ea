"""No order of steps, crashes, late answers and lapsed leases pays twice or loses a request id.

Workers follow the protocol (intend, send, record, reconcile) but may stop anywhere, hold on to
what they were about to say, and say it late. The service is a dictionary of what it accepted.

A seeded walk with weights, not Hypothesis' state machine: that one was measured to reach a
recorded request in one example out of thirty, and to miss a ledger that forgets ids on reopening.
"""

from __future__ import annotations

import random
from collections import Counter
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from longtake.errors import IllegalTransition, LeaseLost, LedgerConflict
from longtake.ledger import Ledger, Slate, TakeIntent, TakeState
from tests.ledger.conftest import HandClock

OWNERS = ("left", "right")
STEPS = ("intend", "send", "say", "reconcile", "report", "retake")
DISTURBANCES = ("beat", "beat", "wait", "release", "crash")
USEFUL = {
    TakeState.INTENDED: ("intend", "send", "say", "reconcile"),
    TakeState.AMBIGUOUS: ("intend", "say", "reconcile"),
    TakeState.SUBMITTED: ("intend", "say", "report"),
    TakeState.COMPLETED: ("say", "report"),
    TakeState.STORED: ("say", "retake"),
    TakeState.FAILED: ("say", "retake"),
    TakeState.LOST: ("say", "retake"),
}


def take(fingerprint: str) -> TakeIntent:
    return TakeIntent(
        fingerprint=fingerprint,
        storyboard="Film",
        clip_id=f"scene/{fingerprint[:4]}.1",
        number=1,
        model="wan-2.2-i2v-fast",
        seed=1,
        parameters={},
        estimated_usd=0.1,
    )


class Renders:
    """Two workers, two takes at a time, one service, one ledger on disk."""

    def __init__(self, seed: int, path: Path) -> None:
        self.random = random.Random(seed)
        self.path = path
        self.clock = HandClock()
        self.open = AsyncExitStack()
        self.ledger: Ledger
        self.takes = ["0" * 64, "1" * 64]  # their fingerprints; the last two are at work
        self.accepted: dict[str, str] = {}  # request id: fingerprint
        self.unsaid: list[tuple[str, str, str]] = []  # owner, fingerprint, request id
        self.said: set[str] = set()
        self.retaken: Counter[str] = Counter()
        self.log: list[str] = []

    async def run(self, steps: int) -> None:
        await self.crash()
        for _ in range(steps):
            owner, fp = self.random.choice(OWNERS), self.random.choice(self.takes[-2:])
            slate = await self.ledger.find(fp)
            if slate is not None and slate.state is TakeState.STORED:
                self.takes.append(f"{len(self.takes):064}")
            if slate is not None and slate.owner is not None and self.random.random() < 0.8:
                owner = slate.owner
            name = self.choose(slate)
            self.log.append(f"{name} {owner} {fp[-4:]}")
            await getattr(self, name)(*(() if name == "crash" else (owner, fp, slate)))
            await self.check()
        await self.open.aclose()

    def choose(self, slate: Slate | None) -> str:
        """Mostly what leads on from there, often anything, sometimes a disturbance."""
        useful = ("intend",) if slate is None else USEFUL.get(slate.state, STEPS)
        [steps] = self.random.choices([useful, STEPS, DISTURBANCES], [12, 5, 3])
        return self.random.choice(steps)

    async def check(self) -> None:
        known: set[str | None] = set()
        for fp in self.takes:
            payments = sum(whose == fp for whose in self.accepted.values())
            assert payments <= 1 + self.retaken[fp], "paid twice"
            if (slate := await self.ledger.find(fp)) is not None:
                known.add(slate.request_id)
                known |= {past.request_id for past in await self.ledger.requests(fp)}
        assert self.said <= known, "a request id was forgotten"

    async def intend(self, owner: str, fp: str, _slate: Slate | None) -> None:
        holders = [each for each in OWNERS if fp in await self.ledger.held(each)]
        claim = await self.ledger.intend(take(fp), owner=owner, run=owner, lease_seconds=60)
        if claim.held:
            assert holders in ([], [owner]), "two hold one take"

    async def send(self, owner: str, fp: str, _slate: Slate | None) -> None:
        """The service may accept it, and its answer may arrive (to be said later) or not."""
        try:
            await self.ledger.sending(fp, owner)
        except (LeaseLost, IllegalTransition):
            return
        if self.random.random() < 0.7:
            request_id = f"req-{len(self.accepted)}"
            self.accepted[request_id] = fp
            if self.random.random() < 0.8:
                self.unsaid.append((owner, fp, request_id))

    async def say(self, _owner: str, _fp: str, _slate: Slate | None) -> None:
        if self.unsaid:
            said = self.random.choice(self.unsaid)
            if self.random.random() < 0.7:  # else once more, later
                self.unsaid.remove(said)
            owner, fp, request_id = said
            await self.ledger.submitted(fp, owner, request_id)
            self.said.add(request_id)

    async def reconcile(self, owner: str, fp: str, slate: Slate | None) -> None:
        """Search the service's history; adopt what is there, reopen what is certainly absent."""
        if slate is None or fp not in await self.ledger.held(owner):
            return
        if slate.may_have_been_sent:
            await self.ledger.ambiguous(fp, owner, "no answer")
        elif slate.state is not TakeState.AMBIGUOUS:
            return
        past = {each.request_id for each in await self.ledger.requests(fp)}
        found = [each for each, whose in self.accepted.items() if whose == fp and each not in past]
        if found:
            await self.ledger.submitted(fp, owner, found[-1])
            self.said.add(found[-1])
        else:
            await self.ledger.reopen(fp, owner)

    async def report(self, owner: str, fp: str, slate: Slate | None) -> None:
        if slate is None or slate.request_id is None:
            return
        words: tuple[Any, ...] = ("words",)
        steps = {"completed": 4, "stored": 4, "failed": 2, "lost": 2, "refused": 1, "ambiguous": 1}
        [step] = self.random.choices(list(steps), list(steps.values()))
        if step == "completed":
            words = ("https://images/1.mp4", 0.09)
        elif step == "stored":
            words = ("c" * 64, 1, 81, 832, 480)
        with suppress(LedgerConflict):
            await getattr(self.ledger, step)(fp, owner, *words)

    async def retake(self, owner: str, fp: str, slate: Slate | None) -> None:
        """A person asks for what is lost (even from the store) or failed once more."""
        if slate is not None and slate.state is TakeState.STORED:
            await self.ledger.lost(fp, owner, "deleted")
        elif slate is None or slate.state not in (TakeState.LOST, TakeState.FAILED):
            return
        await self.ledger.reopen(fp, owner)
        self.retaken[fp] += 1

    async def beat(self, owner: str, _fp: str, _slate: Slate | None) -> None:
        await self.ledger.heartbeat(owner, 60)

    async def wait(self, _owner: str, _fp: str, _slate: Slate | None) -> None:
        self.clock.turn(self.random.choice([20, 61]))

    async def release(self, owner: str, fp: str, _slate: Slate | None) -> None:
        await self.ledger.release(owner, fp)

    async def crash(self) -> None:
        """Every process dies; what was about to be said is never said."""
        self.unsaid.clear()
        await self.open.aclose()
        self.ledger = await self.open.enter_async_context(Ledger.open(self.path, clock=self.clock))


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 6))]
)
async def test_no_walk_pays_twice_or_forgets_a_request(seed: int, tmp_path: Path) -> None:
    renders = Renders(seed, tmp_path / "ledger.db")
    try:
        await renders.run(steps=150)
    except BaseException as error:
        error.add_note("\n".join(renders.log))
        raise
    finally:
        await renders.open.aclose()
    assert len(renders.said) >= 4  # it went somewhere
