"""What whoever runs it must fix: the machine, the profile, the account, ledger and store."""

from __future__ import annotations

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
    not told its cost, ``needed_usd`` is what was asked for on top.
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
