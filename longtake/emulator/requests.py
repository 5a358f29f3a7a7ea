"""One accepted request: what was sent, what it will cost, and where it stands at an instant."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from longtake.emulator.clock import utc_text

JobState = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]


@dataclass
class EmulatedRequest:
    """A paid job. Instants are epoch seconds on the emulator's clock; ``seed`` is what it uses.

    ``ends_at`` is infinite for a job that is stuck. ``failure`` is set at once for a job that is
    bound to fail, and shown only once it has run.
    """

    model: str
    body: dict[str, Any]
    account: int
    endpoint: Literal["v1", "v2"]
    accepted_at: float
    price_usd: float
    request_id: str
    seed: int
    starts_at: float = float("inf")
    ends_at: float = float("inf")
    number: int = 0
    failure: str | None = None
    clip: Future[bytes] | None = None
    usd: float = 0.0
    """What was billed: the price once COMPLETED, else 0."""
    remaining_usd: float | None = None
    settled: JobState | None = None
    settled_at: float | None = None
    told_at: float | None = None
    """When it was first told that it had settled."""
    expired: bool = False
    polls: int = 0
    downloads: int = 0

    @property
    def content(self) -> bytes:
        """The clip of a COMPLETED request."""
        return b"" if self.clip is None else self.clip.result()

    @property
    def path_part(self) -> str:
        """The id as one part of an address: an odd one may hold ``?``, ``#`` or ``/``."""
        return quote(self.request_id, safe="", errors="surrogatepass")

    def state_at(self, now: float) -> JobState:
        """The state at ``now``; COMPLETED only when the file is really there."""
        if self.settled is not None:
            return self.settled
        return "QUEUED" if now < self.starts_at else "PROCESSING"

    def ready_at(self, now: float) -> bool:
        """Whether the job has come to its end at ``now``."""
        drawn = self.clip is None or self.clip.done()
        return self.settled is None and now >= self.ends_at and drawn

    def metrics_at(self, now: float) -> dict[str, float]:
        """The ``metrics`` of an answer: seconds on the emulator's clock, USD once billed."""
        state = self.state_at(now)
        if state == "QUEUED":
            return {}
        metrics = {"queue_time": round(self.starts_at - self.accepted_at, 3)}
        if state == "PROCESSING" or self.settled_at is None:
            return metrics
        metrics["total_time"] = round(self.settled_at - self.accepted_at, 3)
        if state == "COMPLETED" and self.remaining_usd is not None:
            metrics["inference_time"] = round(self.settled_at - self.starts_at, 3)
            metrics = {"cost": self.usd, "remaining_credits": self.remaining_usd, **metrics}
        return metrics

    def summary_at(self, now: float) -> dict[str, Any]:
        """What ``GET /emulator/requests`` tells of it; the key is not in it."""
        return {
            "number": self.number,
            "request_id": self.request_id,
            "model": self.model,
            "endpoint": self.endpoint,
            "account": self.account,
            "body": _shortened(self.body),
            "state": self.state_at(now),
            "error": self.failure if self.settled == "FAILED" else None,
            "usd": self.usd,
            "polls": self.polls,
            "downloads": self.downloads,
            "accepted_at": utc_text(self.accepted_at),
            "settled_at": None if self.settled_at is None else utc_text(self.settled_at),
            "told_at": None if self.told_at is None else utc_text(self.told_at),
        }


def _shortened(body: dict[str, Any]) -> dict[str, Any]:
    """``body`` with its ``data:`` images cut: they would fill a terminal many times over."""
    return {
        name: f"{value[:48]}… ({len(value)} characters)"
        if isinstance(value, str) and value.startswith("data:") and len(value) > 96
        else value
        for name, value in body.items()
    }
