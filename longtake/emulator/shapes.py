"""The odd shapes that facts come in: outputs, metrics, rows, ids, words, spellings of a key.

Pure functions of a body; each dictionary lists, by name, what a fault's ``shape`` may be.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

Change = Callable[[Any], Any]

OUTPUTS: Mapping[str, Callable[[str], object]] = {
    "string": lambda url: url,
    "video": lambda url: {"video": {"url": url}},
    "url": lambda url: {"url": url},
    "list": lambda url: [{"url": url}],
    "videos": lambda url: {"videos": [{"url": url}]},
    "strings": lambda url: [url],
    "json_text": lambda url: json.dumps({"video": {"url": url}}),
    "blanks": lambda url: f" \n{url}\t ",
    "upper_case": lambda url: url.replace("http", "HTTP", 1),
    "no_scheme": lambda url: "//" + url.partition("//")[2],
    "path_only": lambda url: urlsplit(url).path,
    "empty": lambda _: "",
    "number": lambda _: 7,
    "nested": lambda url: {"result": {"data": [{"outputs": {"video_url": url}}]}},
    "two": lambda url: [url, f"{url}?second"],
}
"""``output`` of a result; the first four were met on the service."""

WORDS: Mapping[str, str] = {
    "ansi": "\x1b[2J\x1b[31mAll is well\x1b[0m",
    "osc": "\x1b]0;owned\x07\x1b]8;;http://127.0.0.1/\x1b\\click\x1b]8;;\x1b\\",
    "surrogate": "lone \ud800 and \udfff",
    "nul": "nothing\x00 and \x07 a bell",
    "right_to_left": "gpj.\u202egpm",
    "lines": "first\r\nINFO render: everything was paid\r\n",
    "markup": "[bold red]not bold[/bold red] [/1] [link=file:///etc]x[/link]",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "long": "word " * 40_000,
    "empty": "",
}
"""Texts of errors."""

IDS: Mapping[str, object] = {
    **{name: WORDS[name] for name in ("ansi", "osc", "surrogate", "nul", "lines", "markup")},
    "path": "../../../tmp/x",
    "query": "a?b=c#d",
    "long": "a" * 100_000,
    "blank": "  ",
    "number": 7,
    "list": ["a"],
}
"""``request_id`` of an accepted submit; the job can still be found in the history by its seed."""

KEYS = ("plain", "json_escaped", "percent", "base64", "base64_twice", "header", "split")
"""Spellings of the key that is echoed."""


def echoed(key: str, spelling: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an error that says ``key`` in one of the spellings of ``KEYS``."""
    raw = key.encode()
    said = {
        "json_escaped": "".join(f"\\u{ord(one):04x}" for one in key),
        "percent": "".join(f"%{byte:02X}" for byte in raw),
        "base64": base64.b64encode(raw).decode(),
        "base64_twice": base64.b64encode(base64.b64encode(raw)).decode(),
        "header": "in a header",
    }.get(spelling, json.dumps(key)[1:-1])
    headers = {"x-echo": key, "x-request-id": key} if spelling == "header" else {}
    return f'{{"error":"Invalid request, x-api-key: {said}"}}'.encode(), headers


def _cost(value: object) -> Change:
    def change(body: Any) -> Any:
        for facts, name in ((body.get("metrics"), "cost"), (body, "credits_deduction")):
            if isinstance(facts, dict) and name in facts:
                facts[name] = value
        return body

    return change


def _without_cost(body: Any) -> Any:
    for facts, name in ((body.get("metrics"), "cost"), (body, "credits_deduction")):
        if isinstance(facts, dict):
            facts.pop(name, None)
    return body


def _times(value: Callable[[Any], object]) -> Change:
    def change(body: Any) -> Any:
        metrics = body.get("metrics")
        for name in ("queue_time", "inference_time", "total_time"):
            if isinstance(metrics, dict) and name in metrics:
                metrics[name] = value(metrics[name])
        if "latency_ms" in body:
            body["latency_ms"] = value(body["latency_ms"])
        return body

    return change


def _metrics(value: object) -> Change:
    return lambda body: body | {"metrics": value} if "metrics" in body else body


METRICS: Mapping[str, Change] = {
    "cost_negative": _cost(-5),
    "cost_huge": _cost(1e300),
    "cost_text": _cost("0.1"),
    "cost_words": _cost("free"),
    "cost_nan": _cost(float("nan")),
    "cost_infinite": _cost(float("inf")),
    "cost_null": _cost(None),
    "cost_true": _cost(True),
    "cost_list": _cost([0.1]),
    "cost_missing": _without_cost,
    "times_text": _times(lambda seconds: f"{seconds}s"),
    "times_negative": _times(lambda _: -1),
    "times_huge": _times(lambda _: 1e300),
    "times_null": _times(lambda _: None),
    "times_nested": _times(lambda seconds: {"seconds": seconds}),
    "metrics_null": _metrics(None),
    "metrics_list": _metrics([]),
    "metrics_text": _metrics("none"),
}
"""Facts about money and time, in ``metrics`` and in the rows of the history."""


def address(url: str, location: str | None, size_bytes: int | None) -> str:
    """The address that is given instead of ``url``: another one, or a long one."""
    address = location or url
    padding = "" if size_bytes is None else "?" + "a" * max(size_bytes - len(address) - 1, 0)
    return address + padding
