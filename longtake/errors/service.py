"""What the service answered, or the way to it."""

from __future__ import annotations

from longtake.errors.operating import OperatorError
from longtake.errors.root import LongtakeError
from longtake.plain_text import safe


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
    """406: the team may not spend more; its manager can raise the limit."""


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


class SubmitHeldUp(ServiceUnavailable):
    """A submit that did not leave soon after it was written down, and so was not sent at all."""


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
