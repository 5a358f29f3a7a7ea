"""Every error that longtake raises on purpose, drawn by who must act.

::

    LongtakeError
    ├── StoryboardError         the author: fix the file (carries every problem found)
    ├── OperatorError           the operator: fix the machine, the profile or the account
    │   ├── SettingsError           a profile or an environment variable is wrong
    │   ├── MissingKey              no API key, and the emulator was not asked for
    │   ├── MissingFfmpeg           no ffmpeg that can do the work
    │   ├── KeyRefused              401, 403: the service does not know or permit the key
    │   ├── OutOfCredits            402, 406: the account cannot pay
    │   │   └── SpendLimitReached       406: the team's limit; topping up does not help
    │   ├── ModelRetired            410: the service no longer offers the model
    │   ├── BudgetReached           the next clip does not fit into a budget (carries the sums)
    │   ├── OverMaxUsd              more is to be paid than was allowed (carries the ways on)
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
    │   │   └── SubmitHeldUp            a submit that was late on its way out: not sent, ask again
    │   ├── AmbiguousSubmit         the job may or may not have been accepted: never send it again
    │   ├── UnreadableAnswer        the body breaks the contract (carried whole)
    │   ├── AddressRefused          the address leads into a private network, or carries the key
    │   ├── JobOverdue              it was accepted and has not ended: ask again later
    │   └── GenerationFailed        the job ran and FAILED
    │       └── ContentBlocked          … because of its content: never send it unchanged
    ├── MediaError              a file: damaged, truncated or not what it claims to be
    │   ├── DamagedClip             a download that must not be used
    │   │   └── UnfitClip               … and fetching it again cannot help: so it was made
    │   └── FfmpegFailed            ffmpeg ended badly (carries its words)
    ├── LedgerConflict          another render, or a bug: the ledger kept what was true before
    │   ├── LeaseLost               somebody else holds the take now: leave it to them
    │   │   └── FinishedElsewhere       … and has finished it: go on with what is there
    │   ├── IllegalTransition       the take's state does not permit the step
    │   └── DoublePayment           a take was accepted twice; both request ids are kept
    ├── ClipLost                a person: it is paid for, but its file cannot be had any more
    ├── ClipUnusable            a person: it is paid for and here, but no film can be made of it
    ├── Outdated                a person: what they saw has changed since; look again
    │   ├── StaleDecision           … a take that was shown: it was made again, or decided on
    │   └── StalePlan               … a plan that was kept: the render would do something else
    ├── RenderStopped           nobody: a clip was not submitted, since the render is stopping
    └── RenderIncomplete        nobody yet: some clips are missing, all that was paid for is kept

The command line turns the branch into an exit code (``exit_code``).
"""

from __future__ import annotations

from longtake.errors.authored import Place, Problem, StoryboardError
from longtake.errors.media import DamagedClip, FfmpegFailed, MediaError, UnfitClip
from longtake.errors.operating import (
    BudgetReached,
    DamagedObject,
    DiskFull,
    LedgerError,
    LedgerForgotten,
    LedgerLocked,
    LedgerTooNew,
    LedgerUnreachable,
    MissingFfmpeg,
    MissingKey,
    MissingObject,
    OperatorError,
    OverMaxUsd,
    SettingsError,
    StoreError,
    StoreUnreachable,
)
from longtake.errors.root import LongtakeError
from longtake.errors.service import (
    AddressRefused,
    AmbiguousSubmit,
    ContentBlocked,
    FileNotYet,
    GenerationFailed,
    JobOverdue,
    KeyRefused,
    ModelRetired,
    OutOfCredits,
    RateLimited,
    RequestRefused,
    RequestUnknown,
    ServiceError,
    ServiceUnavailable,
    SpendLimitReached,
    SubmitHeldUp,
    UnreadableAnswer,
)
from longtake.errors.takes import (
    ClipLost,
    ClipUnusable,
    DoublePayment,
    FinishedElsewhere,
    IllegalTransition,
    LeaseLost,
    LedgerConflict,
    Outdated,
    RenderIncomplete,
    RenderStopped,
    StaleDecision,
    StalePlan,
)

__all__ = [
    "AddressRefused",
    "AmbiguousSubmit",
    "BudgetReached",
    "ClipLost",
    "ClipUnusable",
    "ContentBlocked",
    "DamagedClip",
    "DamagedObject",
    "DiskFull",
    "DoublePayment",
    "FfmpegFailed",
    "FileNotYet",
    "FinishedElsewhere",
    "GenerationFailed",
    "IllegalTransition",
    "JobOverdue",
    "KeyRefused",
    "LeaseLost",
    "LedgerConflict",
    "LedgerError",
    "LedgerForgotten",
    "LedgerLocked",
    "LedgerTooNew",
    "LedgerUnreachable",
    "LongtakeError",
    "MediaError",
    "MissingFfmpeg",
    "MissingKey",
    "MissingObject",
    "ModelRetired",
    "OperatorError",
    "OutOfCredits",
    "Outdated",
    "OverMaxUsd",
    "Place",
    "Problem",
    "RateLimited",
    "RenderIncomplete",
    "RenderStopped",
    "RequestRefused",
    "RequestUnknown",
    "ServiceError",
    "ServiceUnavailable",
    "SettingsError",
    "SpendLimitReached",
    "StaleDecision",
    "StalePlan",
    "StoreError",
    "StoreUnreachable",
    "StoryboardError",
    "SubmitHeldUp",
    "UnfitClip",
    "UnreadableAnswer",
]
