"""What a failure means and what to do about it: one pure decision, used everywhere.

``decide(operation, failure)`` is the whole table of the contract. Nobody retries in here and the
client sends each request once: the loops are Prefect's, which asks ``may_retry``. Three facts
carry the table: reading is free, so reads repeat; each accepted POST is paid, so a paid call
repeats only when the service certainly took nothing; and FAILED is not billed, so a job may be
taken again with another seed unless its content was the reason. From them follows: of what was
accepted, no refusal is final but 404 (its record is gone); whatever else is said once, by a proxy,
a challenge or a service that is not ready yet, is asked again, and so is a finished file.
"""

from __future__ import annotations

from dataclasses import dataclass

from longtake.errors import (
    AmbiguousSubmit,
    ContentBlocked,
    DamagedClip,
    FileNotYet,
    GenerationFailed,
    KeyRefused,
    ModelRetired,
    OutOfCredits,
    RateLimited,
    RequestRefused,
    RequestUnknown,
    ServiceError,
    ServiceUnavailable,
    SpendLimitReached,
    UnreadableAnswer,
)
from longtake.plain_text import safe_part
from longtake.segmind.operations import OF_ACCEPTED, PAID, READS, Call, CallKind, Failure, Operation
from longtake.segmind.wording import (
    is_page,
    is_refusal,
    says_bad_form,
    says_content_blocked,
    says_credits,
    says_key_refused,
    says_spend_limit,
)

LONGEST_WAIT_SECONDS = 60.0
"""No hint of the service makes anybody wait longer: its format is undocumented."""

BODY_CHARACTERS = 2000
"""Bodies in errors are cut to this length; ``UnreadableAnswer`` carries its body whole …"""

WHOLE_BODY_CHARACTERS = 65_536
"""… as far as anybody would read it."""

_PASSES = frozenset({401, 402, 403, 406, 407, 408, 409, 423, 425})
"""Refusals that say nothing about a job that was accepted: asked again, they are gone."""

# A submit is answered at once: 500 and 503 say that no job was taken. A synchronous call may
# break after the job ran, so there only 503 is certain.
_REFUSED_BEFORE_WORK = {
    Operation.SUBMIT: frozenset({500, 503}),
    Operation.GENERATE: frozenset({503}),
}

_FIX: dict[type[ServiceError], str] = {
    KeyRefused: "Check SEGMIND_API_KEY: it is missing, revoked or not permitted here.",
    OutOfCredits: "Top up the account; everything paid for so far is kept.",
    SpendLimitReached: "Topping up does not help: the manager of the team can raise its limit. "
    "Everything paid for so far is kept.",
    FileNotYet: "The clip is finished and kept on record; its file cannot be had yet, and is asked "
    "for again.",
    ModelRetired: "The model is no longer offered; nothing more can be rendered with it.",
    RequestRefused: "Sending it again unchanged will not help.",
    RateLimited: "All calls slow down.",
    ContentBlocked: "Change the prompt or the image; the same again will be stopped again.",
    GenerationFailed: "It was not billed; another seed may do better.",
}


@dataclass(frozen=True)
class Judgement:
    """What one failure means.

    ``retry``: the same call may be sent again, a bounded number of times. ``wait_seconds``: no
    earlier than this (None: the caller's own back-off).
    """

    error: type[ServiceError]
    retry: bool
    wait_seconds: float | None

    @property
    def ambiguous(self) -> bool:
        """Whether a paid job may exist that we have no id for: look before sending again."""
        return issubclass(self.error, AmbiguousSubmit)


