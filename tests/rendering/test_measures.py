"""Measures are taken once, and found again by what they were taken of."""

from __future__ import annotations

from pathlib import Path

from longtake.ledger import Ledger
from longtake.rendering.measure_cache import (
    SplicePoint,
    Standing,
    is_looked_at,
    measured,
    recalled,
    score_of,
    splice_of,
    standing_of,
    tail_of,
    treatment_of,
)
from longtake.rendering.takes import Images
from longtake.story import Storyboard, build_plan


async def test_a_measure_is_taken_once_and_then_remembered(tmp_path: Path) -> None:
    taken: list[int] = []

    async def take() -> SplicePoint:
        taken.append(1)
        return SplicePoint(left_frame_index=70, right_frame_index=2)

    subject = splice_of("left", "right", 80, 12)
    async with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        assert await recalled(ledger, subject, SplicePoint) is None
        first = await measured(ledger, subject, SplicePoint, take)
    async with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        assert await measured(ledger, subject, SplicePoint, take) == first
        assert await recalled(ledger, subject, SplicePoint) == first
    assert taken == [1]


async def test_a_standing_at_the_limit_passes_and_one_beyond_falls_short(tmp_path: Path) -> None:
    async with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        standing = Standing(score=1.0)
        await ledger.remember_measure(standing_of("take"), standing.model_dump_json())
        assert await recalled(ledger, standing_of("take"), Standing) == standing
    assert not standing.falls_short
    assert Standing(score=1.01).falls_short


def test_what_is_looked_at_differently_is_another_measure() -> None:
    film = build_plan(
        Storyboard.model_validate(
            {
                "title": "T",
                "scenes": [
                    {
                        "name": "One",
                        "shots": [
                            "a",
                            "b",
                            {"prompt": "c", "continuity": {"colour": "tracked"}},
                            {"prompt": "d", "continuity": {"gate": "retake"}},
                        ],
                    }
                ],
            }
        ),
        base_seed=1,
    )
    _, paired, tracked, gated = film.clips
    sent = Images("y")
    assert treatment_of(paired, "x", sent, "bt601") != treatment_of(tracked, "x", sent, "bt601")
    assert treatment_of(paired, "x", sent, "bt601") != treatment_of(paired, "x", sent, "bt709")
    assert treatment_of(paired, "x", sent, "bt601") == treatment_of(gated, "x", sent, "bt601")
    subjects = {
        tail_of("x", 80, 12, "bt601"),
        tail_of("x", 79, 12, "bt601"),
        score_of("", "x", None, (0, 81)),
        score_of("", "x", "y 80", (1, 80)),
        score_of("", "x", "y 80", (1, 79)),
    }
    assert len(subjects) == 5


def test_a_clip_is_looked_at_where_it_continues_another_and_something_depends_on_it() -> None:
    off = {"colour": "off", "deflash": False, "gate": "off"}
    shots = [
        "a",
        "b",
        {"prompt": "c", "continuity": off},
        {"prompt": "d", "continuity": off | {"drift": "reanchor"}},
    ]
    data = {"title": "T", "scenes": [{"name": "One", "shots": shots}]}
    film = build_plan(Storyboard.model_validate(data), base_seed=1)
    assert [is_looked_at(clip) for clip in film.clips] == [False, True, False, True]
