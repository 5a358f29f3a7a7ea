"""The one transport to the network: every request is built, keyed, sent and read here.

The key is added by ``KeyForOwnHosts`` and nowhere else, to requests for the configured hosts
only; redirects are never followed with it. Whatever breaks on the way is turned into one of our
errors by ``longtake.segmind.retry``. Nothing in here retries.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import anyio
import httpx
from pydantic import SecretStr

from longtake.errors import SettingsError
from longtake.plain_text import guard_logs, keep_secret, safe
from longtake.segmind.answers import Answer
from longtake.segmind.bodies import ACCEPTED_ENCODINGS, Body
from longtake.segmind.departure import AT_ONCE, Departure
from longtake.segmind.environment import certificates, check_environment
from longtake.segmind.guarded_hosts import Guard
from longtake.segmind.operations import Call, Operation
from longtake.segmind.own_key import KEY_HEADER, KeyForOwnHosts
from longtake.segmind.refusals import forbidden, held_up, lost, not_sent, unreadable
from longtake.segmind.service_clock import ServiceClock
from longtake.segmind.throttle import Throttle, hinted_wait_seconds

LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
"""No JSON answer of the service comes near; it keeps a broken host from filling the memory."""

CONNECTIONS = 16
"""At once for short calls, and as many again for downloads, so that neither waits for the other;
blocking calls each have one for minutes."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_TALKATIVE = (
    "httpx",
    *(f"httpcore.{each}" for each in ("connection", "http11", "http2", "proxy", "socks")),
)
"""Loggers of what the service sends: its headers and its reasons."""

# The emulator listens on loopback: a proxy of the environment must not be asked for it.
_WITHOUT_PROXY = ("all://127.0.0.1", "all://localhost", "all://[::1]")


Network = httpx.AsyncBaseTransport
"""What carries requests; a simulation hands in its own."""


@lru_cache(maxsize=256)
def _address(url: str) -> httpx.URL:
    """The address, read once: a job's is asked for again and again. Raises InvalidURL."""
    return httpx.URL(url)


def utc_now() -> datetime:
    """The moment, by this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timeouts:
    """Seconds. ``read`` is the longest silence within an answer. ``generate_read`` replaces
    it for the blocking call, which is silent for as long as the model works. ``transfer`` bounds
    one whole download, and the time until an answer's headers are there.
    """

    connect: float = 10.0
    read: float = 60.0
    write: float = 60.0
    generate_read: float = 300.0
    transfer: float = 900.0

    def httpx_timeout(self, *, read: float | None = None) -> httpx.Timeout:
        """Return them in httpx's form, with another silence if one is given."""
        return httpx.Timeout(
            connect=self.connect, read=read or self.read, write=self.write, pool=None
        )


