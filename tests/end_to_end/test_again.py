"""Running the same command again is the whole recovery procedure."""

from __future__ import annotations

import pytest

from longtake.documents import load_plan
from longtake.emulator import Action, Endpoint, Fault, FaultScript, Match
from longtake.ledger import Ledger
from longtake.record import RunRecord, Stage
from longtake.rendering.outlook import Outlook, foresee
from longtake.settings import Settings
from tests.end_to_end.conftest import CALM, STORYBOARD, Ending, Harness

LONG = f"""\
title: Long
look: {{seed: 7, {CALM}}}
scenes:
  - name: long
    shots:
      - a lighthouse at dusk
      - the lamp is lit
      - {{prompt: a boat at night, start: cut}}
      - it comes nearer
"""
GONE_FOR_I2V = Fault(
    on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, match=Match(prompt="the lamp"), times=1
)
GONE = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND)
ONE = f"""\
title: One
look: {{seed: 7, {CALM}}}
scenes: [{{name: one, shots: [a sailing boat at dawn]}}]
"""


def stages(run: RunRecord) -> set[Stage]:
    return {clip.stage for clip in run.clips.values()}


async def test_a_second_render_pays_nothing_and_makes_the_same_film(
    plain: Ending, rendered: Harness
) -> None:
    again = await rendered.render()
    assert again.accepted == []
    assert stages(again.run) == {Stage.REUSED}
    assert (again.run.totals.usd, again.run.totals.reused_usd) == (0, 0.29)
    assert again.film.read_bytes() == plain.film.read_bytes()


async def test_a_second_render_needs_no_service_at_all(rendered: Harness) -> None:
    everything = [
        Fault(on=on, do=Action.HTTP_ERROR, status=500) for on in Endpoint if on is not Endpoint.JOB
    ]
    again = await rendered.render(faults=everything)
    assert again.error is None


