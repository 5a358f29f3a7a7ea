"""What was kept of what was paid for: seconds of clips, and takes that were right at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from longtake.ledger import queries, verdicts
from longtake.ledger.database import Transaction
from longtake.ledger.records import Scope, Slate
from longtake.ledger.states import TakeState, Verdict
from longtake.story import family_of


class Yield(NamedTuple):
    """Of some clips: how many are there, how many by their first take, and how many seconds."""

    clip_count: int = 0
    first_pass_count: int = 0
    kept_seconds: float = 0.0


async def yields(tx: Transaction, by: Scope | str = Scope.STORYBOARD) -> dict[str, Yield]:
    """What was kept of what was paid for, by the same keys as ``costs``."""
    slates = await queries.slates(tx, state=TakeState.STORED)
    known = await verdicts.verdicts(tx, [slate.fingerprint for slate in slates])
    return yields_of(slates, known, Scope(by))


def yields_of(
    slates: Iterable[Slate], decided: Mapping[str, Verdict], by: Scope
) -> dict[str, Yield]:
    """By storyboard, day, run or all: one take of each clip is kept.

    It is the chosen one, else the one that was stored last and is not rejected; it counts where it
    was made. A clip that was edited since counts once, as it is by now.
    """
    found: dict[str, Yield] = defaultdict(Yield)
    for clip in _by_clip(slates).values():
        if (kept := _kept(clip, decided)) is None:
            continue
        key = "all" if by is Scope.ALL else str(getattr(kept, by.value))
        before = found[key]
        found[key] = Yield(
            before.clip_count + 1,
            before.first_pass_count + (kept.take_number == 1),
            round(before.kept_seconds + _seconds(kept), 6),
        )
    return dict(found)


def _by_clip(slates: Iterable[Slate]) -> dict[tuple[str, str], list[Slate]]:
    clips: dict[tuple[str, str], list[Slate]] = defaultdict(list)
    for slate in slates:
        if slate.state is TakeState.STORED:
            clips[slate.storyboard, slate.clip_id].append(slate)
    return clips


def _kept(takes: list[Slate], decided: Mapping[str, Verdict]) -> Slate | None:
    there = [each for each in takes if decided.get(each.fingerprint) is not Verdict.REJECTED]
    chosen = [each for each in there if decided.get(each.fingerprint) is Verdict.CHOSEN]
    return max(chosen or there, key=_stored_last, default=None)


def _stored_last(slate: Slate) -> tuple[float, str]:
    return slate.stored_at.timestamp() if slate.stored_at else 0.0, slate.fingerprint


def _seconds(slate: Slate) -> float:
    return (slate.frame_count or 0) / family_of(slate.model).fps_of(slate.parameters)
