"""The world of a seed: what no test would think of, and what is rare made likely."""

from __future__ import annotations

import random
from typing import NamedTuple

from tests.simulation.drawn_faults import draw_faults, draw_late_history, few, maybe
from tests.simulation.world import MOMENTS, Board, Jump, Run, ShotDrawn, Verdict, World

PROMPTS = ("a boat at dawn", "a light on the rocks", "gulls over the pier", "fog on the water")


class Sizes(NamedTuple):
    """How much a storyboard has of each, one as likely as the other."""

    scenes: tuple[int, ...]
    shots: tuple[int, ...]
    takes: tuple[int, ...]


SMALL = Sizes(scenes=(1, 1, 1, 1, 2), shots=(1, 1, 1, 2), takes=(1, 1, 1, 1, 1, 2, 3))
LARGE = Sizes(scenes=(1, 1, 2, 2, 4), shots=(1, 1, 2, 3), takes=(1, 1, 1, 2, 3))
LARGE_SHARE = 0.03
LATE_SHARE = 0.02
V1_SHARE = 0.08


def draw(seed: int) -> World:
    """The world of a seed."""
    chance = random.Random(seed)
    boards, unseen = _boards(chance), chance.random() < 0.2
    runs = _runs(chance, len(boards))
    boards, runs = _directed(random.Random(f"{seed} desk"), boards, runs)
    runs = _powered(random.Random(f"{seed} power"), runs)
    world = World(
        seed=seed,
        boards=boards,
        runs=runs,
        faults=draw_faults(chance, runs, unseen=unseen),
        verdicts=tuple(
            Verdict(
                at_seconds=chance.uniform(60, 900),
                take=chance.randrange(4),
                says=chance.choice(("rejected", "chosen", "none")),
            )
            for _ in range(few(chance, 2, 0.3))
        ),
        jumps=tuple(
            Jump(
                at_seconds=chance.uniform(0, 40 if unseen else 400),
                by_seconds=chance.choice((-1, 1)) * 10 ** chance.uniform(0, 5.5),
            )
            for _ in range(few(chance, 2, 0.5 if unseen else 0.25))
        ),
        skew_seconds=maybe(
            chance,
            0.4,
            lambda: (
                chance.choice((-1, 1)) * 10 ** chance.uniform(*chance.choice(((0, 4), (4, 5.9))))
            ),
            0.0,
        ),
        prices=maybe(
            chance,
            0.4,
            lambda: (round(chance.uniform(0.02, 0.4), 2), round(chance.uniform(0.02, 0.4), 2)),
            (0.10, 0.09),
        ),
        latency_seconds=chance.choice(((0.01, 0.2), (0.01, 0.01), (0.1, 5.0))),
        inference_seconds=chance.choice((5.0, 20.0, 60.0)),
        queue_seconds=chance.choice((0.0, 4.0, 60.0)),
        credits_usd=maybe(chance, 0.15, lambda: round(chance.uniform(0.05, 0.5), 2), 100.0),
        topped_up_at=maybe(chance, 0.5, lambda: chance.uniform(30, 600), None),
        record_seconds=maybe(chance, 0.15, lambda: chance.choice((5.0, 30.0, 100.0)), 3600.0),
        short_share=maybe(chance, 0.3, lambda: 0.5, 0.0),
        concurrency=chance.choice((1, 2, 8)),
        retakes=chance.choice((0, 1, 2)),
        lease_seconds=chance.choice((20.0, 60.0, 60.0)),
        daily_budget_usd=maybe(chance, 0.15, lambda: round(chance.uniform(0.1, 0.6), 2), None),
        requests_per_minute=maybe(chance, 0.1, lambda: chance.choice((10, 30)), None),
        image_transport=maybe(chance, 0.2, lambda: "data_uri", "upload"),
    )
    if random.Random(f"{seed} v1").random() < V1_SHARE:
        return _by_v1(world)
    return _with_a_late_history(random.Random(f"{seed} late"), world)


def _by_v1(world: World) -> World:
    """The same by the blocking call: the service's record is what tells whether it made a clip."""
    faults = tuple(each for each in world.faults if each["do"] not in ("expire", "odd_id"))
    return world.model_copy(update={"endpoint": "v1", "record_seconds": 3600.0, "faults": faults})


def _with_a_late_history(chance: random.Random, world: World) -> World:
    """Now and then rows are later than the patience, by more than a clip takes.

    Nobody dies in it, and the second submit is the one without an answer, since it is what was
    accepted before that tells how late rows are.
    """
    if chance.random() >= LATE_SHARE:
        return world
    first, *scenes = world.boards[0].scenes
    second = _shot(chance, SMALL).model_copy(update={"again": True})
    board = world.boards[0].model_copy(update={"scenes": ((*first, second), *scenes)})
    plain = {"runs": (Run(at_seconds=0.0),), "verdicts": (), "jumps": ()}
    paced = {"credits_usd": 100.0, "daily_budget_usd": None, "requests_per_minute": None}
    faults = {"faults": draw_late_history(chance)}
    return world.model_copy(update={"boards": (board,), **plain, **paced, **faults})


