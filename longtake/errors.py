"""Every error that longtake raises on purpose, drawn by who must act.

::

    LongtakeError
    ├── StoryboardError         the author: mend the file (carries every problem found)
    ├── OperatorError           whoever runs it: mend the machine, the profile or the account
    │   ├── SettingsError           a profile or an environment variable is wrong
    │   ├── MissingKey              no API key, and the emulator was not asked for
    │   ├── MissingFfmpeg           no ffmpeg that can do the work
    │   ├── KeyRefused              401, 403: the service does not know or permit the key
    │   ├── OutOfCredits            402, 406: the account cannot pay
    │   │   └── SpendLimitReached       406: the team's limit; topping up does not help
    │   ├── ModelRetired            410: the service no longer offers the model
    │   ├── BudgetReached           the next clip does not fit into a budget (carries the sums)
    │   ├── DiskFull                no room is left where the ledger or the store lies
    │   ├── LedgerError             the ledger cannot be used
    │   │   ├── LedgerLocked            somebody else kept it locked for too long
    │   │   ├── LedgerTooNew            a newer longtake wrote it
    │   │   ├── LedgerUnreachable       no database answers there, or it is not a ledger
    │   │   └── LedgerForgotten         the ledger is empty, the store next to it is not
    │   └── StoreError              the store cannot be used
    │       ├── StoreUnreachable        the place does not answer, or does not permit it
    │       ├── MissingObject           nothing lies under that hash
    │       └── DamagedObject           what lies there has another hash
    ├── ServiceError            the service, or the way to it (carries operation, status, id)
    │   ├── RequestRefused          400 and its like: the service will not run this request
    │   ├── RequestUnknown          404: no such model, or a request that is unknown or expired
    │   │   └── FileNotYet              the clip is finished, its file cannot be had yet: ask later
    │   ├── RateLimited             429: slow down everywhere
    │   ├── ServiceUnavailable      5xx, time-outs, broken connections where repeating is safe
    │   ├── AmbiguousSubmit         the job may or may not have been accepted: never send it again
    │   ├── UnreadableAnswer        the body breaks the contract (carried whole)
    │   ├── AddressRefused          the address leads into a private network, or carries the key
    │   ├── JobOverdue              it was accepted and has not ended: ask again later
    │   └── GenerationFailed        the job ran and FAILED
    │       └── ContentBlocked          … because of its content: never send it unchanged
    ├── MediaError              a file: damaged, truncated or not what it claims to be
    │   ├── DamagedClip             a download that must not be used
    │   └── FfmpegFailed            ffmpeg ended badly (carries its words)
    ├── LedgerConflict          another render, or a bug: the ledger kept what was true before
    │   ├── LeaseLost               somebody else holds the take now: leave it to them
    │   │   └── FinishedElsewhere       … and has finished it: go on with what is there
    │   ├── IllegalTransition       the take's state does not permit the step
    │   └── DoublePayment           a take was accepted twice; both request ids are kept
    ├── ClipLost                a person: it is paid for, but its file cannot be had any more
    ├── ClipUnusable            a person: it is paid for and here, but no film can be made of it
    ├── RenderStopped           nobody: a clip was not submitted, since the render is stopping
    └── RenderIncomplete        nobody yet: some clips are missing, all that was paid for is kept

The command line turns the branch into an exit code (``exit_code``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from longtake.plain_text import safe


class LongtakeError(Exception):
    """The root: whatever longtake raises on purpose.

    Its words are fit to be printed and logged wherever they came from (``plain_text.safe``).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, *words: Any) -> None:
        super().__init__(*(safe(each) if isinstance(each, str) else each for each in words))


@dataclass(frozen=True)
class Problem:
    """One thing to mend in an authored file.

    ``place`` is the path of keys and 0-based list positions to the value, in the author's own
    words: ``("scenes", 0, "shots", 1, "seconds")``. ``line`` is 1-based, None where unknown.
    """

    place: tuple[str | int, ...]
    message: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        path = ".".join(str(part) for part in self.place)
        return ": ".join(part for part in (where, path, self.message) if part)


class StoryboardError(LongtakeError):
    """The storyboard (or another authored file) cannot be used; carries every problem at once."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class OperatorError(LongtakeError):
    """The machine, the profile or the account must be mended before a render can go on."""

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
    """The ledger cannot be used until somebody mends its place."""


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


class ServiceError(LongtakeError):
    """The service answered with an error, or did not answer.

    ``operation`` is a word for what was asked ("submit", "status", "download" …), ``status`` the
    HTTP status where there was one, ``request_id`` the service's id where it is known, ``body``
    the answer's text, cut to a readable length.
    """

    exit_code = 4

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int | None = None,
        request_id: str | None = None,
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.status = status
        self.request_id = request_id
        self.body = safe(body)


class KeyRefused(ServiceError, OperatorError):
    """401 or 403: the key is missing, invalid or not permitted; the render submits no more."""

    exit_code = 3


class OutOfCredits(ServiceError, OperatorError):
    """402 or 406: the account cannot pay; the whole render stops submitting."""

    exit_code = 3


class SpendLimitReached(OutOfCredits):
    """406: the team may not spend more; whoever manages it can raise the limit."""


class ModelRetired(ServiceError, OperatorError):
    """410: the service no longer offers this model; the whole render stops."""

    exit_code = 3


class RequestRefused(ServiceError):
    """400 and its like: the service will not run this request; only this clip stops."""


class RequestUnknown(ServiceError):
    """404: no such model, or a request that is unknown or whose record has expired."""


class RateLimited(ServiceError):
    """429: everyone slows down; ``retry_after_seconds`` where the service says it."""

    retry_after_seconds: float | None = None


class ServiceUnavailable(ServiceError):
    """A server error, a time-out or a broken connection where repeating is safe."""


class AmbiguousSubmit(ServiceError):
    """The request may have been accepted, but no usable answer came: never repeat it blindly."""


class UnreadableAnswer(ServiceError):
    """The body breaks the contract: not JSON, an unknown state, no output where one must be."""


class AddressRefused(ServiceError):
    """An address that is not fetched: it leads into a private network, or carries the key."""


class FileNotYet(RequestUnknown):
    """The clip is finished and paid for; its file cannot be had yet, and is asked for again."""


class JobOverdue(ServiceError):
    """The job was accepted and has not ended for longer than anybody waits; it may still be."""


class GenerationFailed(ServiceError):
    """The job ran and FAILED; it is not billed; another seed may do better."""


class ContentBlocked(GenerationFailed):
    """The job was stopped because of its content: never send it again unchanged."""


class MediaError(LongtakeError):
    """A media file could not be read or made."""

    exit_code = 4


class DamagedClip(MediaError):
    """A clip is truncated, corrupt, or not what it claims to be; it must not be used."""


class FfmpegFailed(MediaError):
    """ffmpeg ended with an error, ran out of time, or was killed; carries its last words."""


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


class RenderStopped(LongtakeError):
    """A clip was not submitted, because the render is stopping; it cost nothing."""

    exit_code = 5


class RenderIncomplete(LongtakeError):
    """Some clips are missing, all that was paid for is kept; ``missing`` names the clips."""

    exit_code = 5

    def __init__(self, message: str, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)
