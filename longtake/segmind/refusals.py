"""From what was seen to the error to raise: each returns the typed error for one kind of failure.

Thin on purpose: the meaning of a failure is decided in ``longtake.segmind.retry`` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from longtake.errors import AddressRefused, AmbiguousSubmit, ServiceError, SubmitHeldUp
from longtake.plain_text import shortened
from longtake.segmind.answers import Answer, ContractBroken
from longtake.segmind.operations import Call, CallKind, Failure, Operation
from longtake.segmind.retry import error_for
from longtake.segmind.throttle import hinted_wait_seconds
from longtake.segmind.wire import Failed
from longtake.segmind.wording import error_words

T = TypeVar("T")


def refused(call: Call, answer: Answer, *, now: datetime) -> ServiceError:
    """Return the error for an answer whose HTTP status is not success; ``now`` is our own time."""
    wait_seconds = hinted_wait_seconds(answer.headers, now=now.timestamp())
    words = _redirect(answer) if 300 <= answer.status < 400 else error_words(answer.text)
    return error_for(
        call, Failure(CallKind.ANSWERED, words, answer.status, answer.text, wait_seconds)
    )


def read_answer(call: Call, answer: Answer, reader: Callable[[Answer], T], *, now: datetime) -> T:
    """What an answer says, as ``reader`` takes it. Raises the typed error for any other answer."""
    if not answer.success:
        raise refused(call, answer, now=now)
    try:
        return reader(answer)
    except ContractBroken as error:
        raise unreadable(call, str(error), answer) from error


def unreadable(call: Call, words: str, answer: Answer | None = None) -> ServiceError:
    """Return the error for an answer that breaks the contract; it carries the body."""
    status, body = (answer.status, answer.text) if answer else (None, "")
    return error_for(call, Failure(CallKind.UNREADABLE, words, status, body))


def forbidden(call: Call, objection: str) -> ServiceError:
    """Return the error for an address that is not asked at all."""
    where = f" {shortened(call.subject, 120)}" if call.subject else ""
    return AddressRefused(
        f"{call.operation}{where}: {objection}",
        operation=str(call.operation),
        request_id=call.request_id,
    )


def unclear(call: Call, why: str) -> ServiceError:
    """Return the error for a submit of which the history cannot tell what became of it."""
    return AmbiguousSubmit(
        f"{call.subject}: it cannot be told whether the service accepted it ({why}); it counts as "
        "paid and is not sent again. Rendering again looks once more; so can you, in the request "
        "history on the service's own pages",
        operation=str(call.operation),
    )


def job_failed(call: Call, answer: Answer, failed: Failed) -> ServiceError:
    """Return GenerationFailed or ContentBlocked for a body that says FAILED."""
    return error_for(call, Failure(CallKind.JOB_FAILED, failed.message, answer.status, answer.text))


def lost(call: Call, error: Exception) -> ServiceError:
    """Return the error for an answer that did not come, or did not come whole."""
    return error_for(call, Failure(CallKind.LOST, _plain(error)))


def not_sent(call: Call, error: Exception) -> ServiceError:
    """Return the error for a request that certainly did not reach the service."""
    return error_for(call, Failure(CallKind.NOT_SENT, _plain(error)))


def held_up(call: Call) -> SubmitHeldUp:
    """Return the error for a request that its sender kept back in the last moment."""
    return SubmitHeldUp(
        f"{call.operation} {call.subject}: this machine was too busy, or asleep, to send it in "
        "time, so it was not sent; it is safe to ask again",
        operation=str(call.operation),
    )


def failed_error(request_id: str, failed: Failed) -> ServiceError:
    """Return the error to raise for a job that ``status`` or ``result`` found FAILED."""
    call = Call(Operation.RESULT, request_id)
    return error_for(call, Failure(CallKind.JOB_FAILED, failed.message))


def _redirect(answer: Answer) -> str:
    where = shortened(answer.headers.get("location", "nowhere"), 120)
    return f"a redirect to {where}, which is never followed with the key; check the address"


def _plain(error: Exception) -> str:
    """Say it in words: many of these errors have no text of their own."""
    if isinstance(error, TimeoutError):
        return "the answer took too long"
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name
