"""The boundary that every body of the service passes: what does not fit is named and goes no
further.

Bounded are the size (where it is read: ``bodies``), the nesting and the numbers of what is parsed,
and the length and the characters of what is kept. Pure: no HTTP library, clock or file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from longtake.plain_text import carries_secret, printable, safe

DEEPEST = 40
"""Levels of nesting in a body; the service's own have five."""

LONGEST_ID_CHARACTERS = 200
LONGEST_ADDRESS_CHARACTERS = 8192

MOST_METRICS = 32
LONGEST_METRIC_CHARACTERS = 200
_LONGEST_INTEGER_DIGITS = 40

_NO_SUCH_NUMBER = "is no number that it can be"
_MEASURES = ("cost", "remaining_credits", "inference_time", "queue_time", "total_time")


class ContractBroken(ValueError):
    """A body is not what the contract promises; the text says what is wrong with it."""

    def __init__(self, words: str) -> None:
        super().__init__(safe(words))


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
        """The body as JSON; None if it is not JSON, or nested beyond reason."""
        return parsed(self.text)

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object, or raise ``ContractBroken``."""
        if not isinstance(self.data, dict):
            raise ContractBroken("the body is not a JSON object")
        return self.data


def parsed(text: str) -> Any:
    """The value of a JSON text; None if it is none, or is nested deeper than ``DEEPEST``.

    Integers of more than 40 digits become infinite: no number of the service is one.
    """
    try:
        value = json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError):
        return None
    return value if _is_shallow(value) else None


def known_id(value: Any) -> str:
    """A request's id as it may be written down and asked for, or ``ContractBroken``."""
    if not isinstance(value, str) or not value.strip(" ./"):
        raise ContractBroken("there is no request_id in it")
    if len(value) > LONGEST_ID_CHARACTERS:
        raise ContractBroken(f"its request_id has {len(value)} characters")
    if printable(value) != value or "\n" in value or "\t" in value or value != value.strip():
        raise ContractBroken("its request_id holds characters that no id has")
    if carries_secret(value):
        raise ContractBroken("its request_id carries the API key")
    return value


def known_metrics(body: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The metrics that may be written down, and what is wrong with those that may not.

    Times and sums are finite numbers from 0 on; other facts are short text, numbers or flags.
    """
    metrics = body.get("metrics")
    if not isinstance(metrics, dict):
        return {}, () if metrics is None else ("metrics are no object",)
    kept: dict[str, Any] = {}
    odd: list[str] = []
    for name, value in list(metrics.items())[:MOST_METRICS]:
        if fault := _fault_of_metric(name, value):
            odd.append(f"metrics.{safe(name)[:40]} {fault}")
        elif value is not None:
            kept[safe(name)] = safe(value) if isinstance(value, str) else value
    if len(metrics) > MOST_METRICS:
        odd.append(f"{len(metrics)} metrics, of which {MOST_METRICS} are read")
    return kept, tuple(odd)


def number_of(value: Any) -> float | None:
    """A finite number that may come as a number or as text; None if it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _fault_of_metric(name: str, value: Any) -> str | None:
    if len(name) > LONGEST_METRIC_CHARACTERS:
        return "has a name beyond all length"
    if name in _MEASURES and value is not None:
        number = None if isinstance(value, str) else number_of(value)
        return None if number is not None and 0 <= number < 1e9 else _NO_SUCH_NUMBER
    if isinstance(value, str):
        return "is a long text" if len(value) > LONGEST_METRIC_CHARACTERS else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if math.isfinite(value) and abs(value) < 2**53 else _NO_SUCH_NUMBER
    return None if value is None or isinstance(value, bool) else "is neither text nor a number"


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER_DIGITS else math.inf


def _is_shallow(value: Any) -> bool:
    """Level by level, so that no depth of nesting can exhaust the stack."""
    level = [value]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        level = [each for each in inner if isinstance(each, dict | list)]
        if not level:
            return True
    return False
