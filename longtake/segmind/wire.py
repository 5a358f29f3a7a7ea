"""Bodies of the service, turned into types: the only place that knows their keys.

A job is always in exactly one of four states, and each is a type of its own. A body that fits
none raises ``ContractBroken``: an unknown state is an error, never "still running". All sums of
money are USD, all times seconds. Pure: no HTTP library, clock or file.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from longtake.segmind.wording import error_words, says_content_blocked, words_in


class ContractBroken(ValueError):
    """A body is not what the contract promises; the text says what is wrong with it."""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, read to its end: status, headers (names in lower case) and text."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def success(self) -> bool:
        """Whether the HTTP status is 2xx; the body may still say otherwise."""
        return 200 <= self.status < 300

    @cached_property
    def data(self) -> Any:
        """The body as JSON; None if it is not JSON."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object, or raise ``ContractBroken``."""
        if not isinstance(self.data, dict):
            raise ContractBroken("the body is not a JSON object")
        return self.data


@dataclass(frozen=True)
class Queued:
    """Accepted; no machine works on it yet."""

    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Processing:
    """A machine works on it."""

    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Completed:
    """Done and billed.

    ``output_url`` is where the clip lies; only the final body (``result``) promises it, in a
    ``status`` answer it is mostly "". ``cost_usd`` is None where the service does not tell.
    """

    output_url: str
    cost_usd: float | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The job ran and FAILED; it is not billed. ``message`` holds the service's own words."""

    message: str
    content_blocked: bool = False
    metrics: Mapping[str, Any] = field(default_factory=dict)


JobState = Queued | Processing | Completed | Failed


@dataclass(frozen=True)
class Submitted:
    """The service took the job; from here on it may cost money, so keep the id first."""

    request_id: str


@dataclass(frozen=True)
class Balance:
    """What the account can spend, in USD; ``free_usd`` comes on top of ``usd``."""

    usd: float
    free_usd: float = 0.0


def read_submitted(answer: Answer) -> Submitted:
    """Return the id of an accepted job, or raise ``ContractBroken``.

    The id alone counts: the addresses in the body are ignored, because the key must go to the
    configured hosts only.
    """
    request_id = answer.object().get("request_id")
    if not isinstance(request_id, str) or not request_id.strip(" ./"):
        raise ContractBroken("the answer to a submit carries no request_id")
    return Submitted(request_id)


def read_failed(answer: Answer) -> Failed | None:
    """Return ``Failed`` if the body says so, whatever the HTTP status; else None."""
    if isinstance(answer.data, dict) and _status_word(answer.data) == "FAILED":
        return _failed(answer.data)
    return None


def read_terminal(answer: Answer) -> Completed | Failed | None:
    """Return the final state that a body names, whatever its HTTP status; else None.

    422 is how FAILED is served: with an ``error`` it counts even without the status word.
    """
    if not isinstance(answer.data, dict):
        return None
    word = _status_word(answer.data)
    if word == "COMPLETED":
        return _completed(answer.data)
    unsaid = word is None and answer.status == 422 and "error" in answer.data
    return _failed(answer.data) if word == "FAILED" or unsaid else None


def read_state(answer: Answer) -> JobState:
    """Return the state of a job, or raise ``ContractBroken`` for one that we do not know."""
    body = answer.object()
    match _status_word(body):
        case "QUEUED":
            return Queued(_metrics(body))
        case "PROCESSING":
            return Processing(_metrics(body))
        case "COMPLETED":
            return _completed(body)
        case "FAILED":
            return _failed(body)
        case word:
            raise ContractBroken(f"unknown state {word!r}" if word else "the body has no status")


def read_uploaded(answer: Answer) -> str:
    """Return the address of one uploaded file (``file_urls``; older answers: ``urls``)."""
    body = answer.object()
    url = find_url(body.get("file_urls")) or find_url(body.get("urls"))
    if url is None:
        raise ContractBroken("the answer to an upload carries no file_urls")
    return url


def read_balance(answer: Answer) -> Balance:
    """Return the account's balance, or raise ``ContractBroken``."""
    body = answer.object()
    usd = usd_of(body.get("credits"))
    if usd is None:
        raise ContractBroken("the answer carries no credits")
    return Balance(usd, usd_of(body.get("free-credits")) or 0.0)


def find_url(output: Any) -> str | None:
    """Return the first http(s) address in any form that ``output`` is known to take.

    A string, ``{"url": …}``, ``{"video": {"url": …}}``, or a list of any of them.
    """
    if isinstance(output, str):
        return output if output.startswith(("https://", "http://")) else None
    if isinstance(output, list):
        return next((url for url in map(find_url, output) if url), None)
    if isinstance(output, dict):
        return find_url(output.get("video")) or find_url(output.get("url"))
    return None


def usd_of(value: Any) -> float | None:
    """Return a sum of money that may come as a number or as text; None if it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        usd = float(value)
    except (ValueError, OverflowError):
        return None
    return usd if math.isfinite(usd) else None


def data_uri(content: bytes, media_type: str) -> str:
    """Return ``content`` as a ``data:`` URI in base64."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def _status_word(body: Mapping[str, Any]) -> str | None:
    word = body.get("status")
    return word.strip().upper() if isinstance(word, str) else None


def _metrics(body: Mapping[str, Any]) -> Mapping[str, Any]:
    metrics = body.get("metrics")
    return metrics if isinstance(metrics, dict) else {}


def _completed(body: Mapping[str, Any]) -> Completed:
    metrics = _metrics(body)
    return Completed(find_url(body.get("output")) or "", usd_of(metrics.get("cost")), metrics)


def _failed(body: Mapping[str, Any]) -> Failed:
    said = words_in(body.get("error")) or error_words(json.dumps(dict(body)))
    return Failed(said, says_content_blocked(said), _metrics(body))
