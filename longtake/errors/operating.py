"""What the operator must fix: the machine, the profile, the account, ledger and store."""

from __future__ import annotations

from collections.abc import Sequence

from longtake.errors.root import LongtakeError


class OperatorError(LongtakeError):
    """The machine, the profile or the account must be fixed before a render can go on."""

    exit_code = 3


class SettingsError(OperatorError):
    """A profile or an environment variable is wrong."""

    exit_code = 2


class MissingKey(OperatorError):
    """There is no API key and the emulator was not asked for."""


class MissingFfmpeg(OperatorError):
    """There is no ffmpeg that can do the work."""


class BudgetReached(OperatorError):
    """The next clip does not fit into a budget; nothing was reserved for it.

    ``spent_usd`` is known to be paid, ``reserved_usd`` is estimated for what is under way or has
    not reported its cost, ``needed_usd`` is what was asked for on top.
    """

    def __init__(
        self,
        budget: str,
        *,
        limit_usd: float,
        spent_usd: float,
        reserved_usd: float,
        needed_usd: float,
    ) -> None:
        over_usd = spent_usd + reserved_usd - limit_usd
        passed = f" (passed by {over_usd:.2f} USD: what was in flight cost more than estimated)"
        super().__init__(
            f"budget {budget!r} of {limit_usd:.2f} USD is reached"
            f"{passed if over_usd > 0.005 else ''}: {spent_usd:.2f} USD spent, "
            f"{reserved_usd:.2f} USD reserved, the next clip needs about {needed_usd:.2f} USD; "
            "raise the budget and render again to go on"
        )
        self.budget = budget
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self.reserved_usd = reserved_usd
        self.needed_usd = needed_usd

    @classmethod
    def from_words(cls, words: str) -> BudgetReached:
        """As another process reported it: its words, without the sums."""
        error = cls("", limit_usd=0, spent_usd=0, reserved_usd=0, needed_usd=0)
        error.args = (words,)
        return error


class OverMaxUsd(OperatorError):
    """What is to be paid is more than was allowed: nothing was sent.

    ``usd`` is the least it costs, ``usd_at_most`` the most. ``shots`` are the first of the film
    that may be had for ``max_usd``; they cost ``shots_usd``.
    """

    def __init__(
        self,
        *,
        max_usd: float,
        usd: float,
        usd_at_most: float,
        shots: Sequence[str],
        shots_usd: float,
    ) -> None:
        between = f"{usd:.2f}" if usd == usd_at_most else f"{usd:.2f} to {usd_at_most:.2f}"
        some = f", or --only {' '.join(shots)} for {shots_usd:.2f} USD" if shots else ""
        super().__init__(
            f"{between} USD are to be paid, and --max-usd is {max_usd:.2f}: nothing was sent. "
            f"Allow --max-usd {usd:.2f}{some}"
        )
        self.max_usd = max_usd
        self.usd = usd
        self.usd_at_most = usd_at_most
        self.shots = tuple(shots)
        self.shots_usd = shots_usd


class DiskFull(OperatorError):
    """There is no room left (or no quota) where the ledger or the store lies."""


class LedgerError(OperatorError):
    """The ledger cannot be used until somebody fixes its place."""


class LedgerLocked(LedgerError):
    """Another process kept the ledger locked for longer than we were willing to wait."""


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer longtake, whose records this one might misread."""


class LedgerUnreachable(LedgerError):
    """No database answers at the ledger's URL, or what lies there is not a ledger."""


class LedgerForgotten(LedgerError):
    """The ledger knows of nothing, yet its store holds clips, which would be paid for again."""


class StoreError(OperatorError):
    """The store, or an object in it, cannot be used."""


class StoreUnreachable(StoreError):
    """The store's place does not answer, does not exist or does not permit what was asked."""


class MissingObject(StoreError):
    """Nothing lies in the store under that hash; ``key`` names where it was looked for."""

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message)
        self.key = key


class DamagedObject(StoreError):
    """The object under ``key`` does not have the hash that it is filed under."""

    def __init__(self, message: str, *, key: str) -> None:
        super().__init__(message)
        self.key = key
