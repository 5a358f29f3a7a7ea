"""What became of takes and of a render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from longtake.errors.root import LongtakeError


class LedgerConflict(LongtakeError):
    """A step contradicts what the ledger knows; facts about money were kept all the same."""


class LeaseLost(LedgerConflict):
    """The take is held by somebody else now (or by nobody): stop working on it."""


class FinishedElsewhere(LeaseLost):
    """The take was taken over and finished by another; ``slate`` is how it stands now."""

    def __init__(self, message: str, *, slate: Any = None) -> None:
        super().__init__(message)
        self.slate = slate


class IllegalTransition(LedgerConflict):
    """The take's state does not permit the step that was asked for."""


class DoublePayment(LedgerConflict):
    """A second request was accepted for one take; both ids and both costs are on record."""

    def __init__(self, message: str, *, request_ids: Sequence[str]) -> None:
        super().__init__(message)
        self.request_ids = tuple(request_ids)


class ClipLost(LongtakeError):
    """A clip was paid for and its file cannot be had; made again only when a person says so."""

    exit_code = 5


class ClipUnusable(LongtakeError):
    """A clip was paid for and its file is of no use; made again only when a person says so."""

    exit_code = 5


class Outdated(LongtakeError):
    """What a person saw and decided by is not how things stand any more: nothing was done.

    ``changed`` says of each thing that has changed, by its name, how: a script can go by it.
    """

    exit_code = 6

    def __init__(self, message: str, changed: Mapping[str, str]) -> None:
        super().__init__(message)
        self.changed = dict(changed)


class StaleDecision(Outdated):
    """Another take is there than the one that was shown: look again, then decide again."""

    def __init__(self, changed: Mapping[str, str]) -> None:
        said = "; ".join(f"{clip_id}: {why}" for clip_id, why in changed.items())
        super().__init__(
            f"{said}; look again, then decide again: nothing was written down", changed
        )


class StalePlan(Outdated):
    """A plan that was kept is not what a render would do any more: plan again."""


class RenderStopped(LongtakeError):
    """A clip was not submitted, because the render is stopping; it cost nothing."""

    exit_code = 5


class RenderIncomplete(LongtakeError):
    """Some clips are missing, all that was paid for is kept; ``missing`` names the clips."""

    exit_code = 5

    def __init__(self, message: str, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)
