"""Whatever goes wrong ends in the film or in a precise error, and nothing is paid for twice."""

from __future__ import annotations

import asyncio

import av
import pytest

from longtake.emulator import Action, Endpoint, Fault, Match
from longtake.errors import OutOfCredits, RenderIncomplete
from longtake.record import Stage
from tests.end_to_end.conftest import CALM, Ending, Harness
from tests.end_to_end.fault_table import PAGE, Row, page, rows

ONE = f"""\
title: One
look: {{seed: 7, {CALM}}}
scenes: [{{name: one, shots: [a sailing boat at dawn]}}]
"""
TWO = ONE.replace("dawn]", "dawn, it turns]")

ALONE = [row for row in rows() if row.alone]
SIDE_BY_SIDE = [row for row in rows() if not row.alone]
PATIENT = {"job-stuck-always", "submit-http_error-429-always"}
"""They end when a render's patience does."""

QUICK = {row.error: row.name for row in reversed(ALONE) if row.name not in PATIENT}
"""One row for each way in which a render ends."""


@pytest.fixture(scope="package")
def crowd(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """One render with a chain for each row that touches no other clip: the faults meet it all."""
    scenes = "".join(
        f"  - {{name: row {index}, shots: [a sea at dawn with {index:03} boats]}}\n"
        for index in range(len(SIDE_BY_SIDE))
    )
    faults = [
        row.fault.model_copy(update={"match": Match(prompt=f"with {index:03} boats")})
        for index, row in enumerate(SIDE_BY_SIDE)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        harness = Harness(tmp_path_factory.mktemp("crowd"))
        storyboard = f"title: Crowd\nlook: {{seed: 7}}\nscenes:\n{scenes}"
        render = harness.render(
            storyboard,
            faults=faults,
            # The emulator draws all these clips at once, and that takes its time.
            profile={"concurrency": 100, "waiting": {"job_seconds": 600}},
            concurrency=100,
        )
        return asyncio.run(render)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("index", "row"), [*enumerate(SIDE_BY_SIDE)], ids=[row.name for row in SIDE_BY_SIDE]
)
def test_a_fault_of_one_clip_ends_as_the_table_says(index: int, row: Row, crowd: Ending) -> None:
    clip = crowd.run.clips[f"row-{index}/1.1"]
    paid = [request for request in crowd.accepted if request.body["prompt"] == clip.prompt]
    ended = (len(paid), clip.error_kind, clip.stage is Stage.STORED)
    error = row.error and row.error.__name__
    assert ended == (row.paid, error, error is None), f"{clip.stage}: {clip.error}"
    assert clip.stage is not Stage.STORED or (crowd.folder / str(clip.file)).is_file()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=() if row.name in QUICK.values() else pytest.mark.slow)
        for row in ALONE
    ],
)
async def test_a_fault_of_the_whole_render_ends_as_the_table_says(
    row: Row, harness: Harness
) -> None:
    ending = await harness.render(TWO if row.clips == 2 else ONE, faults=[row.fault])
    assert len(ending.accepted) == row.paid
    if row.error is None:
        assert ending.error is None
        assert ending.film.is_file()
        return
    assert ending.error is not None
    assert not ending.film.exists()
    (broken,) = (clip for clip in ending.run.clips.values() if clip.stage.ended_badly)
    assert broken.error_kind == row.error.__name__


def test_the_page_of_faults_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_action_of_the_emulator_is_in_the_table_or_named_here() -> None:
    # The client's own tests; the request history; what is seen, not what breaks.
    elsewhere = {Action.FLOOD, Action.HIDE, Action.BAD_TAKE, Action.SPEND_LIMIT}
    elsewhere |= {Action.ODD_ID, Action.ODD_ROWS}
    assert {row.fault.do for row in rows()} == set(Action) - elsewhere


async def test_a_failed_chain_leaves_the_others_alone_and_keeps_what_was_paid(
    harness: Harness,
) -> None:
    fault = Fault(on=Endpoint.JOB, do=Action.FAIL, match=Match(prompt="dusk"), message="no luck")
    ending = await harness.render(faults=[fault])
    assert isinstance(ending.error, RenderIncomplete)
    assert ending.error.missing == ("chained/1.1", "chained/2.1")
    assert "no luck" in str(ending.error)
    clips = ending.run.clips
    assert clips["chained/2.1"].stage is Stage.SKIPPED
    assert clips["alone/1.1"].stage is Stage.STORED
    assert clips["alone/1.1"].file is not None
    with av.open(str(ending.folder / clips["alone/1.1"].file)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 81


@pytest.mark.slow
async def test_out_of_credits_stops_submitting_and_finishes_what_is_in_flight(
    harness: Harness,
) -> None:
    fault = Fault(on=Endpoint.SUBMIT, do=Action.OUT_OF_CREDITS, after_usd=0.2)
    ending = await harness.render(faults=[fault])
    assert isinstance(ending.error, OutOfCredits)
    assert ending.missing == {"chained/2.1"}
    assert len(ending.accepted) == 2


async def test_a_submit_nobody_can_tell_the_fate_of_is_parked_and_not_sent_again(
    harness: Harness,
) -> None:
    faults = [
        Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET),
        Fault(on=Endpoint.HISTORY, do=Action.HTTP_ERROR, status=401),
    ]
    parked = await harness.render(ONE, faults=faults)
    assert len(parked.accepted) == 1
    clip = parked.run.clips["one/1.1"]
    assert clip.error is not None
    assert "history" in clip.error


@pytest.mark.thorough
async def test_a_clip_of_another_size_is_kept_and_remarked_on(harness: Harness) -> None:
    fault = Fault(on=Endpoint.DOWNLOAD, do=Action.WRONG_SIZE)
    ending = await harness.render(ONE, faults=[fault])
    assert ending.run.film is not None
    assert (ending.run.film.width, ending.run.film.height) == (832, 480)
    remark = ending.run.clips["one/1.1"].remark
    assert remark is not None
    assert "416x240" in remark
