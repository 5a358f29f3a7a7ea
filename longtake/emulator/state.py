"""The service's memory: accounts, accepted requests, uploaded assets, and what each costs."""

from __future__ import annotations

import heapq
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from longtake.emulator import responses, stills
from longtake.emulator.accounts import Account, Accounts
from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.chance import Chance
from longtake.emulator.config import EmulatorConfig
from longtake.emulator.drawing.dials import Dials
from longtake.emulator.drawing.maker import ClipMaker
from longtake.emulator.drawing.notes import Notebook
from longtake.emulator.faults import Fault, FaultPlayer, Happening
from longtake.emulator.makers import ClipProvider
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.shapes import WORDS
from longtake.emulator.validation import Refusal, body_digest, read_parameters

REFUSED_AFTER_SECONDS = 2.0
"""How long a job runs (before ``pace``) that fails for its parameters or its content."""


@dataclass(frozen=True)
class Asset:
    """An uploaded file."""

    content: bytes
    media_type: str


@dataclass
class _Books:
    requests: list[EmulatedRequest] = field(default_factory=list)
    assets: dict[str, Asset] = field(default_factory=dict)
    last_used_at: dict[str, float] = field(default_factory=dict)


class Emulator:
    """One emulated service. Nothing happens between calls: states follow from the clock.

    Every instant comes from the config's clock, every draw from its seed, every clip from its
    maker. Every method may be called from any thread. Close it (or use it as a context manager) to
    stop the maker's threads.
    """

    def __init__(self, config: EmulatorConfig | None = None) -> None:
        self.config = config or EmulatorConfig()
        self.clock = self.config.clock
        self.player = FaultPlayer(self.config.faults)
        self.notes = Notebook()
        self.history_pages = 0
        self.maker: ClipProvider = self.config.maker or ClipMaker(
            self.config.workers,
            captions=self.config.captions,
            notes=self.notes,
            models=self.config.models,
        )
        self._chance = Chance(self.config.seed)
        self._accounts = Accounts(self.config)
        self._books = _Books()
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop drawing; what was accepted can still be read."""
        self.maker.close()

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

    def mask(self) -> int:
        """Bits that spoil a file's bytes in another way each time."""
        with self._lock:
            return self._chance.mask()

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
        takes = self.config.models.get(model)
        plain = takes.plain(body or {}) if takes else body or {}
        happening = Happening(operation, self.clock.now(), model, plain, number, self.committed_usd)
        return self.player.due(happening)

    def tell(self, event: str, request: EmulatedRequest) -> None:
        """Let a test's hook know."""
        if self.config.on_event is not None:
            self.config.on_event(event, request)

    def account(self, key: str) -> Account | None:
        """The account of a key; None where the key is empty or not known."""
        with self._lock:
            return self._accounts.of(key)

    def over_rate(self, account: Account, *, is_poll: bool) -> float | None:
        """Count one call; where it is one too many: the instant at which the minute is over."""
        limit = self.config.requests_per_minute
        if limit is None or (is_poll and not self.config.polls_count):
            return None
        with self._lock:
            return account.call_at(self.clock.now(), limit)

    def running(self, account: Account) -> int:
        """How many jobs of the account have not ended."""
        return sum(one.settled is None for one in self.requests if one.account == account.number)

    def affords(self, account: Account, model: str) -> bool:
        """Whether the balance covers one more call, next to those that still run."""
        mine = [one for one in self.requests if one.account == account.number]
        open_usd = sum(one.price_usd for one in mine if one.settled is None)
        left = account.credits_usd + account.free_usd - open_usd
        return left + 1e-9 >= self.config.usd[model]

    def accept(
        self, account: Account, model: str, body: dict[str, Any], endpoint: Literal["v1", "v2"]
    ) -> EmulatedRequest:
        """Take a job on: from here on it will be billed when it completes."""
        now = self.clock.now()
        with self._lock:
            request_id, seed = str(self._chance.uuid()), self._chance.seed()
        request = EmulatedRequest(
            model, body, account.number, endpoint, now, self.config.usd[model], request_id, seed
        )
        self.tell("before_accept", request)
        with self._lock:
            request.number = len(self._books.requests) + 1
            fault = self.due(Endpoint.JOB, request=request)
            if fault is not None and fault.do is Action.PRICE:
                request.price_usd = fault.usd or 0.0
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
        match fault:
            case Fault(do=Action.LATE):
                seconds += 60 if fault.seconds is None else fault.seconds
            case Fault(do=Action.STUCK):
                seconds = float("inf")
        slot_free_at = heapq.heappop(account.slots_free_at)
        request.starts_at = max(now + queued / config.pace, slot_free_at)
        request.ends_at = request.starts_at + seconds / config.pace
        heapq.heappush(account.slots_free_at, request.ends_at)
        self._books.last_used_at[model] = request.ends_at
        if request.failure is None and request.ends_at != float("inf"):
            seed = config.models[model].on_the_wire("seed")
            dials = self._dials(fault)
            drawn = self._chance.seed() if dials.ignores_seed else request.seed
            body = stills.mapped(request.body, config.stills) | {seed: drawn}
            request.clip = self.maker.start(model, body, dials)

    def _dials(self, fault: Fault | None) -> Dials:
        """How bad a clip is: as scripted for this job, or as every clip is."""
        if fault is not None and fault.do is Action.BAD_TAKE and fault.dials is not None:
            return fault.dials
        return self.config.dials or self.config.faults.dials

    def _failure(self, request: EmulatedRequest, fault: Fault | None) -> str | None:
        """Why the job is bound to fail, if it is; else its seed is known from here on."""
        match fault:
            case Fault(do=Action.CONTENT_BLOCK):
                return fault.message or responses.CONTENT_BLOCK_WORDS
            case Fault(do=Action.DIRTY_WORDS):
                return WORDS[fault.shape or ""]
            case Fault(do=Action.FAIL):
                return fault.message or responses.JOB_FAILED_WORDS
        try:
            chosen = read_parameters(request.model, request.body, self.config.models).seed
        except Refusal as refusal:
            return str(refusal)
        request.seed = request.seed if chosen is None else chosen % 2**64
        return None

    def settle(self) -> None:
        """Bring every job that has come to its end into its last state, and bill it."""
        with self._lock:
            now = self.clock.now()
            ready = [request for request in self._books.requests if request.ready_at(now)]
            for request in sorted(ready, key=lambda one: one.ends_at):
                self._settle(request)

    def _settle(self, request: EmulatedRequest) -> None:
        if request.failure is None and request.clip is not None:
            try:
                request.clip.result()
            except Refusal as refusal:
                request.failure = str(refusal)
            except (Exception, CancelledError) as error:
                request.failure = f"Internal error in the emulator: {error!r}"
        request.settled_at = request.ends_at
        if request.failure is not None:
            request.settled = "FAILED"
            return
        request.usd = request.price_usd
        request.remaining_usd = self._accounts.numbered(request.account).pay(request.usd)
        request.settled = "COMPLETED"

    def find(self, request_id: str, account: Account | None = None) -> EmulatedRequest | None:
        """The request of that id (of that account), expired or not."""
        found = (
            one
            for one in self.requests
            if one.request_id == request_id and (account is None or one.account == account.number)
        )
        return next(found, None)

    def record(self, request_id: str, account: Account) -> EmulatedRequest | None:
        """As ``find``, but only while the record lives: an hour from the submit."""
        request = self.find(request_id, account)
        if request is None:
            return None
        if self.clock.now() - request.accepted_at >= self.config.record_seconds:
            request.expired = True
        return None if request.expired else request

    def keep(self, content: bytes, media_type: str) -> str:
        """Store an uploaded file; every upload gets a name of its own."""
        suffix = {"image/jpeg": "jpg"}.get(media_type, media_type.partition("/")[2] or "bin")
        with self._lock:
            name = f"{self._chance.uuid().hex}.{suffix}"
            self._books.assets[name] = Asset(content, media_type)
        return name

    def asset(self, name: str) -> Asset | None:
        """The uploaded file of that name."""
        return self._books.assets.get(name)