@pytest.mark.slow
async def test_an_edit_pays_for_its_clip_and_its_followers_as_the_plan_said(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        await harness.render_on(emulator, LONG)
        edited = LONG.replace("a boat at night", "a raft at night")
        path = harness.folder / "edited.yaml"
        path.write_text(edited, encoding="utf-8")
        loaded, plan = load_plan(path)
        async with Ledger.open(harness.folder / "ledger.sqlite") as ledger:
            foreseen = await foresee(ledger, plan, loaded.path.parent, Settings())
        again = await harness.render_on(emulator, edited)
    assert foreseen.clips == {
        "long/1.1": Outlook.THERE,
        "long/2.1": Outlook.THERE,
        "long/3.1": Outlook.NEW,
        "long/4.1": Outlook.FOLLOWS,
    }
    assert foreseen.usd == pytest.approx(0.19)
    assert {request.body["prompt"] for request in again.accepted} == {
        "a raft at night",
        "it comes nearer",
    }
    assert again.run.totals.usd == 0.19
    assert again.error is None


@pytest.mark.slow
async def test_a_shot_put_in_pays_for_what_it_is_and_what_follows_it(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        await harness.render_on(emulator, LONG)
        longer = LONG.replace("      - the lamp", "      - rain sets in\n      - the lamp")
        again = await harness.render_on(emulator, longer)
    assert {request.body["prompt"] for request in again.accepted} == {
        "rain sets in",
        "the lamp is lit",
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("title: Two ways", "title: Another"), id="another title"),
        pytest.param(
            ("[a lighthouse at dusk,", "[{prompt: a lighthouse at dusk},"),
            id="another spelling of the same",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ("name: alone", "name: by itself"),
            id="another name of a scene",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_what_changes_no_clip_pays_nothing(
    change: tuple[str, str], rendered: Harness
) -> None:
    again = await rendered.render(STORYBOARD.replace(*change))
    assert again.accepted == []
    assert again.error is None


@pytest.mark.slow
async def test_another_trim_pays_nothing(harness: Harness) -> None:
    long = ONE.replace("[a sailing boat at dawn]", "[{prompt: a boat, seconds: 5}]")
    with harness.emulator() as emulator:
        await harness.render_on(emulator, long)
        again = await harness.render_on(emulator, long.replace("seconds: 5", "seconds: 3"))
    assert again.accepted == []
    assert again.run.film is not None
    assert again.run.film.frame_count == 48


@pytest.mark.slow
async def test_a_drawn_seed_is_kept_for_the_title(harness: Harness) -> None:
    with harness.emulator() as emulator:
        first = await harness.render_on(emulator, ONE.replace("seed: 7, ", ""))
        again = await harness.render_on(emulator, ONE.replace("seed: 7, ", ""))
    assert first.run.seed == again.run.seed
    assert again.accepted == []


@pytest.mark.slow
async def test_a_failed_take_is_tried_again_with_a_new_seed(harness: Harness) -> None:
    fault = Fault(on=Endpoint.JOB, do=Action.FAIL, times=2)
    ending = await harness.render(ONE, faults=[fault], profile={"keeping": {"retakes": 2}})
    assert ending.error is None
    assert len({request.body["seed"] for request in ending.accepted}) == 3
    clip = ending.run.clips["one/1.1"]
    assert (clip.take, clip.usd) == (3, 0.1)


@pytest.mark.slow
async def test_a_clip_that_failed_its_takes_is_tried_afresh_by_the_next_render(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        failing = [Fault(on=Endpoint.JOB, do=Action.FAIL)]
        first = await harness.render(ONE, faults=failing)
        assert first.error is not None
        again = await harness.render_on(emulator, ONE)
    assert again.error is None
    assert again.run.clips["one/1.1"].take == 2


@pytest.mark.slow
async def test_a_content_block_is_shown_and_never_sent_again_unchanged(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        blocked = await harness.render(
            ONE, faults=[Fault(on=Endpoint.JOB, do=Action.CONTENT_BLOCK)]
        )
        assert blocked.run.clips["one/1.1"].stage is Stage.BLOCKED
        again = await harness.render_on(emulator, ONE)
        assert again.accepted == []
        assert again.run.clips["one/1.1"].stage is Stage.BLOCKED
        fixed = await harness.render_on(emulator, ONE.replace("sailing", "rowing"))
    assert fixed.error is None


@pytest.mark.slow
async def test_a_job_left_running_is_picked_up_and_not_paid_again(harness: Harness) -> None:
    away = Fault(on=Endpoint.STATUS, do=Action.HTTP_ERROR, status=502, times=4)
    hasty = {"waiting": {"job_seconds": 0.1, "retry_seconds": [0.01]}}
    with harness.emulator(faults=FaultScript(faults=(away,))) as emulator:
        first = await harness.render_on(emulator, ONE, profile=hasty)
        assert first.error is not None
        assert len(first.accepted) == 1
        again = await harness.render_on(emulator, ONE)
    assert again.error is None
    assert again.accepted == []
    assert again.run.clips["one/1.1"].request_id == first.accepted[0].request_id


@pytest.mark.slow
async def test_a_clip_whose_record_has_expired_is_found_through_the_history(
    harness: Harness,
) -> None:
    gone = [
        Fault(on=Endpoint.DOWNLOAD, do=Action.HTTP_ERROR, status=502, times=40),
        Fault(on=Endpoint.STATUS, do=Action.EXPIRE, nth=2),
    ]
    hasty = {"waiting": {"job_seconds": 0.1, "retry_seconds": [0.01]}}
    with harness.emulator(faults=FaultScript(faults=tuple(gone))) as emulator:
        first = await harness.render_on(emulator, ONE, profile=hasty)
        assert first.error is not None
        again = await harness.render_on(emulator, ONE)
    assert again.error is None
    assert len(first.accepted) == 1
    assert again.accepted == []


@pytest.mark.slow
async def test_a_clip_that_is_lost_is_paid_again_only_when_a_person_says_so(
    harness: Harness,
) -> None:
    with harness.emulator(faults=FaultScript(faults=(GONE,))) as emulator:
        lost = await harness.render_on(emulator, ONE)
        assert "--retake-lost" in str(lost.error)
        still = await harness.render_on(emulator, ONE)
        assert still.accepted == []
    with harness.emulator() as emulator:
        again = await harness.render_on(emulator, ONE, retake_lost=True)
    assert again.error is None
    assert len(again.accepted) == 1


SAME_SEED = f"""\
title: Same seed
look: {{{CALM}}}
scenes:
  - name: one
    shots: [{{prompt: a boat, seed: 5}}, {{prompt: a raft, seed: 5, start: cut}}]
"""


@pytest.mark.slow
async def test_clips_with_one_seed_adopt_their_own_requests_and_no_others(
    harness: Harness,
) -> None:
    fault = Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET)
    ending = await harness.render(SAME_SEED, faults=[fault])
    assert ending.error is None
    prompts = {request.request_id: request.body["prompt"] for request in ending.accepted}
    assert len(prompts) == 2
    for clip in ending.run.clips.values():
        assert prompts[str(clip.request_id)] == clip.prompt


@pytest.mark.slow
async def test_two_clips_that_ask_for_the_very_same_are_paid_once(harness: Harness) -> None:
    ending = await harness.render(SAME_SEED.replace("a raft", "a boat"))
    assert ending.error is None
    assert len(ending.accepted) == 1
    assert ending.run.film is not None
    assert ending.run.film.frame_count == 162


@pytest.mark.slow
async def test_a_start_image_is_made_once_so_that_its_take_is_found_again(
    harness: Harness,
) -> None:
    with harness.emulator(faults=FaultScript(faults=(GONE_FOR_I2V,))) as emulator:
        first = await harness.render_on(emulator)
        assert first.error is not None
        image = harness.folder / "out/frames/chained-2.1-start.png"
        made = image.read_bytes()
        image.write_bytes(b"as if another ffmpeg had made it")
        again = await harness.render_on(emulator)
    assert again.accepted == []
    assert image.read_bytes() == made
