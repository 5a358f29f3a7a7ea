"""One limit for all calls of a client: requests a minute, and a pause for all after a 429.

Published limits contradict each other and whether polls count is not said, so every keyed call
passes here. Three rules. No more than ``requests_per_minute`` calls start in any 60 seconds. Looks
at jobs leave a quarter of them to what moves a film forward, and wait in a line of their own: with
many jobs in flight a submit would stand behind all their looks. And after a 429 nobody starts
before the service's hint (else a doubling back-off) has passed; then calls start one by one with a
gap that shrinks with each success, so that the waiting crowd does not meet the next 429 together.
"""

from __future__ import annotations

import math
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import anyio

from longtake.segmind.retry import LONGEST_WAIT_SECONDS

WINDOW_SECONDS = 60.5
"""A minute, and half a second for the network's jitter on the way to the service's clock."""

FIRST_BACKOFF_SECONDS = 1.0
GAP_SECONDS = 0.5
"""After a 429 calls start this far apart; halved by each success until it is forgotten."""

LOOKS_SHARE = 0.75
"""Of the budget, at most this much is for looks at jobs."""

_EPOCH_MILLISECONDS = 1e11
"""Larger numbers cannot be seconds since 1970 (that would be after the year 5000)."""


class Throttle:
    """Lets calls start in the order in which they came; safe for any number of tasks.

    ``requests_per_minute`` None means no budget of our own. ``clock`` returns monotonic seconds
    and ``sleep`` waits; both can be replaced in tests. ``on_closed`` is told the seconds for which
    a 429 closed the gate, so that others who share the account can stay away, too. ``calls`` are
    the moments of calls that count already, of a client before this one; its own are added.
    """

    def __init__(
        self,
        requests_per_minute: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        on_closed: Callable[[float], None] = lambda seconds: None,
        calls: deque[float] | None = None,
    ) -> None:
        if requests_per_minute is not None and requests_per_minute < 1:
            raise ValueError("requests_per_minute must be at least 1, or None for no budget")
        self._clock = clock
        self._sleep = sleep
        self._on_closed = on_closed
        self._budgeted = requests_per_minute is not None
        budget = requests_per_minute or 1
        self._calls = deque(maxlen=0) if calls is None else calls
        self._starts: deque[float] = deque(self._calls, maxlen=budget)
        self._looks: deque[float] = deque(maxlen=math.ceil(budget * LOOKS_SHARE))
        self._queue = anyio.Lock()
        self._looks_queue = anyio.Lock()
        self._closed_until = float("-inf")
        self._backoff_seconds = FIRST_BACKOFF_SECONDS
        self._gap_seconds = 0.0

    async def turn(self, *, look: bool = False) -> None:
        """Wait until a call may start, and count it as started; ``look``: at how a job stands."""
        if not look:
            await self._start()
            return
        async with self._looks_queue:
            await self._wait_until(lambda: self._leaves_window_at(self._looks))
            await self._start()
            self._looks.append(self._starts[-1])

    def slow_down(self, hint_seconds: float | None = None) -> float:
        """Close the gate after a 429 and return for how many seconds."""
        now = self._clock()
        wait = hint_seconds
        if wait is None:
            # Answers to calls that were already under way must not each lengthen the wait.
            wait = self._closed_until - now if now < self._closed_until else self._next_backoff()
        wait = min(wait, LONGEST_WAIT_SECONDS)
        self._closed_until = max(self._closed_until, now + wait)
        self._gap_seconds = GAP_SECONDS
        self._on_closed(wait)
        return wait

    def went_well(self) -> None:
        """Note a call that was not refused: the gap shrinks, the back-off starts afresh."""
        if self._clock() >= self._closed_until:
            self._backoff_seconds = FIRST_BACKOFF_SECONDS
            self._gap_seconds = self._gap_seconds / 2 if self._gap_seconds > 0.05 else 0.0

    def _next_backoff(self) -> float:
        wait = self._backoff_seconds
        self._backoff_seconds = min(wait * 2, LONGEST_WAIT_SECONDS)
        return wait

    async def _start(self) -> None:
        async with self._queue:
            await self._wait_until(self._opens_at)
            self._starts.append(self._clock())
            self._calls.append(self._starts[-1])

    async def _wait_until(self, moment: Callable[[], float]) -> None:
        while (wait := moment() - self._clock()) > 0:
            await self._sleep(wait)

    def _opens_at(self) -> float:
        opens_at = max(self._closed_until, self._leaves_window_at(self._starts))
        if self._starts:
            opens_at = max(opens_at, self._starts[-1] + self._gap_seconds)
        return opens_at

    def _leaves_window_at(self, starts: deque[float]) -> float:
        """When a budget that is used up has room for one more."""
        if self._budgeted and len(starts) == starts.maxlen:
            return starts[0] + WINDOW_SECONDS
        return float("-inf")


def hinted_wait_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return how long the service asks us to stay away; None where it does not say.

    Reads ``retry-after`` (seconds or an HTTP date) and ``x-rate-limit-reset-at-utc``, whose
    format is undocumented: seconds or milliseconds since 1970, ISO 8601 and HTTP dates are
    understood, anything else is no hint. Moments are measured against the answer's own ``date``
    where it has one, since our clock (``now``, seconds since 1970) may be wrong. Never negative.
    """
    after = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", after):
        return float(after)
    base = _moment(headers.get("date", ""))
    moment = _moment(after) or _moment(headers.get("x-rate-limit-reset-at-utc", ""))
    if moment is None:
        return None
    return max(0.0, moment - (now if base is None else base))


def _moment(text: str) -> float | None:
    """Seconds since 1970 of a moment written in any of the forms we know; naive means UTC."""
    text = text.strip()
    if re.fullmatch(r"\d{9,}(\.\d+)?", text):
        number = float(text)
        return number / 1000 if number > _EPOCH_MILLISECONDS else number
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
