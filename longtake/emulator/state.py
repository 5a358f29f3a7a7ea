"""The service's memory: accounts, accepted requests, uploaded assets, and what each costs."""

from __future__ import annotations

import heapq
import tempfile
import threading
import uuid
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from longtake.emulator import responses
from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.config import EmulatorConfig
from longtake.emulator.drawing.dials import Dials
from longtake.emulator.drawing.maker import ClipMaker
from longtake.emulator.faults import Fault, FaultPlayer, Happening
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.validation import Refusal, body_digest, read_parameters

MINUTE_SECONDS = 60.0
REFUSED_AFTER_SECONDS = 2.0
"""How long a job runs (before ``pace``) that fails for its parameters or its content."""


@dataclass
class Account:
    """What the service knows of one key. Instants are epoch seconds."""

    number: int
    credits_usd: float
    free_usd: float
    slots_free_at: list[float]
    """For each job that may run at the same time: when the one before it is done."""
    minute_began_at: float = float("-inf")
    minute_count: int = 0


@dataclass(frozen=True)
class Asset:
    """An uploaded file."""

    content: bytes
    media_type: str


@dataclass
class _Books:
    accounts: dict[str, Account] = field(default_factory=dict)
    requests: list[EmulatedRequest] = field(default_factory=list)
    assets: dict[str, Asset] = field(default_factory=dict)
    last_used_at: dict[str, float] = field(default_factory=dict)


