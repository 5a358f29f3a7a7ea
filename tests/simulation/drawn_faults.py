"""Faults of a world: some of all kinds, and those that belong together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from longtake.emulator.shapes import KEYS, METRICS, OUTPUTS, WORDS
from tests.simulation.world import Fault, Run

KEY_ROWS = ("no_zone", "other_zone", "epoch_ms", "other_types", "floats", "defaults")
ODD_ROWS = (*KEY_ROWS, "other_zone_unsaid", "words", "no_body", "fewer_keys", "cut_prompt")
LATE_ROWS_SECONDS = (5.0, 50.0, 100.0)
"""For a row that is later than the patience (120 s) nobody waits who has not seen others lack."""

LATE_HISTORY_SECONDS = (300.0, 600.0, 1500.0)

FAULTS: tuple[tuple[str, str], ...] = (
    *(("submit", each) for each in ("reset", "silence", "html", "slow", "empty", "not_json")),
    *(("submit", each) for each in ("cut_answer", "drop_answer", "wrong_shape", "rate_limit")),
    *(("submit", f"accept_then_{each}") for each in ("reset", "error", "garbage", "silence")),
    *(("submit", each) for each in ("http_error", "out_of_credits", "challenge", "deep")),
    *(("submit", each) for each in ("spend_limit",)),
    *(("upload", each) for each in ("http_error", "reset", "wrong_shape", "rate_limit", "slow")),
    *(("status", each) for each in ("http_error", "reset", "silence", "html", "expire")),
    *(("status", each) for each in ("unknown_state", "odd_code", "rate_limit", "cut_answer")),
    *(("result", each) for each in ("http_error", "reset", "no_output", "expire", "odd_code")),
    *(("result", each) for each in ("silence", "html", "cut_answer", "reshape", "odd_metrics")),
    *(("download", each) for each in ("truncate", "short", "corrupt", "stall", "playlist")),
    *(("download", each) for each in ("html", "empty", "reset", "rate_limit", "not_found")),
    *(("download", each) for each in ("http_error", "media_type", "challenge")),
    *(("history", each) for each in ("hide", "odd_rows", "http_error", "reset", "html")),
    *(("history", each) for each in ("hide", "wrong_shape", "silence", "rate_limit")),
    *(("job", each) for each in ("fail", "content_block", "late", "stuck", "price")),
    ("asset", "not_found"),
)
ANSWERED = ("submit", "status", "result", "history", "upload")
ASKED = (*ANSWERED, "download", "asset")
ODD_FAULTS: tuple[tuple[str, str], ...] = (
    *((on, each) for on in ASKED for each in ("skew", "redirect", "slow", "challenge", "empty")),
    *((on, each) for on in ANSWERED for each in ("deep", "not_json", "dirty_words", "echo_key")),
    *(("asset", each) for each in ("http_error", "reset", "truncate", "stall", "html")),
    *(("submit", "odd_id"), ("result", "address"), ("history", "address")),
    *(("job", "dirty_words"), ("download", "corrupt_again")),
)
"""What hardly ever happens: of four faults one is of these."""

UNANSWERED = ("accept_then_reset", "accept_then_error", "accept_then_garbage", "drop_answer")
SHAPES = {
    "reshape": tuple(OUTPUTS),
    "odd_metrics": tuple(METRICS),
    "dirty_words": tuple(WORDS),
    "echo_key": KEYS,
    "odd_id": ("path", "query", "blank", "number", "list", "ansi", "long"),
    "odd_rows": ODD_ROWS,
}
ELSEWHERE = ("http://127.0.0.1:1/x.mp4", "https://clips.invalid/a.mp4", "file:///x.mp4", "/other")
STATUSES = {
    "submit": (400, 401, 403, 404, 410, 429, 500, 502, 503, 504),
    "upload": (401, 429, 500, 502),
    "status": (401, 403, 404, 409, 425, 429, 500, 502, 503),
    "result": (401, 403, 404, 409, 425, 500, 502, 503),
    "download": (401, 403, 404, 410, 429, 500, 502, 503),
    "history": (401, 403, 404, 429, 500, 502),
    "asset": (401, 403, 404, 429, 500, 503),
}


def draw_faults(chance: random.Random, runs: Sequence[Run], *, unseen: bool) -> tuple[Fault, ...]:
    """Some of all kinds; ``unseen``: a submit without an answer whose row comes late."""
    some = tuple(_fault(chance) for _ in range(few(chance, 4)))
    if any(run.dies_on == "fetched" for run in runs):
        some = ({"on": "download", "do": "corrupt", "nth": 1}, *some)
    if not unseen:
        return some
    unanswered = {"on": "submit", "do": chance.choice(UNANSWERED), "nth": 1}
    return (unanswered, *some, _late_rows(chance))


def draw_late_history(chance: random.Random) -> tuple[Fault, ...]:
    """The second submit has no answer, and all rows come later than the patience."""
    unanswered = {"on": "submit", "do": chance.choice(UNANSWERED), "nth": 2}
    return (unanswered, _late_rows(chance) | {"seconds": chance.choice(LATE_HISTORY_SECONDS)})


def _late_rows(chance: random.Random) -> Fault:
    return {"on": "history", "do": "hide", "seconds": chance.choice(LATE_ROWS_SECONDS)}


def _fault(chance: random.Random) -> Fault:
    on, do = chance.choice(ODD_FAULTS if chance.random() < 0.25 else FAULTS)
    fault: Fault = {"on": on, "do": do}
    if do in SHAPES:
        fault["shape"] = chance.choice(SHAPES[do])
    if do == "http_error":
        fault["status"] = chance.choice(STATUSES[on])
    if do in ("redirect", "address"):
        fault["location"] = chance.choice(ELSEWHERE)
    if do == "skew":
        fault["seconds"] = chance.choice((-1, 1)) * 10 ** chance.uniform(1, 5)
    if do == "odd_id":
        return fault | {"nth": chance.choice((1, 2, 3))}  # each job has an id of its own
    if do == "price":
        fault["usd"] = round(chance.uniform(0, 0.5), 2)
    if do in ("silence", "drop_answer", "accept_then_silence", "stall", "slow", "late"):
        fault["seconds"] = chance.choice((1.0, 30.0, 90.0))
    if do == "hide":
        return _late_rows(chance)
    if on == "job" and do == "stuck":
        return fault | {"times": 1}
    when = chance.random()
    if when < 0.5:
        return fault | {"nth": chance.choice((1, 1, 2, 3)), "times": chance.choice((1, 1, 2, 5))}
    if when < 0.7:
        return fault | {"for_seconds": chance.choice((5.0, 60.0, 600.0))}
    return fault | {"times": chance.choice((1, 2, 4, 8))}


def few(chance: random.Random, most: int, some: float = 0.75) -> int:
    """Up to so many, and now and then none."""
    return chance.randint(1, most) if chance.random() < some else 0


def maybe(chance: random.Random, share: float, drawn: Any, else_: Any) -> Any:
    """What is drawn, in that share of all worlds."""
    return drawn() if chance.random() < share else else_
