"""The service as typed calls: each sends one request and returns a type or raises a typed error.

The shapes are read in ``wire`` and ``history``, failures judged in ``retry``, requests sent
through ``transport``. Repeating a call is the caller's business (``may_retry``); reading the answer
right, and never letting the key out, is the business of this room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from longtake.segmind import wire
from longtake.segmind.addresses import API_URL, HISTORY_URL, UPLOAD_URL, Addresses, sendable_key
from longtake.segmind.answers import Answer
from longtake.segmind.attempts import (
    DOUBTFUL,
    VERY_DOUBTFUL,
    Absent,
    Attempt,
    Found,
    Unknown,
)
from longtake.segmind.departure import AT_ONCE, Departure
from longtake.segmind.generating import Generated, fetch_clip, generate
from longtake.segmind.history import (
    ROWS_PER_PAGE,
    HistoryRow,
    Page,
    read_page,
    read_row,
    window_start,
)
from longtake.segmind.history_delay import HistoryDelay
from longtake.segmind.history_search import NONE_ACCEPTED, Known, nobodys, search
from longtake.segmind.operations import Call, Operation
from longtake.segmind.refusals import job_failed, read_answer, unclear, unreadable
from longtake.segmind.throttle import Throttle
from longtake.segmind.transfer import Downloaded
from longtake.segmind.transport import Network, Timeouts, Transport, utc_now
from longtake.segmind.uploads import Uploads
from longtake.segmind.wire import Balance, Completed, JobState, Submitted
from longtake.story import family_of

LARGEST_CLIP_BYTES = 256 * 1024 * 1024
"""A clip of 5 seconds is a few megabytes; nothing near this is one."""

T = TypeVar("T")


class SegmindClient:
    """One account on the service, through one connection pool.

    ``api_key`` never leaves for another host than the three given here, and shows in no repr,
    log or error. ``requests_per_minute`` is a budget of our own over all calls (None: none); a
    429 slows every call of the client down either way. ``max_bytes`` bounds a clip. Files are
    fetched from public addresses (from this machine, too, where the service is on it), from private
    ones only with ``private_addresses``. ``now`` is our own clock, ``monotonic`` one that nobody
    sets; ``network`` carries the requests in place of the machine's own network. ``history_delay``
    keeps how late rows have been seen to come.

    Raises MissingKey for an empty key, SettingsError for a key or an address that cannot be sent.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | str,
        api_url: str = API_URL,
        upload_url: str = UPLOAD_URL,
        history_url: str = HISTORY_URL,
        requests_per_minute: int | None = None,
        timeouts: Timeouts | None = None,
        throttle: Throttle | None = None,
        max_bytes: int = LARGEST_CLIP_BYTES,
        private_addresses: bool = False,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        network: Network | None = None,
    ) -> None:
        self._at = Addresses(api_url, upload_url, history_url)
        self._timeouts = timeouts or Timeouts()
        self._max_bytes = max_bytes
        self._transport = Transport(
            sendable_key(api_key),
            self._at.all,
            timeouts=self._timeouts,
            throttle=throttle or Throttle(requests_per_minute),
            private_addresses=private_addresses,
            now=now,
            monotonic=monotonic,
            network=network,
        )
        self._uploads = Uploads(self._transport, self._at.upload)
        self.history_delay = HistoryDelay()

    def __repr__(self) -> str:
        return f"SegmindClient(api_url={self._at.api_url!r})"

    async def __aenter__(self) -> SegmindClient:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._transport.__aexit__(*details)

    # Jobs

    async def submit(
        self, model: str, parameters: Mapping[str, Any], *, departure: Departure = AT_ONCE
    ) -> Submitted:
        """Send a job to the queue and return its id. Accepted means paid, if it completes.

        ``parameters`` are the wire names; those that are None are left out. Raises
        AmbiguousSubmit when the job may have been accepted but no id came back, and
        SubmitHeldUp, with nothing sent, where its ``departure`` says no in the last moment.
        """
        call = Call(Operation.SUBMIT, subject=_subject(model, parameters))
        answer = await self._transport.ask(
            call, "POST", self._at.queued(model), json=_given(parameters), departure=departure
        )
        failed = wire.read_failed(answer)
        if failed and (answer.success or answer.status == 422):
            raise job_failed(call, answer, failed)
        return self._read(call, answer, wire.read_submitted)

    async def status(self, request_id: str) -> JobState:
        """Return the state of a job. FAILED is a state here, not an exception."""
        call = Call(Operation.STATUS, request_id, is_look=True)
        return await self._state(call, self._at.status(request_id))

    async def result(self, request_id: str) -> JobState:
        """Return the final body of a job (or its state, if it is not done yet).

        A Completed from here always has its ``output_url``.
        """
        call = Call(Operation.RESULT, request_id)
        return await self._state(call, self._at.result(request_id))

    async def generate(
        self,
        model: str,
        parameters: Mapping[str, Any],
        into: Path,
        *,
        departure: Departure = AT_ONCE,
    ) -> Generated:
        """Make a clip in one blocking call (v1) and write it to ``into``, atomically.

        Anything that breaks after the request left raises AmbiguousSubmit: the clip may exist,
        and be paid for. ``departure`` as in ``submit``.
        """
        call = Call(Operation.GENERATE, subject=_subject(model, parameters))
        return await generate(
            self._transport,
            call,
            self._at.blocking(model),
            _given(parameters),
            into,
            read_seconds=self._timeouts.generate_read,
            max_bytes=self._max_bytes,
            departure=departure,
        )

    async def download(self, url: str, into: Path, *, max_bytes: int | None = None) -> Downloaded:
        """Fetch a clip from a public address, without the key, and write it atomically.

        Follows a few redirects. Raises ServiceUnavailable for a broken transfer (fetch it
        again), RequestUnknown for a file that is gone, DamagedClip for one that is too large.
        """
        return await fetch_clip(self._transport, url, into, max_bytes=max_bytes or self._max_bytes)

    async def upload(self, content: bytes, media_type: str) -> str:
        """Return a public address of an image; each content is sent once per client.

        An upload is not idempotent but free: repeating one that broke leaves a second copy.
        """
        return await self._uploads.address_of(content, media_type)

    def forget_upload(self, content_sha256: str, media_type: str) -> None:
        """Send that content again the next time: its address may lead nowhere any more."""
        self._uploads.forget(content_sha256, media_type)

    # The account

    async def balance(self) -> Balance:
        """Return what the account can spend."""
        call = Call(Operation.BALANCE)
        answer = await self._transport.ask(call, "GET", self._at.balance)
        return self._read(call, answer, wire.read_balance)

    async def history(self, page: int, from_date: str) -> Page:
        """Return one page of requests, newest first, in-flight and failed ones included.

        ``from_date`` is a day, as 2026-02-03. A request with several outputs has a row for each.
        Of all models: a filter that names one otherwise than we do would find nothing.
        """
        return await self._page(Call(Operation.HISTORY), page, from_date, ROWS_PER_PAGE)

    async def newest(self, since: datetime, count: int) -> list[HistoryRow]:
        """Return the newest ``count`` rows (100 at most) of requests sent ``since`` then, or so.

        A look at how jobs stand, in one request for all of them.
        """
        call = Call(Operation.HISTORY, is_look=True)
        from_date = window_start(since, now=self._transport.now())
        return (await self._page(call, 1, from_date, min(count, ROWS_PER_PAGE))).rows

    async def _page(self, call: Call, page: int, from_date: str, rows: int) -> Page:
        asked: dict[str, str | int] = {"from_date": from_date, "page": page, "per_page": rows}
        answer = await self._transport.ask(call, "GET", self._at.history, params=asked)
        return self._read(call, answer, read_page)

    async def history_row(self, request_id: str) -> HistoryRow:
        """Return the history's row of one request, of any age; RequestUnknown if there is none."""
        call = Call(Operation.HISTORY, request_id)
        answer = await self._transport.ask(call, "GET", self._at.history_row(request_id))
        return self._read(call, answer, read_row)

    async def find_attempt(
        self,
        model: str,
        body: Mapping[str, Any],
        since: datetime,
        *,
        service_since: datetime | None = None,
        is_known: Known = nobodys,
        accepted: Mapping[str, float] = NONE_ACCEPTED,
        shown: bool = False,
    ) -> Found | Absent:
        """Whether the submit of this model and body made since then was accepted.

        How an ambiguous submit is settled: ``Found`` its row, or ``Absent``. Raises AmbiguousSubmit
        where the history cannot tell; then it must not be sent again. ``body`` holds the ``seed``
        and whatever else is known of the request as it was sent; ``is_known`` tells whether a
        request of that id is another attempt's. ``since`` is a moment of our clock with its zone,
        which may have been set since: ``service_since`` is it by the service's, where that is
        known. ``shown``: it must be listed by now. One Absent of an attempt of seconds ago is no
        proof, nor is one that is late: it lacks one of the ``accepted`` requests, which are known
        to be in the history by their ids, each with the seconds since then (less than a day).
        """

        def attempt() -> Attempt:  # again after each page: its answer has told the service's time
            at = service_since or self._transport.clock.at(since)
            doubtful = DOUBTFUL if service_since else VERY_DOUBTFUL
            return Attempt(model, body, at, doubtful, shown)

        clock = self._transport.clock
        found = await search(
            self.history, attempt, lambda: clock.now(self._transport.now()), is_known, accepted
        )
        if isinstance(found, Unknown):
            raise unclear(Call(Operation.HISTORY, subject=_subject(model, body)), found.why)
        return found

    def service_time(self, ours: datetime) -> datetime | None:
        """What the service's clock shows now, that ours shows ``ours``; None before any answer."""
        return self._transport.clock.now(ours) if self._transport.clock.known else None

    async def _state(self, call: Call, url: str) -> JobState:
        answer = await self._transport.ask(call, "GET", url)
        state = wire.read_terminal(answer) or self._read(call, answer, wire.read_state)
        final = call.operation is Operation.RESULT
        if final and isinstance(state, Completed) and not state.output_url:
            odd = "".join(f"; {each}" for each in state.odd)
            raise unreadable(call, f"COMPLETED without an output address{odd}", answer)
        return state

    def _read(self, call: Call, answer: Answer, reader: Callable[[Answer], T]) -> T:
        return read_answer(call, answer, reader, now=self._transport.now())


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _subject(model: str, parameters: Mapping[str, Any]) -> str:
    seed = family_of(model).value_of("seed", parameters)
    return str(model) if seed is None else f"{model}, seed {seed}"
