"""Bad takes and choices in whole renders."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
import numpy as np
import pytest

from longtake.cli import run
from longtake.errors import BudgetReached
from longtake.rendering.outlook import Outlook
from tests.end_to_end.conftest import Harness
from tests.end_to_end.continuity import (
    PATIENT,
    REVIEWED,
    apart,
    bad,
    board,
    chosen,
    foreseen,
    frames,
    image_sent,
    picture,
    prompts,
)

pytestmark = pytest.mark.slow

THREE = ("a lighthouse at dusk", "the lamp is lit", "waves below")
TWO = THREE[:2]

BAD_TAKES: dict[str, tuple[dict[str, Any], str]] = {
    "a flash beyond what deflash takes off": ({"flash": 60, "flash_frames": 8}, "flare up"),
    "a freeze": ({"freeze_frame_index": 30, "freeze_frames": 16}, "stands still"),
    "another first frame": ({"wrong_start": True}, ""),
    "an unprompted cut": ({"cut_frame_index": 40}, "another view begins"),
}


async def decide(harness: Harness, *words: str) -> int:
    """Run a command of longtake's on what the harness has rendered."""
    profile = ("--profile", str(harness.folder / "profile.json"))
    return await anyio.to_thread.run_sync(
        run, [words[0], str(harness.folder / "out"), *words[1:], *profile]
    )


async def test_a_first_clip_is_retaken_for_what_is_broken_inside(harness: Harness) -> None:
    cut = bad(TWO[0], cut_frame_index=40)
    ending = await harness.render(board(TWO[0]), faults=[cut], profile=PATIENT)
    assert ending.error is None
    assert prompts(ending.accepted) == [TWO[0]] * 2
    clip = ending.run.clips["one/1.1"]
    assert chosen(clip).number == 2
    assert "another view begins at frame 40" in (clip.takes[0].why or "")


async def test_a_choice_is_in_the_next_film_and_costs_nothing(harness: Harness) -> None:
    text = board({"prompt": TWO[0], "takes": 2}, gate="flag")
    first = await harness.render(text, profile=PATIENT)
    before, film = chosen(first.run.clips["one/1.1"]), first.film.read_bytes()
    other = 3 - before.number
    assert await decide(harness, "choose", "one/1.1", str(other)) == 0
    again = await harness.render(text, profile=PATIENT)
    assert again.accepted == []
    clip = again.run.clips["one/1.1"]
    assert (chosen(clip).number, clip.take, len(clip.takes)) == (other, other, 2)
    assert again.film.read_bytes() != film
    assert await decide(harness, "lock", "--undo") == 0
    third = await harness.render(text, profile=PATIENT)
    assert third.accepted == []
    assert chosen(third.run.clips["one/1.1"]).number == before.number
    assert third.film.read_bytes() == film


async def test_a_locked_take_stays_though_more_takes_are_asked_for(harness: Harness) -> None:
    first = await harness.render(board(TWO[0], gate="flag"), profile=PATIENT)
    film = frames(first.film)
    assert await decide(harness, "lock") == 0
    again = await harness.render(
        board({"prompt": TWO[0], "takes": 3}, gate="retake"), profile=PATIENT
    )
    assert again.accepted == []
    # Byte by byte it differs: it names the storyboard that it was made of.
    assert np.array_equal(frames(again.film), film)


async def test_a_choice_pays_for_what_follows_it_as_was_said(harness: Harness) -> None:
    text = board({"prompt": TWO[0], "takes": 2}, TWO[1], gate="flag")
    first = await harness.render(text, profile=PATIENT)
    film = first.film.read_bytes()
    other = 3 - chosen(first.run.clips["one/1.1"]).number
    assert await decide(harness, "choose", "one/1.1", str(other)) == 0
    said = await foreseen(harness, text)
    assert said.clips == {"one/1.1": Outlook.THERE, "one/2.1": Outlook.NEW}
    assert said.usd == pytest.approx(0.09)
    again = await harness.render(text, profile=PATIENT)
    assert prompts(again.accepted) == [TWO[1]]
    # Back to the first choice, nothing is paid: what follows it was made before.
    assert await decide(harness, "choose", "one/1.1", str(3 - other)) == 0
    third = await harness.render(text, profile=PATIENT)
    assert third.accepted == []
    assert third.film.read_bytes() == film


@pytest.mark.parametrize(("dials", "says"), BAD_TAKES.values(), ids=BAD_TAKES.keys())
async def test_a_bad_take_is_retaken_before_anything_is_started_from_it(
    harness: Harness, dials: dict[str, Any], says: str
) -> None:
    ending = await harness.render(board(*THREE), faults=[bad(TWO[1], **dials)], profile=PATIENT)
    assert ending.error is None
    assert prompts(ending.accepted) == [THREE[0], THREE[1], THREE[1], THREE[2]]
    first, again = ending.accepted[1:3]
    assert first.body["seed"] != again.body["seed"]
    assert image_sent(first) == image_sent(again)
    clip, follower = ending.run.clips["one/2.1"], ending.run.clips["one/3.1"]
    assert [take.chosen for take in clip.takes] == [False, True]
    assert clip.takes[0].score is not None
    assert clip.takes[0].score > 1
    assert says in (clip.takes[0].why or "")
    assert (clip.take, clip.seed, clip.usd) == (2, again.body["seed"], 0.09)
    assert ending.run.totals.usd == pytest.approx(0.1 + 3 * 0.09)
    # The follower was submitted once the good take was there, and started from its last frame.
    assert clip.ended_at is not None
    assert follower.submitted_at is not None
    assert follower.submitted_at >= clip.ended_at
    assert follower.start_image is not None
    assert follower.start_image.sha256 == image_sent(ending.accepted[3])
    start = picture(ending.folder / str(follower.start_image.file))
    good, other = (frames(ending.folder / str(clip.takes[at].file))[-1] for at in (1, 0))
    assert apart(start, good) < 3
    assert apart(start, other) > apart(start, good)


