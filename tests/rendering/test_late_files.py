"""A finished clip whose file cannot be had is kept and asked for; nothing is bought twice."""

from __future__ import annotations

import shutil

import pytest

from longtake.emulator import Action, Endpoint, Fault
from longtake.errors import ClipLost, FileNotYet, LedgerForgotten
from tests.rendering.plain import Workshop, board

ONE = board({"prompt": "a sailing boat at dawn", "takes": 1})
CLIP = "one/1.1"


async def test_a_file_that_is_late_is_fetched_by_the_next_render(workshop: Workshop) -> None:
    late = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, times=1)
    with workshop.emulator(late) as emulator:
        first = await workshop.render(emulator, ONE)
        second = await workshop.render(emulator, ONE)
    clip = first.run.clips[CLIP]
    assert clip.error_kind == FileNotYet.__name__
    assert "paid for (0.10 USD), but its file cannot be had yet" in (clip.error or "")
    assert second.error is None
    assert (len(first.accepted), len(second.accepted)) == (1, 0)


@pytest.mark.parametrize("action", [Action.NOT_FOUND, Action.HTML, Action.EMPTY])
async def test_a_clip_is_lost_once_all_who_can_tell_have_said_so_for_a_while(
    action: Action, workshop: Workshop
) -> None:
    gone = Fault(on=Endpoint.DOWNLOAD, do=action)
    with workshop.emulator(gone) as emulator:
        first = await workshop.render(emulator, ONE)
        lost = await workshop.render(emulator, ONE, profile={"keeping": {"lost_seconds": 0}})
    assert first.run.clips[CLIP].error_kind == FileNotYet.__name__
    assert lost.run.clips[CLIP].error_kind == ClipLost.__name__
    assert len(lost.accepted) == 0


async def test_an_empty_ledger_next_to_a_full_store_is_a_question(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        await workshop.render(emulator, ONE)
        workshop.ledger.rename(workshop.ledger.with_suffix(".gone"))
        try:
            again = await workshop.render(emulator, ONE)
        except LedgerForgotten as error:
            again, said = None, str(error)
        else:
            said = str(again.error)
    assert "longtake ledger rebuild" in said
    assert len(emulator.emulator.requests) == 1


async def test_clips_without_sidecars_next_to_an_empty_ledger_are_a_question_too(
    workshop: Workshop,
) -> None:
    with workshop.emulator() as emulator:
        await workshop.render(emulator, ONE)
        workshop.ledger.unlink()
        shutil.rmtree(workshop.folder / "store" / "slates")
        again = await workshop.render(emulator, ONE)
    assert isinstance(again.error, LedgerForgotten)
    assert len(emulator.emulator.requests) == 1


async def test_a_cost_that_cannot_be_one_is_a_remark_on_its_clip(workshop: Workshop) -> None:
    odd = Fault(on=Endpoint.RESULT, do=Action.ODD_METRICS, shape="cost_negative")
    with workshop.emulator(odd) as emulator:
        ended = await workshop.render(emulator, ONE)
    assert ended.error is None
    assert "its cost cannot be one" in (ended.run.clips[CLIP].remark or "")
    assert ended.run.totals.usd == 0