def decide(operation: Operation, failure: Failure) -> Judgement:
    """Return what ``failure`` means for ``operation``; pure, total, and tested row by row."""
    error = _error_type(operation, failure)
    retry = _repeats(operation, error)
    wait = failure.wait_seconds
    return Judgement(
        error=error,
        retry=retry,
        wait_seconds=min(wait, LONGEST_WAIT_SECONDS) if retry and wait is not None else None,
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
    """Return the error to raise: typed by ``decide``, and saying what happened and the fix."""
    judgement = decide(call.operation, failure)
    whole = issubclass(judgement.error, UnreadableAnswer)
    error = judgement.error(
        _message(call, failure, judgement),
        operation=str(call.operation),
        status=failure.status,
        request_id=call.request_id,
        body=safe_part(failure.body, WHOLE_BODY_CHARACTERS if whole else BODY_CHARACTERS),
    )
    if isinstance(error, RateLimited):
        error.retry_after_seconds = judgement.wait_seconds
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
            return _of_status(operation, failure)


def _of_status(operation: Operation, failure: Failure) -> type[ServiceError]:
    status, words, paid = failure.status or 0, failure.words, operation in PAID
    if operation is Operation.GENERATE and not is_refusal(failure.body):
        return AmbiguousSubmit  # it may stand in place of a clip that was made
    if paid and status in (400, 403, 422) and says_content_blocked(words):
        return ContentBlocked
    if status == 429:
        return RateLimited
    if status == 425:  # "too early": the service has not looked at it
        return ServiceUnavailable
    if operation in OF_ACCEPTED:
        return _of_accepted(failure)
    if status in (402, 406) or (status == 403 and says_spend_limit(words)):
        return _of_payment(status, words)
    if status in (401, 403):
        return ServiceUnavailable if is_page(failure.body) else KeyRefused
    if status == 404:
        no_account = operation is Operation.BALANCE and says_credits(words)
        return OutOfCredits if no_account else RequestUnknown
    if status == 410:
        return ModelRetired if paid else RequestUnknown
    if status >= 500 or status == 408:
        certain = not paid or status in _REFUSED_BEFORE_WORK[operation]
        return ServiceUnavailable if certain else AmbiguousSubmit
    return RequestRefused


def _of_accepted(failure: Failure) -> type[ServiceError]:
    """A job that was accepted stays so: only "unknown", and the key's own refusal, say anything."""
    status = failure.status or 0
    if status in (404, 410):
        return RequestUnknown
    if status in (401, 403) and says_key_refused(f"{failure.words} {failure.body[:2000]}"):
        return ServiceUnavailable if is_page(failure.body) else KeyRefused
    if status >= 500 or status in _PASSES:
        return ServiceUnavailable
    return UnreadableAnswer


def _of_payment(status: int, words: str) -> type[ServiceError]:
    """402 and 406: the team's limit, a form or a value that is refused, else credits."""
    if says_spend_limit(words):
        return SpendLimitReached
    return RequestRefused if status == 406 and says_bad_form(words) else OutOfCredits


def _of_download(status: int) -> type[ServiceError]:
    """Files lie on another host and no key is sent: 401 or 402 there say nothing about ours.

    The clip is finished, so whatever is said of its file may be a host that is late.
    """
    if status == 429:
        return RateLimited
    return ServiceUnavailable if status >= 500 or status == 408 else FileNotYet


def _repeats(operation: Operation, error: type[ServiceError]) -> bool:
    if issubclass(error, UnreadableAnswer):  # a proxy's page in place of an answer passes
        return operation in READS
    if issubclass(error, KeyRefused):  # of what is paid for even this is not believed at once
        return operation in OF_ACCEPTED
    return issubclass(error, RateLimited | ServiceUnavailable | FileNotYet)


def _message(call: Call, failure: Failure, judgement: Judgement) -> str:
    subject = call.request_id or call.subject
    what = f"{call.operation} {subject}".strip()
    status = f"HTTP {failure.status}" if failure.status is not None else ""
    seen = ": ".join(part for part in (status, failure.words) if part) or str(failure.kind)
    return f"{what}: {seen.rstrip('.')}. {_fix(call, judgement)}".strip()


def _fix(call: Call, judgement: Judgement) -> str:
    if judgement.ambiguous:
        clue = f" ({call.subject})" if call.subject and call.request_id else ""
        return (
            "The job may have been accepted, and paid for: do not send it again before looking "
            f"for it in the request history by its model and seed{clue}. Rendering again does "
            "that, and sends nothing before it has looked."
        )
    if judgement.error is RequestUnknown:
        return _fix_unknown(call)
    fix = _FIX.get(judgement.error, "It is safe to ask again." if judgement.retry else "")
    if (
        call.operation in (Operation.STATUS, Operation.RESULT)
        and judgement.error is not RateLimited
    ):
        return f"{fix} The job was accepted and is kept: rendering again asks for it.".strip()
    return fix


def _fix_unknown(call: Call) -> str:
    match call.operation:
        case Operation.SUBMIT | Operation.GENERATE:
            return "The service does not know this model."
        case Operation.STATUS | Operation.RESULT:
            return "Records live one hour; the request history still leads to the clip for days."
        case Operation.HISTORY:
            return "The request history does not list it (yet)."
        case Operation.UPLOAD:
            return "Nothing was uploaded: check upload_url in the profile."
        case _:
            return "Check api_url in the profile."