class Emulator:
    """One emulated service. Nothing happens between calls: states follow from the clock.

    Every method may be called from any thread. Close it (or use it as a context manager) to stop
    its threads and remove its files.
    """

    def __init__(self, config: EmulatorConfig | None = None) -> None:
        self.config = config or EmulatorConfig()
        self.clock = self.config.clock
        self.player = FaultPlayer(self.config.faults)
        self.maker = ClipMaker(self.config.workers)
        self._books = _Books()
        self._lock = threading.RLock()
        self._files = tempfile.TemporaryDirectory(prefix="longtake-emulator-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop drawing and remove the files; what was accepted can still be read."""
        self.maker.close()
        self._files.cleanup()

    @property
    def requests(self) -> tuple[EmulatedRequest, ...]:
        """Every accepted request, in order, brought up to now."""
        with self._lock:
            self.settle()
            return tuple(self._books.requests)

    @property
    def billed_usd(self) -> float:
        """What all accounts have paid."""
        return round(sum(request.usd for request in self.requests), 6)

    @property
    def committed_usd(self) -> float:
        """The price of everything accepted that has not failed: billed, or still to be."""
        return round(sum(one.price_usd for one in self.requests if one.settled != "FAILED"), 6)

    def due(
        self,
        operation: Endpoint,
        model: str = "",
        body: dict[str, Any] | None = None,
        request: EmulatedRequest | None = None,
    ) -> Fault | None:
        """The fault that the script has for this operation, if any."""
        if request is not None:
            model, body = request.model, request.body
        number = request.number if request is not None else 0
        happening = Happening(
            operation, self.clock.now(), model, body or {}, number, self.committed_usd
        )
        return self.player.due(happening)

    def tell(self, event: str, request: EmulatedRequest) -> None:
        """Let a test's hook know."""
        if self.config.on_event is not None:
            self.config.on_event(event, request)

    def account(self, key: str) -> Account | None:
        """The account of a key; None where the key is empty or not known."""
        known = self.config.keys is None or key in self.config.keys
        if not key or not known:
            return None
        with self._lock:
            accounts = self._books.accounts
            if key not in accounts:
                slots = [0.0] * self.config.concurrency
                accounts[key] = Account(
                    len(accounts) + 1, self.config.credits_usd, self.config.free_credits_usd, slots
                )
            return accounts[key]

    def over_rate(self, account: Account, *, is_poll: bool) -> float | None:
        """Count one call; where it is one too many: the instant at which the minute is over."""
        limit = self.config.requests_per_minute
        if limit is None or (is_poll and not self.config.polls_count):
            return None
        with self._lock:
            now = self.clock.now()
            if now - account.minute_began_at >= MINUTE_SECONDS:
                account.minute_began_at, account.minute_count = now, 0
            account.minute_count += 1
            over = account.minute_count > limit
            return account.minute_began_at + MINUTE_SECONDS if over else None

    def running(self, account: Account) -> int:
        """How many jobs of the account have not ended."""
        return sum(one.settled is None for one in self.requests if one.account == account.number)

    def affords(self, account: Account, model: str) -> bool:
        """Whether the balance covers one more call, beside those that still run."""
        mine = [one for one in self.requests if one.account == account.number]
        open_usd = sum(one.price_usd for one in mine if one.settled is None)
        left = account.credits_usd + account.free_usd - open_usd
        return left + 1e-9 >= self.config.usd[model]

    def accept(
        self, account: Account, model: str, body: dict[str, Any], endpoint: Literal["v1", "v2"]
    ) -> EmulatedRequest:
        """Take a job on: from here on it will be billed when it completes."""
        now = self.clock.now()
        request = EmulatedRequest(
            model, body, account.number, endpoint, now, now, now, self.config.usd[model]
        )
        self.tell("before_accept", request)
        with self._lock:
            request.number = len(self._books.requests) + 1
            fault = self.due(Endpoint.JOB, request=request)
            self._schedule(request, account, fault)
            self._books.requests.append(request)
        self.tell("accepted", request)
        return request

    def _schedule(self, request: EmulatedRequest, account: Account, fault: Fault | None) -> None:
        """When it starts and ends, and how; begins to draw what will succeed."""
        lot = body_digest(request.model, request.body)
        vary = 0.9 + 0.2 * lot[0] / 255
        config, model, now = self.config, request.model, request.accepted_at
        queued = config.queue_seconds * (0.5 + lot[1] / 255)
        seconds = config.inference_seconds[model] * vary
        if now - self._books.last_used_at.get(model, float("-inf")) > config.idle_seconds:
            seconds += config.cold_start_seconds
        request.failure = self._failure(request, fault)
        if request.failure is not None:
            seconds = REFUSED_AFTER_SECONDS
        if fault is not None and fault.do is Action.LATE:
            seconds += 60 if fault.seconds is None else fault.seconds
        if fault is not None and fault.do is Action.STUCK:
            seconds = float("inf")
        slot_free_at = heapq.heappop(account.slots_free_at)
        request.starts_at = max(now + queued / config.pace, slot_free_at)
        request.ends_at = request.starts_at + seconds / config.pace
        heapq.heappush(account.slots_free_at, request.ends_at)
        self._books.last_used_at[model] = request.ends_at
        if request.failure is None and request.ends_at != float("inf"):
            request.clip = self.maker.start(model, request.body, self._dials(fault))

    def _dials(self, fault: Fault | None) -> Dials:
        """How bad a clip is: as scripted for this job, or as every clip is."""
        if fault is not None and fault.do is Action.BAD_TAKE and fault.dials is not None:
            return fault.dials
        return self.config.dials or self.config.faults.dials

    def _failure(self, request: EmulatedRequest, fault: Fault | None) -> str | None:
        """Why the job is bound to fail, if it is."""
        if fault is not None and fault.do is Action.CONTENT_BLOCK:
            return fault.message or responses.CONTENT_BLOCK_WORDS
        if fault is not None and fault.do is Action.FAIL:
            return fault.message or responses.JOB_FAILED_WORDS
        try:
            read_parameters(request.model, request.body)
        except Refusal as refusal:
            return str(refusal)
        return None

    def settle(self) -> None:
        """Bring every job that has come to its end into its last state, and bill it."""
        with self._lock:
            now = self.clock.now()
            ready = [request for request in self._books.requests if request.ready_at(now)]
            for request in sorted(ready, key=lambda one: one.ends_at):
                self._settle(request)

    def _settle(self, request: EmulatedRequest) -> None:
        clip = b""
        if request.failure is None and request.clip is not None:
            try:
                clip = request.clip.result()
            except Refusal as refusal:
                request.failure = str(refusal)
            except (Exception, CancelledError) as error:
                request.failure = f"Internal error in the emulator: {error!r}"
        request.settled_at = request.ends_at
        if request.failure is not None:
            request.settled = "FAILED"
            return
        self.file_of(request).write_bytes(clip)
        account = next(
            one for one in self._books.accounts.values() if one.number == request.account
        )
        request.usd = request.price_usd
        from_free = min(account.free_usd, request.usd)
        account.free_usd = round(account.free_usd - from_free, 6)
        account.credits_usd = round(account.credits_usd - request.usd + from_free, 6)
        request.remaining_usd = round(account.credits_usd + account.free_usd, 6)
        request.settled = "COMPLETED"

    def file_of(self, request: EmulatedRequest) -> Path:
        """Where the clip of a COMPLETED request lies."""
        return Path(self._files.name) / f"{request.request_id}.mp4"

    def find(self, request_id: str, account: Account | None = None) -> EmulatedRequest | None:
        """The request of that id (of that account), expired or not."""
        found = (
            one
            for one in self.requests
            if one.request_id == request_id and (account is None or one.account == account.number)
        )
        return next(found, None)

    def record(self, request_id: str, account: Account) -> EmulatedRequest | None:
        """As ``find``, but only while the record lives: an hour from its end."""
        request = self.find(request_id, account)
        if request is None:
            return None
        since = request.settled_at if request.settled_at is not None else request.accepted_at
        if self.clock.now() - since >= self.config.record_seconds:
            request.expired = True
        return None if request.expired else request

    def keep(self, content: bytes, media_type: str) -> str:
        """Store an uploaded file; every upload gets a name of its own."""
        suffix = {"image/jpeg": "jpg"}.get(media_type, media_type.partition("/")[2] or "bin")
        name = f"{uuid.uuid4().hex}.{suffix}"
        with self._lock:
            self._books.assets[name] = Asset(content, media_type)
        return name

    def asset(self, name: str) -> Asset | None:
        """The uploaded file of that name."""
        return self._books.assets.get(name)
