"""No order of steps, crashes, late answers and lapsed leases pays twice or loses a request id.

Workers follow the protocol (intend, send, record, reconcile) but may stop anywhere, hold on to
what they were about to say, and say it late. The service is a dictionary of what it accepted.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from longtake.errors import IllegalTransition, LeaseLost, LedgerConflict
from longtake.ledger import Ledger, Slate, State, Take
from tests.ledger.conftest import HandClock

T = TypeVar("T")
OWNERS = st.sampled_from(["left", "right"])
FINGERPRINTS = ("a" * 64, "b" * 64)
TAKES = st.sampled_from(FINGERPRINTS)


def take(fingerprint: str) -> Take:
    return Take(
        fingerprint=fingerprint,
        storyboard="Film",
        clip_id=f"scene/{fingerprint[0]}.1",
        number=1,
        model="wan-2.2-i2v-fast",
        seed=1,
        parameters={},
        estimated_usd=0.1,
    )


class Renders(RuleBasedStateMachine):
    """Two workers, two takes, one service, one ledger on disk."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.open = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = HandClock()
        self.ledger: Ledger = self.do(self.opened())
        self.accepted: dict[str, str] = {}  # request id: fingerprint
        self.unsaid: list[tuple[str, str, str]] = []  # owner, fingerprint, request id
        self.said: set[str] = set()
        self.retaken: dict[str, int] = {}

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.runner.run(run())

    async def opened(self) -> Ledger:
        path = Path(self.folder.name) / "ledger.db"
        return await self.open.enter_async_context(Ledger.open(path, clock=self.clock))

    def slate(self, fp: str) -> Slate | None:
        return self.do(self.ledger.find(fp))

    @rule(owner=OWNERS, fp=TAKES, lease=st.sampled_from([10.0, 60.0]))
    def intend(self, owner: str, fp: str, lease: float) -> None:
        holders = [each for each in ("left", "right") if self.holds(each, fp)]
        claim = self.do(self.ledger.intend(take(fp), owner=owner, run=owner, lease_seconds=lease))
        if claim.held:
            assert holders in ([], [owner])

    @precondition(lambda self: self.known())
    @rule(data=st.data(), accepted=st.booleans(), answered=st.booleans())
    def send(self, data: Any, accepted: bool, answered: bool) -> None:
        owner, fp = self.worker(data)
        try:
            self.do(self.ledger.sending(fp, owner))
        except (LeaseLost, IllegalTransition):
            return
        assert self.slate(fp) is not None
        if accepted:
            request_id = f"req-{len(self.accepted)}"
            self.accepted[request_id] = fp
            if answered:
                self.unsaid.append((owner, fp, request_id))

    @precondition(lambda self: self.unsaid)
    @rule(data=st.data(), again=st.booleans())
    def say(self, data: Any, again: bool) -> None:
        said = data.draw(st.sampled_from(self.unsaid))
        if not again:
            self.unsaid.remove(said)
        owner, fp, request_id = said
        self.do(self.ledger.submitted(fp, owner, request_id))
        self.said.add(request_id)

    @precondition(lambda self: self.known())
    @rule(data=st.data())
    def reconcile(self, data: Any) -> None:
        """Search the service's history; adopt what is there, reopen what is certainly absent."""
        owner, fp = self.worker(data)
        slate = self.slate(fp)
        if slate is None or not self.holds(owner, fp):
            return
        if slate.may_have_been_sent:
            self.do(self.ledger.ambiguous(fp, owner, "no answer"))
        elif slate.state is not State.AMBIGUOUS:
            return
        past = {each.request_id for each in self.do(self.ledger.requests(fp))}
        found = [each for each, whose in self.accepted.items() if whose == fp and each not in past]
        if found:
            self.do(self.ledger.submitted(fp, owner, found[-1]))
            self.said.add(found[-1])
        else:
            self.do(self.ledger.reopen(fp, owner))

    @precondition(lambda self: self.known())
    @rule(
        data=st.data(),
        step=st.sampled_from(["completed", "stored", "failed", "lost", "refused", "ambiguous"]),
    )
    def report(self, data: Any, step: str) -> None:
        owner, fp = self.worker(data)
        slate = self.slate(fp)
        if slate is None or slate.request_id is None:
            return
        words: tuple[Any, ...] = ("https://images/1.mp4", 0.09)
        if step == "stored":
            words = ("c" * 64, 1, 81, 832, 480)
        elif step != "completed":
            words = ("words",)
        with suppress(LedgerConflict):
            self.do(getattr(self.ledger, step)(fp, owner, *words))

    @precondition(lambda self: self.spoiled())
    @rule(owner=OWNERS, data=st.data())
    def retake(self, owner: str, data: Any) -> None:
        """A person asks for what is lost or failed once more."""
        fp = data.draw(st.sampled_from(self.spoiled()))
        self.do(self.ledger.reopen(fp, owner))
        self.retaken[fp] = self.retaken.get(fp, 0) + 1

    @rule(owner=OWNERS)
    def beat(self, owner: str) -> None:
        self.do(self.ledger.heartbeat(owner, 30))

    @rule(owner=OWNERS)
    def release(self, owner: str) -> None:
        self.do(self.ledger.release(owner))

    @rule(seconds=st.sampled_from([5, 31, 61]))
    def wait(self, seconds: int) -> None:
        self.clock.turn(seconds)

    @rule()
    def crash(self) -> None:
        """Every process dies; what was about to be said is never said."""
        self.unsaid.clear()
        self.do(self.open.aclose())
        self.ledger = self.do(self.opened())

    def known(self) -> list[Slate]:
        return self.do(self.ledger.slates())

    def spoiled(self) -> list[str]:
        spoiled = (State.LOST, State.FAILED)
        return [slate.fingerprint for slate in self.known() if slate.state in spoiled]

    def worker(self, data: Any) -> tuple[str, str]:
        """Mostly somebody who is, or was, at work on the take; sometimes anybody."""
        slate = data.draw(st.sampled_from(self.known()))
        anybody = data.draw(st.integers(0, 4)) == 0 or slate.owner is None
        return data.draw(OWNERS) if anybody else slate.owner, slate.fingerprint

    def holds(self, owner: str, fp: str) -> bool:
        return fp in self.do(self.ledger.held(owner))

    @invariant()
    def no_take_is_paid_twice_unless_a_person_asked(self) -> None:
        for fp in FINGERPRINTS:
            payments = sum(whose == fp for whose in self.accepted.values())
            assert payments <= 1 + self.retaken.get(fp, 0)

    @invariant()
    def no_request_id_is_forgotten(self) -> None:
        known = set()
        for fp in FINGERPRINTS:
            slate = self.slate(fp)
            if slate is not None:
                known.add(slate.request_id)
                known |= {past.request_id for past in self.do(self.ledger.requests(fp))}
        assert self.said <= known

    def teardown(self) -> None:
        self.do(self.open.aclose())
        self.runner.close()
        self.folder.cleanup()


TestRenders = Renders.TestCase
TestRenders.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
