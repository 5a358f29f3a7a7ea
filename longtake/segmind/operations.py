"""What can be asked of the service, and what goes wrong, both as plain data.

Nothing here knows HTTP libraries, clocks or files: a ``Failure`` is what was seen, and
``longtake.segmind.retry`` alone says what it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """One kind of call; the word stands in every error and in the retry table."""

    SUBMIT = "submit"
    GENERATE = "generate"
    UPLOAD = "upload"
    STATUS = "status"
    RESULT = "result"
    DOWNLOAD = "download"
    BALANCE = "balance"
    HISTORY = "history"


PAID = frozenset({Operation.SUBMIT, Operation.GENERATE})
"""Each accepted call is one more paid job: there is no idempotency key."""

READS = frozenset(Operation) - PAID - {Operation.UPLOAD}
"""Plain GETs, safe to repeat for as long as it seems worth while."""


OF_ACCEPTED = frozenset({Operation.STATUS, Operation.RESULT, Operation.HISTORY})
"""What is asked of jobs that were accepted (or may have been): money hangs on the answer."""


class CallKind(StrEnum):
    """How far a call came before it failed."""

    NOT_SENT = "not sent"
    """No connection was made: the service cannot have seen the request."""

    LOST = "lost"
    """The request may have arrived; the answer did not, or not whole."""

    ANSWERED = "answered"
    """An answer with an HTTP status that is not success."""

    UNREADABLE = "unreadable"
    """Success by its HTTP status, but the body breaks the contract."""

    JOB_FAILED = "job failed"
    """The body says that the job ran and FAILED."""


@dataclass(frozen=True)
class Failure:
    """One failed call, as it was seen.

    ``words`` is what the service (or the way to it) said, for people. ``body`` is the answer's
    text. ``wait_seconds`` is how long the service asks us to stay away, if it says so.
    """

    kind: CallKind
    words: str = ""
    status: int | None = None
    body: str = ""
    wait_seconds: float | None = None


@dataclass(frozen=True)
class Call:
    """Which call an error belongs to.

    ``subject`` names what was asked for in a few words ("wan-2.2-t2v-fast, seed 7"): after an
    ambiguous submit it is all that a person has to find the job in the request history.
    """

    operation: Operation
    request_id: str | None = None
    subject: str = ""
    is_look: bool = False
    """Whether it is a look at how jobs stand, which leaves a part of the requests to others."""
