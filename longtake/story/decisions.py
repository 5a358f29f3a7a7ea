"""What a render does with each clip, and why: the rows of a plan with reasons."""

from __future__ import annotations

from typing import Literal, Self

from longtake.story.changes import Change
from longtake.story.planned import Planned

Action = Literal["own", "reuse", "adopt", "fetch", "heal", "render", "decide"]
"""``reuse``: it is there. ``adopt``: its job was sent before, and is picked up. ``fetch``: it was
made and paid for, its file is brought. ``heal``: it is paid for, and ends where the next clip
begins, which stays. ``render``: it is paid for. ``decide``: a render would leave it out until a
person decides. ``own``: the author's own clip, paid to nobody."""

PAID: frozenset[Action] = frozenset({"heal", "render"})
"""What costs money."""

Because = Literal[
    "own",
    "there",
    "locked",
    "approved",
    "in flight",
    "may have been sent",
    "made",
    "new",
    "prompt changed",
    "parameter changed",
    "start changed",
    "upstream changed",
    "seed changed",
    "rejected",
    "failed",
    "not begun",
    "more takes",
    "lost",
    "unusable",
    "blocked",
]


class ClipDecision(Planned):
    """What a render does with a clip."""

    action: Action
    because: Because
    says: str
    """The reason, for a person."""
    changes: tuple[Change, ...] = ()
    """What is asked for otherwise than in the clip's last take."""
    takes: int = 0
    """How many takes are paid for at least."""
    takes_at_most: int = 0
    """And at most."""
    usd: float = 0.0
    """What is paid at least."""
    usd_at_most: float = 0.0
    take: int | None = None
    """The number of the take that the film would have, or that stands in the way of one."""
    fingerprint: str | None = None
    """That take's name in the ledger."""
    sha256: str | None = None
    """Of that take's file, where it is there."""
    beyond_budget: bool = False
    """Whether the day's budget is used up before its turn comes."""

    @classmethod
    def own(cls, file: str) -> Self:
        """Of an author's own clip."""
        return cls(action="own", because="own", says=f"your own clip {file}")


class Repair(Planned):
    """What can be done about a chain after an edit in its middle."""

    clips: tuple[str, ...]
    """Those that `longtake heal` would make between their neighbours."""
    heal_usd: float
    """What that costs."""
    cascade_usd: float
    """What it costs to make them and all that follows again, as a render does."""
