"""What a failure means and what to do about it: one pure decision, used everywhere.

``decide(operation, failure)`` is the whole table of the contract. Nobody retries in here and the
client sends each request once: the loops are Prefect's, which asks ``may_retry``. Three facts
carry the table: reading is free, so reads repeat; each accepted POST is paid, so a paid call
repeats only when the service certainly took nothing; and FAILED is not billed, so a job may be
taken again with another seed unless its content was the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from longtake.errors import (
    AmbiguousSubmit,
    ContentBlocked,
    DamagedClip,
    GenerationFailed,
    KeyRefused,
    ModelRetired,
    OperatorError,
    OutOfCredits,
    RateLimited,
    RequestRefused,
    RequestUnknown,
    ServiceError,
    ServiceUnavailable,
    UnreadableAnswer,
)
from longtake.segmind.operations import PAID, READS, Call, CallKind, Failure, Operation
from longtake.segmind.wording import says_bad_form, says_content_blocked

LONGEST_WAIT_SECONDS = 60.0
"""No hint of the service makes anybody wait longer: its format is undocumented."""

BODY_CHARACTERS = 2000
"""Bodies in errors are cut to this length; ``UnreadableAnswer`` carries its body whole."""

_SAME_EVERYWHERE: dict[int, type[ServiceError]] = {
    401: KeyRefused,
    402: OutOfCredits,
    403: KeyRefused,
    404: RequestUnknown,
    429: RateLimited,
}

# A submit is answered at once: 500 and 503 say that no job was taken. A synchronous call may
# break after the job ran, so there only 503 is certain.
_REFUSED_BEFORE_WORK = {
    Operation.SUBMIT: frozenset({500, 503}),
    Operation.GENERATE: frozenset({503}),
}

_MEND: dict[type[ServiceError], str] = {
    KeyRefused: "Check SEGMIND_API_KEY: it is missing, revoked or not permitted here.",
    OutOfCredits: "Top up the account; everything paid for so far is kept.",
    ModelRetired: "The model is no longer offered; nothing more can be rendered with it.",
    RequestRefused: "Sending it again unchanged will not help.",
    RateLimited: "All calls slow down.",
    ContentBlocked: "Change the prompt or the image; the same again will be stopped again.",
    GenerationFailed: "It was not billed; another seed may do better.",
}


@dataclass(frozen=True)
class Decision:
    """What one failure means.

    ``retry``: the same call may be sent again, a bounded number of times. ``wait_seconds``: no
    earlier than this (None: the caller's own back-off). ``stops_render``: every clip would meet
    it. ``may_retake``: the job may be taken again with another seed.
    """

    error: type[ServiceError]
    retry: bool
    wait_seconds: float | None
    stops_render: bool
    may_retake: bool

    @property
    def ambiguous(self) -> bool:
        """Whether a paid job may exist that we have no id for: look before sending again."""
        return issubclass(self.error, AmbiguousSubmit)


def decide(operation: Operation, failure: Failure) -> Decision:
    """Return what ``failure`` means for ``operation``; pure, total, and tested row by row."""
    error = _error_type(operation, failure)
    retry = _repeats(operation, error)
    wait = failure.wait_seconds
    return Decision(
        error=error,
        retry=retry,
        wait_seconds=min(wait, LONGEST_WAIT_SECONDS) if retry and wait is not None else None,
        stops_render=issubclass(error, OperatorError),
        may_retake=issubclass(error, GenerationFailed) and not issubclass(error, ContentBlocked),
    )


def may_retry(operation: Operation | str, error: BaseException) -> bool:
    """Whether ``operation``, having raised ``error``, may be sent again unchanged.

    A damaged download counts: the file is fetched again, for free. For anything that longtake
    did not raise on purpose the answer is no.
    """
    if isinstance(error, DamagedClip):
        return Operation(operation) is Operation.DOWNLOAD
    return isinstance(error, ServiceError) and _repeats(Operation(operation), type(error))


def error_for(call: Call, failure: Failure) -> ServiceError:
    """Return the error to raise: typed by ``decide``, and saying what happened and the mend."""
    decision = decide(call.operation, failure)
    whole = issubclass(decision.error, UnreadableAnswer)
    error = decision.error(
        _message(call, failure, decision),
        operation=str(call.operation),
        status=failure.status,
        request_id=call.request_id,
        body=failure.body if whole else failure.body[:BODY_CHARACTERS],
    )
    if isinstance(error, RateLimited):
        error.retry_after_seconds = decision.wait_seconds
    return error


def _error_type(operation: Operation, failure: Failure) -> type[ServiceError]:
    paid = operation in PAID
    match failure.kind:
        case CallKind.NOT_SENT:
            return ServiceUnavailable
        case CallKind.LOST:
            return AmbiguousSubmit if paid else ServiceUnavailable
        case CallKind.UNREADABLE:
            return AmbiguousSubmit if paid else UnreadableAnswer
        case CallKind.JOB_FAILED:
            return ContentBlocked if says_content_blocked(failure.words) else GenerationFailed
        case CallKind.ANSWERED if operation is Operation.DOWNLOAD:
            return _of_download(failure.status or 0)
        case CallKind.ANSWERED:
            return _of_status(operation, failure.status or 0, failure.words)


def _of_status(operation: Operation, status: int, words: str) -> type[ServiceError]:
    paid = operation in PAID
    if paid and status in (400, 403, 422) and says_content_blocked(words):
        return ContentBlocked
    if status in _SAME_EVERYWHERE:
        return _SAME_EVERYWHERE[status]
    if status == 406:
        return RequestRefused if says_bad_form(words) else OutOfCredits
    if status == 410:  # of a request id it means "expired": that must not stop the render
        return ModelRetired if paid else RequestUnknown
    if status >= 500 or status == 408:
        certain = not paid or status in _REFUSED_BEFORE_WORK[operation]
        return ServiceUnavailable if certain else AmbiguousSubmit
    return RequestRefused


def _of_download(status: int) -> type[ServiceError]:
    """Files lie on another host and no key is sent: 401 or 402 there say nothing about ours."""
    if status == 429:
        return RateLimited
    if status >= 500 or status == 408:
        return ServiceUnavailable
    return RequestUnknown if status in (401, 403, 404, 410) else RequestRefused


def _repeats(operation: Operation, error: type[ServiceError]) -> bool:
    if issubclass(error, UnreadableAnswer):  # a proxy's page in place of an answer passes
        return operation in READS
    return issubclass(error, RateLimited | ServiceUnavailable)


def _message(call: Call, failure: Failure, decision: Decision) -> str:
    subject = call.request_id or call.subject
    what = f"{call.operation} {subject}".strip()
    status = f"HTTP {failure.status}" if failure.status is not None else ""
    seen = ": ".join(part for part in (status, failure.words) if part) or str(failure.kind)
    return f"{what}: {seen.rstrip('.')}. {_mend(call, decision)}".strip()


def _mend(call: Call, decision: Decision) -> str:
    if decision.ambiguous:
        clue = f" ({call.subject})" if call.subject and call.request_id else ""
        return (
            "The job may have been accepted, and paid for: do not send it again before looking "
            f"for it in the request history by its model and seed{clue}."
        )
    if decision.error is RequestUnknown:
        if call.operation in PAID:
            return "The service does not know this model."
        return "Records live one hour; the request history still leads to the clip for days."
    if decision.retry:
        return _MEND.get(decision.error, "It is safe to ask again.")
    return _MEND.get(decision.error, "")
