"""Was an unanswered submit accepted? What the rows of the request history say about it. Pure.

Three answers, since two would pay twice: *found*, certainly *absent*, or *unknown*. A row that
cannot be compared (no body, no seed, a body that the service has changed, a time without a zone)
may be ours, so it never counts as another's; nor is a list that cannot be seen to its end enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from longtake.segmind.answers import number_of
from longtake.segmind.history import HistoryRow
from longtake.story import family_of

TOLERANCE = timedelta(minutes=2)
"""The service's clock, as its answers tell it, and that of its history may differ by this much."""

DOUBTFUL = timedelta(hours=26)
"""A row that is older than the attempt by no more than this may be ours: clocks are set, and a time
that says it is UTC's may be another zone's."""

VERY_DOUBTFUL = timedelta(days=30)
"""The same where only our own clock told when the attempt was made: it may have been set since, by
any amount, so that no row of the history is too old."""

WEST = timedelta(hours=12)
"""How far a time without a zone may be behind UTC."""


@dataclass(frozen=True)
class Found:
    """The attempt was accepted: its row."""

    row: HistoryRow


@dataclass(frozen=True)
class Absent:
    """The whole list was seen, and no row in it can be the attempt's.

    ``late_seconds``: so long ago the service accepted a request that the list lacks all the same.
    """

    late_seconds: float = 0.0


@dataclass(frozen=True)
class Unknown:
    """It cannot be told; ``why`` says what would have to be looked at."""

    why: str


Search = Found | Absent | Unknown


class Likeness(Enum):
    """How two things compare."""

    SAME = "same"
    UNCLEAR = "unclear"
    OTHER = "other"


@dataclass(frozen=True)
class Attempt:
    """What is known of a submit: its model, its body as it was sent, and when (service's clock).

    A row that is older by less than ``doubtful`` may be the attempt's all the same. ``shown``: it
    was so long ago that its row is there if it was accepted; then a row alike that is known to be
    nobody else's is the attempt's, even where the clocks do not agree on it.
    """

    model: str
    body: Mapping[str, Any]
    since: datetime
    doubtful: timedelta = DOUBTFUL
    shown: bool = False


def judge(rows: Sequence[HistoryRow], attempt: Attempt) -> Search:
    """What these rows say; ``Absent`` speaks of them alone, not of further pages."""
    unclear: list[str] = []
    sure = {Likeness.SAME, Likeness.UNCLEAR} if attempt.shown else {Likeness.SAME}
    for row in rows:
        what, when = _likeness(row, attempt)
        if what is Likeness.SAME and when in sure:
            return Found(row)
        if Likeness.OTHER not in (what, when):
            unclear.append(row.request_id or "a row without an id")
    if unclear:
        more = f" and {len(unclear) - 1} more" if len(unclear) > 1 else ""
        return Unknown(f"{unclear[0]}{more} in the request history cannot be distinguished from it")
    return Absent()


def may_be(row: HistoryRow, attempt: Attempt) -> bool:
    """Whether the row is the attempt's, for all that it says itself."""
    return Likeness.OTHER not in _likeness(row, attempt)


def older_than(rows: Sequence[HistoryRow], attempt: Attempt) -> bool:
    """Whether all that follows was made before: with the newest first, paging may stop."""
    times = [row.created_at for row in rows]
    known = [each for each in times if each is not None and each.tzinfo is not None]
    if not rows or len(known) < len(times) or known != sorted(known, reverse=True):
        return False
    return known[0] < attempt.since - attempt.doubtful


def _likeness(row: HistoryRow, attempt: Attempt) -> tuple[Likeness, Likeness]:
    return _what(row, attempt), _when(row, attempt.since, attempt.doubtful)


def _what(row: HistoryRow, attempt: Attempt) -> Likeness:
    """Whether the row's request is the one that was sent."""
    family = family_of(attempt.model)
    if row.seed is None or not row.request_body:
        prompt = compared(
            *(family.value_of("prompt", each) for each in (row.request_body, attempt.body))
        )
        return Likeness.OTHER if prompt is Likeness.OTHER else Likeness.UNCLEAR
    shared = row.request_body.keys() & attempt.body.keys()
    likeness = {key: compared(row.request_body[key], attempt.body[key]) for key in shared}
    certain = (family.value_of("seed", likeness), family.value_of("prompt", likeness))
    if Likeness.OTHER in certain:
        return Likeness.OTHER
    alike = all(each is Likeness.SAME for each in likeness.values())
    same_model = _plain(row.model) in ("", _plain(attempt.model))
    return Likeness.SAME if alike and same_model else Likeness.UNCLEAR


def _when(row: HistoryRow, since: datetime, doubtful: timedelta) -> Likeness:
    """Whether the row was made at the moment of the attempt or later."""
    made = row.created_at
    if made is None:
        return Likeness.SAME if row.untimed else Likeness.UNCLEAR
    if made.tzinfo is None:
        utc = made.replace(tzinfo=since.tzinfo)
        if since - TOLERANCE <= utc:
            return Likeness.SAME
        return Likeness.OTHER if utc + WEST < since - doubtful else Likeness.UNCLEAR
    if made >= since - TOLERANCE:
        return Likeness.SAME
    return Likeness.UNCLEAR if made >= since - doubtful else Likeness.OTHER


def compared(theirs: Any, ours: Any) -> Likeness:
    """Whether a value is the one that was sent, whatever type the service has made of it."""
    if theirs is None or ours is None:
        return Likeness.SAME if theirs is ours else Likeness.UNCLEAR
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return _flags(theirs, ours)
    ours_number, theirs_number = number_of(ours), number_of(theirs)
    if ours_number is not None and theirs_number is not None:
        return Likeness.SAME if ours_number == theirs_number else Likeness.OTHER
    if not (isinstance(theirs, str) and isinstance(ours, str)):
        return Likeness.SAME if theirs == ours else Likeness.UNCLEAR
    one, other = " ".join(theirs.split()), " ".join(ours.split())
    if one == other:
        return Likeness.SAME
    cut = one.rstrip("….")  # a list may show the beginning only, however short
    return Likeness.UNCLEAR if other.startswith(cut) else Likeness.OTHER


def _flags(theirs: Any, ours: Any) -> Likeness:
    one, other = (str(each).strip().lower() for each in (theirs, ours))
    words = {"1": "true", "0": "false"}
    return Likeness.SAME if words.get(one, one) == words.get(other, other) else Likeness.UNCLEAR


def _plain(model: str) -> str:
    return "".join(each for each in model.lower() if each.isalnum())
