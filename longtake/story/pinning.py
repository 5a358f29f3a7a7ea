"""Pins: where the film stays as it is, though the clip before is made again. Pure.

A clip in the middle of a chain is healed: it starts from the frame that the one before it hands
over, and moves towards the very picture that the one after it was started from::

    clip    1 ─ 2 ─ 3 ─ 4 ─ 5        3 is healed: it ends on 4's start image, and 4 begins there
                    └──►┤            still, so that 4 and 5 are the takes that were paid for
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from longtake.story.beginnings import Handover, Pinned
from longtake.story.continuity import TakesPlan
from longtake.story.plan import ChainPlan, ClipPlan, Plan


@dataclass(frozen=True)
class Pin:
    """A clip that is healed: ``sha256`` names the picture that it ends on.

    ``holds``: the clip after it starts from that very picture, as it did. Else it is made again,
    from the frame that the healed one hands over: the picture was not reached.
    """

    sha256: str
    holds: bool = True


Pins = Mapping[str, Pin]
"""By the id of the clip that is healed."""


def pinned_plan(plan: Plan, pins: Pins) -> Plan:
    """The plan with these clips healed: the film's frames and seams are the same.

    Raises ValueError for a clip that no other continues.
    """
    if not pins:
        return plan
    chains = tuple(_pinned_chain(chain, pins) for chain in plan.chains)
    pinned = {clip.id for chain in chains for clip in chain.clips if isinstance(clip.end, Pinned)}
    if lost := pins.keys() - pinned:
        raise ValueError(f"no clip continues {', '.join(sorted(lost))}")
    return plan.model_copy(update={"chains": chains})


def follower_of(chain: ChainPlan, clip_id: str) -> ClipPlan | None:
    """The clip that continues this one; None where none does."""
    after = dict(zip((clip.id for clip in chain.clips), chain.clips[1:], strict=False))
    follower = after.get(clip_id)
    return follower if follower is not None and follower.continues else None


def _once(clip: ClipPlan) -> dict[str, object]:
    """A healed clip is one payment, however many takes the storyboard asks for."""
    flagged = clip.continuity.model_copy(update={"gate": "flag"})
    gate = clip.continuity if clip.continuity.gate == "off" else flagged
    return {"takes": TakesPlan(), "continuity": gate}


def _pinned_chain(chain: ChainPlan, pins: Pins) -> ChainPlan:
    followers: Sequence[ClipPlan | None] = [*chain.clips[1:], None]
    clips: list[ClipPlan] = []
    starts: Pinned | None = None
    for clip, follower in zip(chain.clips, followers, strict=True):
        changes: dict[str, object] = {}
        if starts is not None:
            changes |= {"start": starts, "pinned_start": True}
        starts = None
        if clip.id in pins and follower is not None and isinstance(follower.start, Handover):
            pin = pins[clip.id]
            changes |= {"end": Pinned(sha256=pin.sha256), "pinned_end": pin.holds}
            changes |= _once(clip)
            starts = Pinned(sha256=pin.sha256) if pin.holds else None
        clips.append(clip.model_copy(update=changes))
    return chain.model_copy(update={"clips": tuple(clips)})