def _boards(chance: random.Random) -> tuple[Board, ...]:
    """One or two, nearly all of them small: whatever takes many clips to show is rare."""
    sizes = LARGE if chance.random() < LARGE_SHARE else SMALL
    first = Board(
        scenes=tuple(
            tuple(_shot(chance, sizes) for _ in range(chance.choice(sizes.shots)))
            for _ in range(chance.choice(sizes.scenes))
        )
    )
    return (first, _edited(first, chance, sizes)) if chance.random() < 0.3 else (first,)


def _directed(
    chance: random.Random, boards: tuple[Board, ...], runs: tuple[Run, ...]
) -> tuple[tuple[Board, ...], tuple[Run, ...]]:
    """Now and then what a director does: a tree, a shot left out or of one's own, a clip healed."""
    if (lot := chance.random()) < 0.1:
        return tuple(board.model_copy(update={"path": "tree"}) for board in boards), runs
    if lot < 0.2:
        return tuple(_with_odd_shot(board, chance) for board in boards), runs
    if lot < 0.25:
        return tuple(_with_twin(board, chance) for board in boards), runs
    if lot < 0.42:
        healed = [Run(at_seconds=run.at_seconds + 2000, heals="s1/2.1") for run in runs[:1]]
        return boards, (*runs, *healed)
    return boards, runs


def _powered(chance: random.Random, runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Now and then it is the power that is cut where a run dies."""
    return tuple(
        run.model_copy(update={"cuts_power": True})
        if (run.dies_at is not None or run.dies_on is not None) and chance.random() < 0.3
        else run
        for run in runs
    )


def _with_odd_shot(board: Board, chance: random.Random) -> Board:
    """One that is not a scene's first is left out, or one of any is the author's own."""
    odd = {"skip": True} if chance.random() < 0.5 else {"own": True}
    scenes = [list(scene) for scene in board.scenes]
    scene = chance.choice(scenes)
    at = chance.randrange(len(scene))
    if at or "own" in odd:
        scene[at] = scene[at].model_copy(update=odd)
    return Board(scenes=tuple(map(tuple, scenes)))


def _with_twin(board: Board, chance: random.Random) -> Board:
    """One that begins a scene is asked for a second time, down to its seed: it is one take."""
    first = chance.choice(board.scenes)[0].model_copy(update={"seed": 5, "skip": False})
    return Board(scenes=((first,), *board.scenes, (first,)))


def _shot(chance: random.Random, sizes: Sizes) -> ShotDrawn:
    return ShotDrawn(
        prompt=chance.choice(PROMPTS),
        takes=chance.choice(sizes.takes),
        again=chance.random() < 0.7,
        gate=chance.random() < 0.2,
        seed=maybe(chance, 0.15, lambda: 5, None),
    )


def _edited(board: Board, chance: random.Random, sizes: Sizes) -> Board:
    scenes = [list(scene) for scene in board.scenes]
    scene = chance.choice(scenes)
    scene[chance.randrange(len(scene))] = _shot(chance, sizes)
    if chance.random() < 0.3:
        scenes.append([_shot(chance, sizes)])
    return Board(scenes=tuple(tuple(scene) for scene in scenes))


def _runs(chance: random.Random, boards: int) -> tuple[Run, ...]:
    return tuple(_run(chance, boards) for _ in range(chance.choice((1, 1, 1, 2, 2, 2, 3))))


def _run(chance: random.Random, boards: int) -> Run:
    fate = chance.random()
    return Run(
        at_seconds=chance.choice((0.0, 0.0, chance.uniform(0, 300), chance.uniform(0, 9000))),
        board=chance.randrange(boards),
        budget_usd=maybe(chance, 0.3, lambda: round(chance.uniform(0.05, 0.6), 2), None),
        retake_lost=chance.random() < 0.15,
        dies_at=_step(chance) if fate < 0.25 else None,
        dies_on=chance.choice(MOMENTS) if 0.25 <= fate < 0.4 else None,
        stops_at=_step(chance) if 0.4 <= fate < 0.5 else None,
        freezes_at=_step(chance) if 0.5 <= fate < 0.6 else None,
        freezes_on=chance.choice(MOMENTS[:2]) if 0.6 <= fate < 0.7 else None,
        freezes_seconds=chance.choice((5.0, 70.0, 200.0, 4000.0)),
    )


def _step(chance: random.Random) -> int:
    return int(10 ** chance.uniform(1, 3.2))
