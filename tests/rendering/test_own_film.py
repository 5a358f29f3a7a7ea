"""Films of own clips, without Prefect: each clip is paid for once, whatever happens in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from longtake.emulator import RunningEmulator
from longtake.errors import BudgetReached, StoryboardError
from longtake.record import read_run
from longtake.rendering.own_film import OwnFilm
from longtake.rendering.own_opening import open_own_film
from longtake.rendering.requests import OwnFilmRequest
from tests.rendering.plain import STEPS, Workshop

CALM = {"continuity": {"colour": "off", "deflash": False, "gate": "off"}}


@asynccontextmanager
async def own_film(
    workshop: Workshop, emulator: RunningEmulator, **request: Any
) -> AsyncIterator[OwnFilm]:
    """A film that is open, of the same title and in the same folder each time."""
    profile = workshop.profile(emulator.base_url)
    asked = OwnFilmRequest("Own", workshop.folder / "out", profile=profile, **request)
    async with open_own_film(asked, lambda settings: STEPS) as film:
        yield film


@pytest.mark.thorough
async def test_two_clips_are_joined_and_the_frame_that_both_have_is_there_once(
    workshop: Workshop,
) -> None:
    with workshop.emulator() as emulator:
        for run in ("new", "again"):
            async with own_film(workshop, emulator) as film:
                first = await film.clip("1", "a lighthouse", CALM)
                frame = await film.last_frame(first)
                second = await film.clip("2", "its lamp is lit", CALM, frame)
                path = await film.join([first, second], "short.mp4")
            record = read_run(workshop.folder / "out/run.json")
            assert record is not None
            assert record.film is not None
            assert (path.name, record.film.file) == ("short.mp4", "short.mp4")
            assert record.film.frame_count == 81 + 80
            assert record.state == "completed"
            assert record.totals.reused == (2 if run == "again" else 0)
            assert (frame.frame_index, frame.path.is_file()) == (80, True)
        assert [request.model for request in emulator.emulator.requests] == [
            "wan-2.2-t2v-fast",
            "wan-2.2-i2v-fast",
        ]


@pytest.mark.slow
async def test_clips_in_another_order_come_after_a_cut_and_are_whole(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        async with own_film(workshop, emulator) as film:
            first = await film.clip("1", "a lighthouse", CALM)
            second = await film.clip("2", "its lamp", CALM, await film.last_frame(first))
            await film.join([second, first])
        record = read_run(workshop.folder / "out/run.json")
        assert record is not None
        assert record.film is not None
        assert record.film.frame_count == 81 + 81


@pytest.mark.thorough
async def test_the_same_words_twice_are_two_clips_and_the_same_call_twice_is_one(
    workshop: Workshop,
) -> None:
    with workshop.emulator() as emulator:
        async with own_film(workshop, emulator) as film:
            one = await film.clip("1", "a harbour", CALM)
            assert await film.clip("1", "a harbour", CALM) == one
            other = await film.clip("2", "a harbour", CALM)
        assert one.sha256 != other.sha256
        assert len(emulator.emulator.requests) == 2


@pytest.mark.slow
async def test_a_clip_that_no_budget_is_left_for_can_be_asked_for_again(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        async with own_film(workshop, emulator, budget_usd=0.15) as film:
            await film.clip("1", "a harbour", CALM)
            for _ in range(2):
                with pytest.raises(BudgetReached):
                    await film.clip("2", "a market", CALM)
        async with own_film(workshop, emulator) as film:
            await film.clip("1", "a harbour", CALM)
            await film.clip("2", "a market", CALM)
        assert len(emulator.emulator.requests) == 2


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"num_frames": 7}, "num_frames"),
        ({"lamp": 1}, "lamp"),
        ({"handover": "best"}, "handover"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_before_anything_is_sent(
    workshop: Workshop, parameters: dict[str, Any], said: str
) -> None:
    with workshop.emulator() as emulator:
        async with own_film(workshop, emulator) as film:
            with pytest.raises(StoryboardError, match=said):
                await film.clip("1", "a harbour", parameters)
            with pytest.raises(StoryboardError, match="there is no such file"):
                await film.clip("2", "a harbour", CALM, Path("nowhere.png"))
        assert not emulator.emulator.requests


@pytest.mark.thorough
async def test_a_film_has_one_frame_rate_and_a_clip_once(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        async with own_film(workshop, emulator) as film:
            slow = await film.clip("1", "a harbour", CALM)
            fast = await film.clip("2", "a harbour", CALM | {"frames_per_second": 24})
            for clips, said in (
                ([slow, fast], "one frame rate"),
                ([slow, slow], "once"),
                ([], "at least one"),
            ):
                with pytest.raises(StoryboardError, match=said):
                    await film.join(clips)
