"""What goes into the ledger and what comes out: plain frozen records, no database in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from longtake.ledger.states import TakeState, Verdict
from longtake.story import family_of


@dataclass(frozen=True, kw_only=True)
class TakeIntent:
    """One attempt at a clip, before anything happened to it.

    ``fingerprint`` decides identity: two takes with equal fingerprints are the same take, and the
    other fields only describe it. ``storyboard`` is its title, ``number`` is 1-based,
    ``parameters`` are wire names and JSON values, ``recipe`` names the version of everything that
    turns files into start images, ``estimated_usd`` is what will be reserved for it.
    """

    fingerprint: str
    storyboard: str
    clip_id: str
    number: int
    model: str
    seed: int
    parameters: Mapping[str, Any]
    estimated_usd: float
    recipe: str = ""
    start_sha256: str | None = None
    end_sha256: str | None = None


@dataclass(frozen=True)
class ShownTake:
    """A take as a person was shown it: ``sha256`` is that of the very file they looked at."""

    clip_id: str
    fingerprint: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Slate:
    """A take's row: what is known about it. Times are UTC, ``usd`` is None until it is known.

    ``run`` is the render whose intent led (or would lead) to the sending, ``day`` the UTC date
    ("2025-01-31") that its money is counted on. ``earlier`` requests are not here: ``requests``.
    """

    fingerprint: str
    state: TakeState
    storyboard: str
    run: str
    clip_id: str
    take_number: int
    model: str
    seed: int
    parameters: Mapping[str, Any]
    start_sha256: str | None
    end_sha256: str | None
    recipe: str
    request_id: str | None
    output_url: str | None
    estimated_usd: float
    usd: float | None
    metrics: Mapping[str, Any] | None
    clip_sha256: str | None
    size_bytes: int | None
    frame_count: int | None
    width: int | None
    height: int | None
    error: str | None
    error_kind: str | None
    owner: str | None
    lease_expires_at: datetime | None
    day: str
    intended_at: datetime
    sent_at: datetime | None
    submitted_at: datetime | None
    completed_at: datetime | None
    stored_at: datetime | None
    updated_at: datetime

    @property
    def called(self) -> str:
        """What errors call it: ``take 2 of dusk/1.1``."""
        return f"take {self.take_number} of {self.clip_id}"

    @property
    def attempt(self) -> tuple[Any, ...]:
        """What differs once anybody has gone on with the take, or has begun it again."""
        return self.state, self.intended_at, self.request_id

    @property
    def attempt_id(self) -> str:
        """Names the attempt at the take: another one once it was begun again, by whomever."""
        return f"{self.fingerprint} {self.intended_at.isoformat()}"

    @property
    def file(self) -> tuple[Any, ...]:
        """What differs once another file is on record for it, or another attempt."""
        return self.intended_at, self.clip_sha256

    @property
    def is_unsent(self) -> bool:
        """Whether nothing of it has left yet: it may be sent."""
        return self.state is TakeState.INTENDED and self.sent_at is None

    @property
    def may_have_been_sent(self) -> bool:
        """Whether its POST may have left while no answer is on record: reconcile, do not send."""
        return self.state is TakeState.INTENDED and self.sent_at is not None

    @property
    def asks_for(self) -> tuple[Any, ...]:
        """What all takes of one clip have in common: everything but the seed and the number."""
        seed = family_of(self.model).fields["seed"]
        parameters = {name: value for name, value in self.parameters.items() if name != seed}
        return self.clip_id, self.model, parameters, self.start_sha256, self.end_sha256

    def held_by(self, owner: str, now: datetime) -> bool:
        """Whether ``owner`` holds a lease that has not run out."""
        return self.owner == owner and self.live(now)

    def live(self, now: datetime) -> bool:
        """Whether anybody holds a lease that has not run out."""
        return (
            self.owner is not None
            and self.lease_expires_at is not None
            and self.lease_expires_at > now
        )


@dataclass(frozen=True)
class Claim:
    """What ``intend`` or ``reopen`` found: ``held`` says whether the caller may work on it now.

    Not held: either ``slate.state.ended`` (nothing to do but read it) or another live owner works
    on it (wait, and ask again). ``created``: this very call made the row. ``hold_seconds``: for how
    long nobody should send for the account that was named.
    """

    slate: Slate
    held: bool
    created: bool
    hold_seconds: float = 0.0


class Scope(StrEnum):
    """What a budget's limit is counted over."""

    RUN = "run"
    STORYBOARD = "storyboard"
    DAY = "day"
    ALL = "all"


@dataclass(frozen=True)
class Budget:
    """At most ``limit_usd`` for all that belongs to the take's run, storyboard or (UTC) day."""

    name: str
    limit_usd: float
    scope: Scope


@dataclass(frozen=True)
class Decision:
    """What a person decided about a take, why, and when."""

    verdict: Verdict
    note: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class PastRequest:
    """An accepted request that is no longer the slate's own: failed, lost, or paid twice.

    ``request_id`` is None for a lost take whose id was never known; ``usd`` is None where only
    ``estimated_usd`` can be counted; ``ended`` is "failed", "refused", "lost" or "double".
    """

    fingerprint: str
    request_id: str | None
    storyboard: str
    run: str
    day: str
    estimated_usd: float
    usd: float | None
    ended: str
    error: str | None
    recorded_at: datetime


@dataclass(frozen=True)
class CostRow:
    """Sums over one storyboard, day or run.

    ``usd`` is known to be paid (``lost_usd`` of it, estimates included, for files that nobody
    has); ``reserved_usd`` is estimated for what is under way or never told its cost.
    """

    key: str
    take_count: int
    usd: float
    reserved_usd: float
    lost_usd: float
    clip_count: int = 0
    """Clips of which a take is kept; with those below, only where ``Ledger.yields`` was asked."""
    first_pass_count: int = 0
    """Of them, those that the first take was right for."""
    kept_seconds: float = 0.0
    """Seconds of the takes that are kept."""

    @property
    def usd_per_kept_second(self) -> float | None:
        """Cost of a kept second; what was paid for unused takes is included."""
        return (self.usd + self.reserved_usd) / self.kept_seconds if self.kept_seconds else None

    @property
    def first_pass_yield(self) -> float | None:
        """The share of clips that the first take was right for."""
        return self.first_pass_count / self.clip_count if self.clip_count else None
