"""A world as a seed draws it: what is rendered, how the service behaves, what happens to renders.

Plain values, so that a world can be printed, shrunk, and played again.
"""

from __future__ import annotations

import random
from typing import Any

from pydantic import BaseModel, ConfigDict

Fault = dict[str, Any]

KEY_ROWS = ("no_zone", "other_zone", "epoch_ms", "other_types", "floats", "defaults")
ODD_ROWS = (*KEY_ROWS, "other_zone_unsaid", "words", "no_body", "fewer_keys", "cut_prompt")
LATE_ROWS_SECONDS = 50.0


class Frozen(BaseModel):
    """Values that are compared and printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShotDrawn(Frozen):
    """A shot of one clip; ``again`` starts from a frame of the one before it."""

    prompt: str
    takes: int = 1
    again: bool = True
    gate: bool = False


class Board(Frozen):
    """A storyboard: scenes of shots."""

    scenes: tuple[tuple[ShotDrawn, ...], ...]

    def authored(self) -> dict[str, Any]:
        """As an author writes it."""
        calm = {"colour": "off", "deflash": False, "gate": "off"}
        scenes = []
        for number, scene in enumerate(self.scenes, 1):
            shots = []
            for at, shot in enumerate(scene):
                said: dict[str, Any] = {"prompt": shot.prompt, "takes": shot.takes}
                if shot.gate:
                    said["continuity"] = {"gate": "retake"}
                if at and not shot.again:
                    said["start"] = "cut"
                shots.append(said)
            scenes.append({"name": f"s{number}", "shots": shots})
        return {"title": "World", "look": {"seed": 7, "continuity": calm}, "scenes": scenes}


class Run(Frozen):
    """One start of the command: when, of what, and what happens to it.

    ``dies_at`` and ``freezes_at`` count the process's own steps.
    """

    at_seconds: float
    board: int = 0
    budget_usd: float | None = None
    retake_lost: bool = False
    dies_at: int | None = None
    stops_at: int | None = None
    freezes_at: int | None = None
    freezes_seconds: float = 0.0
    machine: int = 0


class Verdict(Frozen):
    """A person decides about the ``take``-th take that is stored."""

    at_seconds: float
    take: int
    says: str


class Jump(Frozen):
    """Our clock is set by that much."""

    at_seconds: float
    by_seconds: float


class World(Frozen):
    """Everything that a seed decides, but for the order of what happens at once."""

    seed: int
    boards: tuple[Board, ...]
    runs: tuple[Run, ...]
    faults: tuple[Fault, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    jumps: tuple[Jump, ...] = ()
    skew_seconds: float = 0.0
    prices: tuple[float, float] = (0.10, 0.09)
    latency_seconds: tuple[float, float] = (0.01, 0.2)
    inference_seconds: float = 60.0
    queue_seconds: float = 4.0
    credits_usd: float = 100.0
    topped_up_at: float | None = None
    record_seconds: float = 3600.0
    short_share: float = 0.0
    concurrency: int = 8
    retakes: int = 2
    lease_seconds: float = 60.0
    daily_budget_usd: float | None = None
    requests_per_minute: int | None = None
    image_transport: str = "upload"


PROMPTS = ("a boat at dawn", "a light on the rocks", "gulls over the pier", "fog on the water")


def draw(seed: int) -> World:
    """The world of a seed."""
    chance = random.Random(seed)  # noqa: S311
    boards = _boards(chance)
    return World(
        seed=seed,
        boards=boards,
        runs=_runs(chance, len(boards)),
        faults=tuple(_fault(chance) for _ in range(_few(chance, 4))),
        verdicts=tuple(
            Verdict(
                at_seconds=chance.uniform(60, 900),
                take=chance.randrange(4),
                says=chance.choice(("rejected", "chosen", "none")),
            )
            for _ in range(_few(chance, 2, 0.3))
        ),
        jumps=tuple(
            Jump(
                at_seconds=chance.uniform(0, 400),
                by_seconds=chance.choice((-1, 1)) * 10 ** chance.uniform(0, 5.5),
            )
            for _ in range(_few(chance, 2, 0.25))
        ),
        skew_seconds=_maybe(
            chance, 0.4, lambda: chance.choice((-1, 1)) * 10 ** chance.uniform(0, 5.5), 0.0
        ),
        prices=_maybe(
            chance,
            0.4,
            lambda: (round(chance.uniform(0.02, 0.4), 2), round(chance.uniform(0.02, 0.4), 2)),
            (0.10, 0.09),
        ),
        latency_seconds=chance.choice(((0.01, 0.2), (0.01, 0.01), (0.1, 5.0))),
        inference_seconds=chance.choice((5.0, 60.0, 200.0)),
        queue_seconds=chance.choice((0.0, 4.0, 60.0)),
        credits_usd=_maybe(chance, 0.15, lambda: round(chance.uniform(0.05, 0.5), 2), 100.0),
        topped_up_at=_maybe(chance, 0.5, lambda: chance.uniform(30, 600), None),
        record_seconds=_maybe(chance, 0.15, lambda: chance.choice((5.0, 30.0, 100.0)), 3600.0),
        short_share=_maybe(chance, 0.3, lambda: 0.5, 0.0),
        concurrency=chance.choice((1, 2, 8)),
        retakes=chance.choice((0, 1, 2)),
        lease_seconds=chance.choice((10.0, 60.0)),
        daily_budget_usd=_maybe(chance, 0.15, lambda: round(chance.uniform(0.1, 0.6), 2), None),
        requests_per_minute=_maybe(chance, 0.1, lambda: chance.choice((10, 30)), None),
        image_transport=_maybe(chance, 0.2, lambda: "data_uri", "upload"),
    )


def _boards(chance: random.Random) -> tuple[Board, ...]:
    first = Board(
        scenes=tuple(
            tuple(_shot(chance) for _ in range(chance.choice((1, 1, 2, 3))))
            for _ in range(chance.choice((1, 1, 2)))
        )
    )
    return (first, _edited(first, chance)) if chance.random() < 0.3 else (first,)


def _shot(chance: random.Random) -> ShotDrawn:
    return ShotDrawn(
        prompt=chance.choice(PROMPTS),
        takes=chance.choice((1, 1, 1, 2, 3)),
        again=chance.random() < 0.7,
        gate=chance.random() < 0.2,
    )


def _edited(board: Board, chance: random.Random) -> Board:
    scenes = [list(scene) for scene in board.scenes]
    scene = chance.choice(scenes)
    scene[chance.randrange(len(scene))] = _shot(chance)
    if chance.random() < 0.3:
        scenes.append([_shot(chance)])
    return Board(scenes=tuple(tuple(scene) for scene in scenes))


def _runs(chance: random.Random, boards: int) -> tuple[Run, ...]:
    return tuple(_run(chance, boards) for _ in range(chance.choice((1, 1, 2, 2, 3))))


def _run(chance: random.Random, boards: int) -> Run:
    fate = chance.random()
    return Run(
        at_seconds=chance.choice((0.0, 0.0, chance.uniform(0, 300), chance.uniform(0, 9000))),
        board=chance.randrange(boards),
        budget_usd=_maybe(chance, 0.2, lambda: round(chance.uniform(0.05, 0.6), 2), None),
        retake_lost=chance.random() < 0.15,
        dies_at=_step(chance) if fate < 0.35 else None,
        stops_at=_step(chance) if 0.35 <= fate < 0.5 else None,
        freezes_at=_step(chance) if chance.random() < 0.15 else None,
        freezes_seconds=chance.choice((5.0, 70.0, 200.0, 4000.0)),
    )


def _step(chance: random.Random) -> int:
    return int(10 ** chance.uniform(1, 3.2))


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
SHAPES = {
    "reshape": ("video", "url", "list"),
    "odd_metrics": ("cost_negative", "cost_text", "cost_nan", "cost_missing", "metrics_null"),
    "odd_rows": ODD_ROWS,
}
STATUSES = {
    "submit": (400, 401, 403, 404, 410, 429, 500, 502, 503, 504),
    "upload": (401, 429, 500, 502),
    "status": (401, 403, 404, 409, 425, 429, 500, 502, 503),
    "result": (401, 403, 404, 409, 425, 500, 502, 503),
    "download": (401, 403, 404, 410, 429, 500, 502, 503),
    "history": (401, 403, 404, 429, 500, 502),
}


def _fault(chance: random.Random) -> Fault:
    on, do = chance.choice(FAULTS)
    fault: Fault = {"on": on, "do": do}
    if do in SHAPES:
        fault["shape"] = chance.choice(SHAPES[do])
    if do == "http_error":
        fault["status"] = chance.choice(STATUSES[on])
    if do == "price":
        fault["usd"] = round(chance.uniform(0, 0.5), 2)
    if do in ("silence", "drop_answer", "accept_then_silence", "stall", "slow", "late"):
        fault["seconds"] = chance.choice((1.0, 30.0, 90.0))
    if do == "hide":
        return fault | {"for_seconds": LATE_ROWS_SECONDS}
    if on == "job" and do == "stuck":
        return fault | {"times": 1}
    when = chance.random()
    if when < 0.5:
        return fault | {"nth": chance.choice((1, 1, 2, 3)), "times": chance.choice((1, 1, 2, 5))}
    if when < 0.7:
        return fault | {"for_seconds": chance.choice((5.0, 60.0, 600.0))}
    return fault | {"times": chance.choice((1, 2, 4, 8))}


def _few(chance: random.Random, most: int, some: float = 0.75) -> int:
    return chance.randint(1, most) if chance.random() < some else 0


def _maybe(chance: random.Random, share: float, drawn: Any, else_: Any) -> Any:
    return drawn() if chance.random() < share else else_
