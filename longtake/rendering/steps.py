"""The steps of a take, as the caller hands them in: Prefect's tasks, or plain functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from longtake.ledger import Slate
from longtake.rendering.render import Render
from longtake.rendering.takes import Images, StoredTake, Take
from longtake.story import ChainPlan, ClipPlan, GuidePlan


@dataclass(frozen=True)
class Steps:
    """Each does one thing that may fail and be repeated; what it does stands in its own module."""

    handover: Callable[[Render, ClipPlan, StoredTake | None], Awaitable[Images]]
    submit: Callable[[Render, Take], Awaitable[Slate]]
    reconcile: Callable[[Render, Take], Awaitable[Slate]]
    poll: Callable[[Render, Take, Slate], Awaitable[Slate]]
    download: Callable[[Render, Take, Slate], Awaitable[StoredTake]]


class People(Protocol):
    """Those who may be asked before more is paid for."""

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Whether the chain may go on from ``clip``, which is there; False: it begins again."""

    async def planted(self, guide: GuidePlan) -> bool:
        """Whether clips may be made between the guide's anchors, which are there; False: again."""

    async def given_up(self, chain: ChainPlan, clip: ClipPlan) -> None:
        """The chain ends at ``clip``, which could not be made: nobody need wait for it."""


class Nobody:
    """There is nobody to be asked."""

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Go on."""
        return True

    async def planted(self, guide: GuidePlan) -> bool:
        """Go on."""
        return True

    async def given_up(self, chain: ChainPlan, clip: ClipPlan) -> None:
        """Nobody waits."""
