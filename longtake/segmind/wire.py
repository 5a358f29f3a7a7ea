"""Bodies of the service, turned into types: the only place that knows their keys.

A job is always in exactly one of four states, and each is a type of its own. A body that fits
none raises ``ContractBroken``: an unknown state is an error, never "still running". All sums of
money are USD, all times seconds. Pure: no HTTP library, clock or file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from longtake.plain_text import carries_secret, shortened
from longtake.segmind.answers import Answer, ContractBroken, known_id, known_metrics, number_of
from longtake.segmind.outputs import find_url
from longtake.segmind.wording import error_words, says_content_blocked, words_in
from longtake.story import billed_usd


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
    ``status`` answer it is mostly "". ``cost_usd`` is None where the service does not tell what a
    clip may cost. ``odd`` names what was told and cannot be true: it is in none of the others.
    """

    output_url: str
    cost_usd: float | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    odd: tuple[str, ...] = ()


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
    return Submitted(known_id(answer.object().get("request_id")))


def read_failed(answer: Answer) -> Failed | None:
    """Return ``Failed`` if the body says so, whatever the HTTP status; else None."""
    if isinstance(answer.data, dict) and _status_word(answer.data) == "FAILED":
        return _failed(answer.data)
    return None


def read_terminal(answer: Answer) -> Completed | Failed | None:
    """Return the final state that a body names, whatever its HTTP status (FAILED has 422).

    None where it names none: a 422 by itself may be a proxy's, and the job be done and billed.
    """
    if not isinstance(answer.data, dict):
        return None
    word = _status_word(answer.data)
    if word == "COMPLETED":
        return _completed(answer.data)
    return _failed(answer.data) if word == "FAILED" else None


def read_blocking(answer: Answer) -> Completed | Failed | None:
    """``read_terminal`` of a blocking call: its 422 with an ``error`` says FAILED by itself."""
    state = read_terminal(answer)
    if state is None and answer.status == 422 and isinstance(answer.data, dict):
        unsaid = _status_word(answer.data) is None and "error" in answer.data
        return _failed(answer.data) if unsaid else None
    return state


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
            raise ContractBroken(
                f"unknown state {shortened(word, 60)!r}" if word else "the body has no status"
            )


def read_uploaded(answer: Answer) -> str:
    """Return the address of one uploaded file (``file_urls``; older answers: ``urls``)."""
    body = answer.object()
    url = find_url(body.get("file_urls")) or find_url(body.get("urls"))
    if url is None:
        raise ContractBroken("the answer to an upload carries no file_urls")
    if carries_secret(url):
        raise ContractBroken("the uploaded file's address carries the API key")
    return url


def read_balance(answer: Answer) -> Balance:
    """Return the account's balance, or raise ``ContractBroken``."""
    body = answer.object()
    usd = _sum_in(body, "credits")
    if usd is None:
        raise ContractBroken("the answer carries no credits that can be a sum of money")
    return Balance(usd, _sum_in(body, "free-credits") or 0.0)


def data_uri(content: bytes, media_type: str) -> str:
    """Return ``content`` as a ``data:`` URI in base64."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def _sum_in(body: Mapping[str, Any], name: str) -> float | None:
    usd = number_of(body.get(name))
    return usd if usd is not None and abs(usd) < 1e9 else None


def _status_word(body: Mapping[str, Any]) -> str | None:
    word = body.get("status")
    return word.strip().upper() if isinstance(word, str) else None


def _metrics(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return known_metrics(body)[0]


def _completed(body: Mapping[str, Any]) -> Completed:
    metrics, odd = known_metrics(body)
    cost_usd = billed_usd(metrics.pop("cost", None))
    told = body.get("metrics")
    if cost_usd is None and isinstance(told, dict) and "cost" in told:
        odd = (*(each for each in odd if "metrics.cost" not in each), "its cost cannot be one")
    elif cost_usd is not None:
        metrics = {"cost": cost_usd, **metrics}
    url = find_url(body.get("output")) or ""
    if url and carries_secret(url):
        url, odd = "", (*odd, "its address carries the API key")
    return Completed(url, cost_usd, metrics, odd)


def _failed(body: Mapping[str, Any]) -> Failed:
    said = words_in(body.get("error")) or error_words(json.dumps(dict(body)))
    return Failed(said, says_content_blocked(said), _metrics(body))
