"""Why a render does with a clip what it does: by the ledger's last take of the clip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from longtake.ledger import Ledger, Slate, TakeState, Verdict
from longtake.rendering.known_takes import TakesAhead
from longtake.rendering.takes import Images
from longtake.story import Anchor, ClipPlan, Cut, Handover, Own, Pinned, take_of
from longtake.story.changes import Asked, Change, changes_between, in_words
from longtake.story.decisions import Action, Because, ClipDecision


class Seen(NamedTuple):
    """What was seen of a clip: ``images`` is None where one of them has yet to be made."""

    clip: ClipPlan
    ahead: TakesAhead
    images: Images | None
    follows: bool
    usd: float
    usd_at_most: float


async def decisions_of(
    ledger: Ledger, storyboard: str, seen: Sequence[Seen]
) -> dict[str, ClipDecision]:
    """What is done with each clip, and why; ``storyboard`` is the film's title."""
    slates = await ledger.slates(storyboard=storyboard)
    verdicts = await ledger.verdicts([slate.fingerprint for slate in slates])
    claimed = {each.ahead.slate.fingerprint for each in seen if each.ahead.slate}
    before = _latest(slate for slate in slates if slate.fingerprint not in claimed)
    return {
        each.clip.id: ClipDecision.own(each.clip.start.file)
        if isinstance(each.clip.start, Own)
        else _standing(each, each.ahead.slate, verdicts)
        if each.ahead.slate
        else _to_make(each, before.get(each.clip.id), verdicts)
        for each in seen
    }


def _latest(slates: Iterable[Slate]) -> dict[str, Slate]:
    """The last take of each clip, last changed first; one that is there before one that is not."""
    known: dict[str, Slate] = {}
    for slate in slates:
        mine = known.setdefault(slate.clip_id, slate)
        if mine.state is not TakeState.STORED and slate.state is TakeState.STORED:
            known[slate.clip_id] = slate
    return known


def _standing(seen: Seen, slate: Slate, verdicts: Mapping[str, Verdict]) -> ClipDecision:
    """Of a clip with a take that is there, under way, or in the way of another."""
    action, because, says = _by_state(slate, verdicts.get(slate.fingerprint))
    return ClipDecision(
        action=action,
        because=because,
        says=says,
        take=slate.take_number,
        fingerprint=slate.fingerprint,
        sha256=slate.clip_sha256,
    )


def _by_state(slate: Slate, verdict: Verdict | None) -> tuple[Action, Because, str]:
    which, why = f"take {slate.take_number}", slate.error or slate.state.value
    match slate.state:
        case TakeState.STORED if verdict is Verdict.CHOSEN:
            return "reuse", "locked", f"{which} is chosen"
        case TakeState.STORED if verdict is Verdict.APPROVED:
            return "reuse", "approved", f"{which} is there and approved"
        case TakeState.STORED:
            return "reuse", "there", f"{which} is there"
        case TakeState.COMPLETED:
            return "fetch", "made", f"{which} is made and paid for: its file is fetched"
        case TakeState.SUBMITTED:
            return "adopt", "in flight", f"request {slate.request_id} is under way"
        case TakeState.AMBIGUOUS | TakeState.INTENDED:
            return "adopt", "may have been sent", f"{which} is looked for in the request history"
        case TakeState.LOST:
            return "decide", "lost", f"paid for, its file is gone ({why}): --retake-lost pays again"
        case TakeState.UNUSABLE:
            return "decide", "unusable", f"paid for and of no use ({why}): --retake-lost pays again"
    return "decide", "blocked", f"stopped because of its content ({why}): change the prompt"


def _to_make(seen: Seen, before: Slate | None, verdicts: Mapping[str, Verdict]) -> ClipDecision:
    """Of a clip that is to be paid for."""
    because, says, changes = _reason(seen, before, verdicts)
    return ClipDecision(
        action="heal" if isinstance(seen.clip.end, Pinned) else "render",
        because=because,
        says=says,
        changes=changes,
        takes=seen.ahead.to_make,
        takes_at_most=seen.ahead.at_most,
        usd=seen.usd,
        usd_at_most=seen.usd_at_most,
    )


Reason = tuple[Because, str, tuple[Change, ...]]


def _reason(seen: Seen, before: Slate | None, verdicts: Mapping[str, Verdict]) -> Reason:
    clip = seen.clip
    if before is None:
        return "new", f"new{_and_upstream(seen)}", ()
    changes = changes_between(
        Asked(before.model, before.parameters), Asked(clip.model, clip.parameters)
    )
    if changes:
        because: Because = "parameter changed"
        if any(each.what == "prompt" for each in changes):
            because = "prompt changed"
        elif all(each.what == "model" for each in changes):
            because = "start changed"
        return because, in_words(changes) + _and_upstream(seen), changes
    if seen.follows and isinstance(clip.start, Handover):
        return "upstream changed", f"{clip.start.clip_id}, which it continues, is made again", ()
    if changed := _other_images(seen, before):
        source = clip.start.clip_id if isinstance(clip.start, Handover | Anchor) else None
        if source is not None:
            return "upstream changed", f"it begins from another frame of {source}", changed
        return "start changed", in_words(changed), changed
    seeds = [take_of(clip, n).seed for n in range(1, before.take_number + 1)]
    if before.seed not in seeds:
        change = Change(what="seed", before=before.seed, after=seeds[0])
        return "seed changed", change.says, (change,)
    return _same_again(seen, before, verdicts.get(before.fingerprint))


def _same_again(seen: Seen, before: Slate, verdict: Verdict | None) -> Reason:
    """Of a clip that is asked for as before, and needs another take all the same."""
    which = f"take {before.take_number}"
    if verdict is Verdict.REJECTED:
        return "rejected", f"{which} was rejected", ()
    if before.state is TakeState.FAILED:
        return "failed", f"{which} failed and was not billed: {before.error}", ()
    if before.state in (TakeState.REFUSED, TakeState.INTENDED):
        return "not begun", f"{which} was never accepted", ()
    count = seen.ahead.to_make
    return "more takes", f"{which} is there, {count} more {'is' if count == 1 else 'are'} due", ()


def _other_images(seen: Seen, before: Slate) -> tuple[Change, ...]:
    """Which of its images are not those that the take before had; one yet to be made is another."""
    clip, images = seen.clip, seen.images
    if images is None:
        images = Images(None if isinstance(clip.start, Cut | Own) else "", "" if clip.end else None)
    ends = (
        ("start image", before.start_sha256, images.start),
        ("end image", before.end_sha256, images.end),
    )
    return tuple(
        Change(what=what, before=_short(old), after=_short(new) or "another")
        for what, old, new in ends
        if old != new
    )


def _short(sha256: str | None) -> str | None:
    return sha256 and sha256[:12]


def _and_upstream(seen: Seen) -> str:
    start = seen.clip.start
    if seen.follows and isinstance(start, Handover):
        return f"; {start.clip_id}, which it continues, is made again as well"
    return ""
