"""Safeguards, each switched off alone from outside; nothing in longtake knows of this.

What a world is made of (``stage.Parts``) has a place for each: a ledger, media, a step or a part of
the render that does everything but one thing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio
import httpx

from longtake.clock import Clock
from longtake.ledger import (
    Slate,
    TakeState,
)
from longtake.media import ClipFacts
from longtake.media.measure.keeping import Keeper
from longtake.rendering.folder import RenderFolder
from longtake.rendering.holding import reopen
from longtake.rendering.reconciling import look_for
from longtake.rendering.render import Render
from longtake.rendering.repeated_steps import STEPS
from longtake.rendering.submit_times import SubmitTimes
from longtake.rendering.takes import Take
from longtake.segmind import Network
from tests.simulation.ablated_ledgers import (
    CheckedApart,
    IdAfterwards,
    IntentAfterwards,
    NobodyHolds,
    NoHeartbeat,
    NothingAccepted,
    OneWitness,
    PricesLate,
    SentUnlooked,
    SpentAlone,
)
from tests.simulation.media import HEAD, TinyMedia
from tests.simulation.network import Whole
from tests.simulation.stage import Parts


@dataclass(frozen=True)
class Safeguard:
    """What holds, in the words of the person who pays, and a render without it.

    Where another safeguard covers for it, ``without`` lacks both, and ``other`` only that one.
    """

    name: str
    without: Parts
    other: Parts = field(default_factory=Parts)


class Unread(TinyMedia):
    """A clip is whole if it begins like one."""

    async def inspect_clip(self, clip: Path, keeper: Keeper) -> ClipFacts:
        content = await anyio.Path(clip).read_bytes()
        if not content.startswith(HEAD):
            return await super().inspect_clip(clip, keeper)
        return ClipFacts(832, 480, 81, 16.0, "h264", len(content))


class ByTheWallClock(SubmitTimes):
    """How old a submit is, is told by the clock that is set now and then."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._at: dict[str, Any] = {}
        self._wall = clock

    def note(self, attempt_id: str) -> None:
        super().note(attempt_id)
        self._at[attempt_id] = self._wall.now()

    def age_seconds(self, attempt_id: str) -> float | None:
        at = self._at.get(attempt_id)
        return None if at is None else float((self._wall.now() - at).total_seconds())


class NoLastLook(SubmitTimes):
    """A submit leaves, however long ago it was written down."""

    def may_leave(self, attempt_id: str, within_seconds: float) -> bool:
        return True


class CheckedInPlace(RenderFolder):
    """A clip is written under its own name before it is checked."""

    def unchecked(self, take: Take) -> Path:
        return self.clip(take)


class NoDates(httpx.AsyncBaseTransport):
    """The service's answers do not tell its time."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._network.handle_async_request(request)
        response.headers.pop("date", None)
        return response


class NoSeeds(NoDates):
    """The history's rows do not tell by which seed a request can be known."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._network.handle_async_request(request)
        if "request-history" not in request.url.path:
            return response
        content = re.sub(rb'"seed":\s*"?[0-9.]+"?', b'"seedless": 0', await response.aread())
        headers = {key: value for key, value in response.headers.items() if "length" not in key}
        return httpx.Response(response.status_code, headers=headers, stream=Whole(content))


async def _sent_again(render: Render, take: Take) -> Slate:
    """Without an answer a submit was not accepted."""
    return await reopen(render, await render.ledger.get(take.fingerprint))


async def _sent_again_after_a_crash(render: Render, take: Take) -> Slate:
    slate = await render.ledger.get(take.fingerprint)
    if slate.state is TakeState.INTENDED:
        return await reopen(render, slate)
    return await look_for(render, take)


def _departing(kind: Callable[[Clock], SubmitTimes]) -> Callable[[Render], None]:
    def opened(render: Render) -> None:
        render.spending.submit_times = kind(render.clock)

    return opened


def _checked_in_place(render: Render) -> None:
    render.folder = CheckedInPlace(render.folder.root, render.folder.pictures)


def _not_alone(render: Render) -> None:
    render.spending.lock_for = lambda fingerprint: asyncio.Lock()  # type: ignore[method-assign]  # a new lock each time keeps nobody out


SAFEGUARDS = (
    Safeguard("a submit is written down before it leaves", Parts(ledger=IntentAfterwards)),
    Safeguard("a request's id is on record before anything else", Parts(ledger=IdAfterwards)),
    Safeguard(
        "an unanswered submit is looked for in the history",
        Parts(steps=replace(STEPS, reconcile=_sent_again)),
    ),
    Safeguard(
        "so is one that a crash cut off",
        Parts(steps=replace(STEPS, reconcile=_sent_again_after_a_crash)),
    ),
    Safeguard(
        "a row may come late: absence counts after a while",
        Parts(keeping={"ambiguous_seconds": 0.0}),
    ),
    Safeguard(
        "what was accepted before tells how late the history is", Parts(ledger=NothingAccepted)
    ),
    Safeguard("that while is told by a steady clock", Parts(opened=_departing(ByTheWallClock))),
    Safeguard("rows are compared by the service's clock", Parts(network=NoDates)),
    Safeguard("the seed tells attempts apart", Parts(network=NoSeeds)),
    Safeguard("a submit that was held up does not leave", Parts(opened=_departing(NoLastLook))),
    Safeguard(
        "one render at a time works on a take, and claims it again before it is sent",
        Parts(ledger=NobodyHolds),
        other=Parts(ledger=SentUnlooked),
    ),
    Safeguard("a take is claimed again right before it is sent", Parts(ledger=SentUnlooked)),
    Safeguard(
        "a lease is renewed while its render lives, and a take claimed again before it is sent",
        Parts(ledger=NoHeartbeat),
        other=Parts(ledger=SentUnlooked),
    ),
    Safeguard("equal clips of one render wait for each other", Parts(opened=_not_alone)),
    Safeguard("what is in flight counts against a budget", Parts(ledger=SpentAlone)),
    Safeguard(
        "a budget is checked where it is reserved, and again before a submit",
        Parts(ledger=CheckedApart),
    ),
    Safeguard("a price is learned as it is billed", Parts(ledger=PricesLate)),
    Safeguard("a clip counts once every byte was read", Parts(media=Unread)),
    Safeguard("a clip gets its name once it is checked", Parts(opened=_checked_in_place)),
    Safeguard("a file is lost once three say so for a while", Parts(ledger=OneWitness)),
    Safeguard("a clip is on the disk before it counts as stored", Parts(disk_keeps=False)),
    Safeguard("what the ledger was told outlasts a power cut", Parts(ledger_lags=4)),
)
