"""The service's bodies, word for word as the contract shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from longtake.emulator.clock import utc_text
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.shapes import OUTPUTS

ERROR_WORDS: dict[int, str] = {
    400: "Bad request",
    401: "Invalid API key",
    402: "Insufficient credits",
    403: "Not permitted",
    404: "Not found",
    406: "Insufficient credits to run this model",
    405: "Method not allowed",
    409: "Conflict",
    410: "This model has been retired",
    413: "Request body too large",
    425: "Too early",
    429: "Too many requests",
    500: "Internal server error",
    504: "Endpoint request timed out",
}

HTML_TITLES = {405: "405 Not Allowed", 502: "502 Bad Gateway", 503: "503 Service Unavailable"}

MISSING_KEY_WORDS = "Missing Authorization or x-api-key in header"
NO_CREDITS_WORDS = "No credits found for the user"
"""At the balance, with 404."""
SPEND_LIMIT_WORDS = "Team spend limit reached"
"""With 406: credits there may be; topping up does not help."""

_KEYS = {403: "detail", 504: "message"}
"""The key that carries the words where it is not ``error``; all three were met."""

CONTENT_BLOCK_WORDS = "The prompt was flagged by our content moderation (Responsible AI)."
JOB_FAILED_WORDS = "CUDA out of memory"


class Json(JSONResponse):
    """JSON in ASCII letters: whatever stands in ``content``, a lone surrogate or NaN, is sent."""

    def render(self, content: Any) -> bytes:
        """``content`` as compact JSON."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def page(title: str, status: int) -> HTMLResponse:
    """An HTML page such as a gateway sends."""
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return HTMLResponse(text, status_code=status)


def error(
    status: int, message: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """An error answer: JSON with the service's words, or HTML where a gateway speaks."""
    if status in HTML_TITLES and message is None:
        return page(HTML_TITLES[status], status)
    words = message or ERROR_WORDS.get(status, "Request failed")
    body: dict[str, Any] = {_KEYS.get(status, "error"): words}
    if status == 401:
        body = {"error": "invalid_token", "error_description": words, "status_code": status}
    return Json(body, status_code=status, headers=headers)


def too_many_requests(reset_at: float, message: str | None = None) -> Response:
    """429; the only hint is the instant (epoch seconds) at which the limit starts afresh."""
    return error(429, message, {"x-rate-limit-reset-at-utc": utc_text(reset_at)})


def accepted(request: EmulatedRequest, base_url: str) -> dict[str, Any]:
    """The answer to a submit."""
    response_url = f"{base_url}/v2/requests/{request.path_part}"
    return {
        "request_id": request.request_id,
        "status": "QUEUED",
        "poll_url": f"{base_url}/v1/requests/{request.path_part}",
        "status_url": f"{response_url}/status",
        "response_url": response_url,
    }


def status(request: EmulatedRequest, now: float) -> dict[str, Any]:
    """The answer to a status poll."""
    state = request.state_at(now)
    body: dict[str, Any] = {"status": state, "request_id": request.request_id}
    if state == "FAILED":
        body["error"] = request.failure
    return body | {"metrics": request.metrics_at(now)}


def result(request: EmulatedRequest, now: float, output_url: str, shape: str) -> dict[str, Any]:
    """The answer to a request for the result."""
    body = status(request, now)
    if body["status"] == "COMPLETED":
        body |= {"error": None, "output": OUTPUTS[shape](output_url)}
    return body


def http_status(body: dict[str, Any]) -> int:
    """A FAILED request is served as 422, everything else as 200."""
    return 422 if body["status"] == "FAILED" else 200


def history_row(request: EmulatedRequest, now: float, output_url: str) -> dict[str, Any]:
    """One row of the request history; an unfinished one is PENDING."""
    state = request.state_at(now)
    done = state in ("COMPLETED", "FAILED") and request.settled_at is not None
    seconds = (request.settled_at or 0) - request.accepted_at
    return {
        "request_id": request.request_id,
        "model_name": request.model,
        "model_status": state if done else "PENDING",
        "credits_deduction": request.usd if state == "COMPLETED" else None,
        "request_body": request.body,
        "generation_url": output_url if state == "COMPLETED" else None,
        "latency_ms": round(seconds * 1000) if done else None,
        "created_at": utc_text(request.accepted_at),
        "error": request.failure if state == "FAILED" else None,
    }


def history_page(rows: Sequence[dict[str, Any]], number: int, size: int) -> dict[str, Any]:
    """One page (1-based) of ``rows`` in its envelope."""
    first = (number - 1) * size
    return {
        "data": list(rows[first : first + size]),
        "page": number,
        "per_page": size,
        "total": len(rows),
    }


def day(instant: float) -> str:
    """The UTC day of ``instant`` as YYYY-MM-DD."""
    return datetime.fromtimestamp(instant, UTC).date().isoformat()