async def test_a_flash_is_caught_where_deflash_is_switched_off(harness: Harness) -> None:
    flash = bad(TWO[1], flash=20, flash_frames=6)
    ending = await harness.render(board(*TWO, deflash=False), faults=[flash], profile=PATIENT)
    assert ending.error is None
    assert prompts(ending.accepted) == [*TWO, TWO[1]]
    assert chosen(ending.run.clips["one/2.1"]).number == 2


async def test_a_flag_pays_once_and_the_finding_stands_in_the_record(
    harness: Harness,
) -> None:
    freeze = bad(TWO[1], freeze_frame_index=30, freeze_frames=16)
    ending = await harness.render(board(*TWO, gate="flag"), faults=[freeze], profile=REVIEWED)
    assert ending.error is None
    assert prompts(ending.accepted) == [*TWO]
    worst = ending.run.findings[0]
    assert (worst.severity, worst.place, worst.rule) == ("bad", "one/2.1", "freeze")
    assert (ending.folder / "review.html").is_file()


async def test_a_budget_that_ends_the_retakes_leaves_the_best_of_what_is_there(
    harness: Harness,
) -> None:
    freeze = bad(TWO[1], freeze_frame_index=30, freeze_frames=16)
    worse = bad(TWO[1], freeze_frame_index=30, freeze_frames=40)
    ending = await harness.render(
        board(*TWO),
        faults=[worse, freeze],
        profile=PATIENT,
        render={"budget_usd": 0.1 + 2 * 0.09 + 0.01},
    )
    assert ending.error is None
    assert prompts(ending.accepted) == [*TWO, TWO[1]]
    clip = ending.run.clips["one/2.1"]
    scores = [take.score or 0 for take in clip.takes]
    assert min(scores) > 1
    assert chosen(clip).score == min(scores)
    assert clip.take == 2
    assert len(frames(ending.film)) == 81 + 80
    # A render with money to spare would go on retaking, and the plan says so.
    after = await foreseen(harness, board(*TWO))
    assert (after.clips["one/2.1"], after.usd) == (Outlook.NEW, 0.09)


async def test_a_budget_that_ends_with_the_good_take_stops_its_followers(
    harness: Harness,
) -> None:
    freeze = bad(TWO[1], freeze_frame_index=30, freeze_frames=16)
    ending = await harness.render(
        board(*THREE), faults=[freeze], profile=PATIENT, render={"budget_usd": 0.3}
    )
    assert isinstance(ending.error, BudgetReached)
    assert prompts(ending.accepted) == [THREE[0], THREE[1], THREE[1]]
    assert ending.missing == {"one/3.1"}


async def test_takes_side_by_side_are_all_paid_and_the_best_is_chosen_again(
    harness: Harness,
) -> None:
    text = board(TWO[0], {"prompt": TWO[1], "takes": 3}, gate="flag")
    faults = [
        bad(TWO[1], nth=1, times=1, wrong_start=True),
        bad(TWO[1], nth=2, times=1, freeze_frame_index=30, freeze_frames=16),
    ]
    ending = await harness.render(text, faults=faults, profile=PATIENT)
    assert ending.error is None
    assert prompts(ending.accepted) == [TWO[0], *[TWO[1]] * 3]
    clip = ending.run.clips["one/2.1"]
    scores = [take.score for take in clip.takes]
    assert None not in scores
    assert sorted(score > 1 for score in scores if score is not None) == [False, True, True]
    assert chosen(clip).score == min(score for score in scores if score is not None)
    film = ending.film.read_bytes()
    after = await foreseen(harness, text)
    assert (set(after.clips.values()), after.usd) == ({Outlook.THERE}, 0)
    again = await harness.render(text, profile=PATIENT)
    assert again.accepted == []
    assert chosen(again.run.clips["one/2.1"]).number == chosen(clip).number
    assert [take.score for take in again.run.clips["one/2.1"].takes] == scores
    assert again.film.read_bytes() == film


@pytest.mark.parametrize(("freeze_frames", "paid"), [(0, 1), (16, 2)], ids=["good", "frozen"])
async def test_takes_one_by_one_end_with_the_first_that_does(
    harness: Harness, freeze_frames: int, paid: int
) -> None:
    text = board(TWO[0], {"prompt": TWO[1], "takes": {"up_to": 3}}, gate="flag")
    faults = []
    if freeze_frames:
        faults = [bad(TWO[1], freeze_frame_index=30, freeze_frames=freeze_frames)]
    ending = await harness.render(text, faults=faults, profile=PATIENT)
    assert ending.error is None
    assert prompts(ending.accepted) == [TWO[0], *[TWO[1]] * paid]
    assert chosen(ending.run.clips["one/2.1"]).number == paid