class Transport:
    """Sends requests through one connection pool and one throttle.

    ``ask`` is for the service (keyed, throttled, JSON); ``fetch`` is for files on any host
    (never keyed, not throttled, from public hosts unless ``private_addresses``). An async context
    manager. ``timeouts`` and ``clock`` may be read. ``now`` is our own clock, ``network`` carries
    the requests in place of the machine's own network.
    """

    def __init__(
        self,
        key: SecretStr,
        urls: Iterable[str],
        *,
        timeouts: Timeouts,
        throttle: Throttle,
        private_addresses: bool = False,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        network: Network | None = None,
    ) -> None:
        keep_secret(key.get_secret_value())
        guard_logs(_TALKATIVE)
        self._auth = KeyForOwnHosts(key, urls)
        self._guard = Guard.of(urls, private=private_addresses)
        self.clock = ServiceClock(monotonic)
        self.timeouts = timeouts
        self.now = now
        self._network = network
        self._throttle = throttle
        # In httpx's own queue each waiting request is examined for each that goes.
        self._calls = anyio.Semaphore(CONNECTIONS)
        self._downloads = anyio.Semaphore(CONNECTIONS)
        self._http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Transport:
        check_environment()
        try:
            self._http = self._new_client()
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise SettingsError(
                f"the environment's proxies or certificates cannot be used: {error}; look at "
                "HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSLKEYLOGFILE"
            ) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def ask(
        self,
        call: Call,
        method: str,
        url: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str | int] | None = None,
        departure: Departure = AT_ONCE,
    ) -> Answer:
        """Send one keyed request and return the whole answer, whatever its status."""
        async with self.open(
            call, method, url, json=json, params=params, departure=departure
        ) as response:
            return await self.read(call, response)

    @asynccontextmanager
    async def open(
        self,
        call: Call,
        method: str,
        url: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str | int] | None = None,
        read_seconds: float | None = None,
        departure: Departure = AT_ONCE,
    ) -> AsyncIterator[httpx.Response]:
        """Send one keyed request and give its answer before the body has been read.

        Its ``departure`` begins once its turn has come. Raises SubmitHeldUp where that says no.
        """
        request = self._client.build_request(
            method,
            _address(url),
            json=json,
            params=params,
            headers={"content-type": "application/json"},
            timeout=self.timeouts.httpx_timeout(read=read_seconds),
        )
        await self._throttle.turn(look=call.is_look)
        connection = nullcontext() if call.operation is Operation.GENERATE else self._calls
        within = self.timeouts.transfer + (read_seconds or 0)
        async with connection:
            await departure.begins()
            sent = self._sent(call, request, self._auth, within, departure)
            async with sent as response:
                self._tell_throttle(response)
                self.clock.note(response.headers, now=self.now())
                yield response

    @asynccontextmanager
    async def fetch(self, call: Call, url: str) -> AsyncIterator[httpx.Response]:
        """Ask any host for a file, without the key, and give its answer before the body."""
        headers = {"accept-encoding": "identity"}
        with transport_errors(call):
            request = self._client.build_request("GET", _address(url), headers=headers)
        if objection := await self._guard.objection(request.url):
            raise forbidden(call, objection)
        within = self.timeouts.transfer
        async with self._downloads, self._sent(call, request, None, within) as response:
            if objection := self._guard.objection_to_peer(response):
                raise forbidden(call, objection)
            yield response

    async def read(self, call: Call, response: httpx.Response, body: Body | None = None) -> Answer:
        """Return a whole answer as text, as it came; ``body`` where its reading has begun."""
        content = bytearray()
        with transport_errors(call), anyio.fail_after(self.timeouts.read):
            async for piece in (body or Body(response)).pieces():
                content += piece
                if len(content) > LARGEST_ANSWER_BYTES:
                    raise httpx.ReadError("the answer is far too large")
        text = content.decode("utf-8-sig", errors="replace")
        return Answer(response.status_code, text, dict(response.headers))

    @asynccontextmanager
    async def _sent(
        self,
        call: Call,
        request: httpx.Request,
        auth: httpx.Auth | None,
        within_seconds: float,
        departure: Departure = AT_ONCE,
    ) -> AsyncIterator[httpx.Response]:
        """Send it; its answer's head is there within so many seconds, even if it only trickles."""
        if not departure.may_leave():
            request.headers.pop(KEY_HEADER, None)
            raise held_up(call)
        with transport_errors(call):
            try:
                with anyio.fail_after(within_seconds):
                    response = await self._client.send(request, stream=True, auth=auth)
            finally:
                # httpx's errors carry the request: the key must not travel along.
                request.headers.pop(KEY_HEADER, None)
        try:
            yield response
        finally:
            await response.aclose()

    @property
    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            raise RuntimeError("use the client inside `async with SegmindClient(…) as client:`")
        return self._http

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=self.timeouts.httpx_timeout(),
            limits=httpx.Limits(
                max_connections=None,
                # Each idle one is examined twice for every request, and a burst leaves many.
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=4.0,
            ),
            follow_redirects=False,
            mounts=None if self._network else dict.fromkeys(_WITHOUT_PROXY),
            transport=self._network,
            verify=True if self._network else certificates(),
            trust_env=self._network is None,
            headers={"user-agent": "longtake", "accept-encoding": ACCEPTED_ENCODINGS},
        )

    def _tell_throttle(self, response: httpx.Response) -> None:
        if response.status_code == 429:
            self._throttle.slow_down(
                hinted_wait_seconds(response.headers, now=self.now().timestamp())
            )
        else:
            self._throttle.went_well()


@contextmanager
def transport_errors(call: Call) -> Iterator[None]:
    """Turn whatever httpx (or a time limit) raises inside into one of longtake's errors.

    What was raised stays as the cause, with its own words made safe, since tracebacks show them.
    """
    try:
        yield
    except _NOT_SENT as error:
        raise not_sent(call, _made_safe(error)) from error
    except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
        raise lost(call, _made_safe(error)) from error
    except (httpx.InvalidURL, UnicodeError) as error:  # a redirect's host is read as it comes
        raise unreadable(call, f"not an address: {_made_safe(error)}") from error


def _made_safe(error: Exception) -> Exception:
    each: BaseException | None = error
    while each is not None:
        each.args = tuple(safe(arg) if isinstance(arg, str) else arg for arg in each.args)
        each = each.__cause__ or each.__context__
    return error
