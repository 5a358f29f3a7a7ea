"""An uploaded image's address belongs to the service that gave it, and to what it still has."""

from __future__ import annotations

import pytest

from longtake.emulator import Action, Endpoint, Fault, Match
from longtake.ledger import Slate
from longtake.rendering.render import Render
from longtake.rendering.steps import Steps
from longtake.rendering.takes import Take
from tests.rendering.plain import STEPS, Workshop, board

TWO = board("a lighthouse at dusk", "the lamp is lit")
EDITED = board("a lighthouse at dusk", "the lamp goes out")
FOLLOWER = "one/2.1"


@pytest.mark.thorough
async def test_after_an_edit_another_service_gets_the_image_itself(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        await workshop.render(emulator, TWO)
        first = str(emulator.emulator.requests[-1].body["image"])
        port = emulator.base_url
    with workshop.emulator() as another:
        edited = await workshop.render(another, EDITED)
    assert edited.error is None
    sent = str(edited.accepted[-1].body["image"])
    assert first.startswith(port)
    assert sent.startswith(another.base_url)


@pytest.mark.thorough
async def test_the_same_service_gets_an_image_once(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        first = await workshop.render(emulator, TWO)
        edited = await workshop.render(emulator, EDITED)
    assert edited.error is None
    assert edited.accepted[-1].body["image"] == first.accepted[-1].body["image"]


@pytest.mark.thorough
async def test_after_a_job_that_failed_its_image_is_uploaded_again(workshop: Workshop) -> None:
    """Perhaps it failed for want of it; seen by a fault that only a second upload meets."""
    failed = Fault(on=Endpoint.JOB, do=Action.FAIL, match=Match(prompt="the lamp"), times=1)
    second = Fault(on=Endpoint.UPLOAD, do=Action.HTTP_ERROR, status=400, nth=2, times=1)
    with workshop.emulator(failed, second) as emulator:
        ended = await workshop.render(emulator, TWO, profile={"keeping": {"retakes": 1}})
    assert ended.error is not None
    assert "upload" in (ended.run.clips[FOLLOWER].error or "")
    assert len(ended.accepted) == 2


@pytest.mark.slow
async def test_a_lost_answer_is_found_by_the_address_it_was_sent_with(
    workshop: Workshop,
) -> None:
    """Though the image has another address by the time that the history is searched."""
    lost = Fault(
        on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET, match=Match(prompt="the lamp"), times=1
    )

    async def forgetful(render: Render, take: Take) -> Slate:
        from longtake.rendering.uploads import addresses, forget_uploads

        await forget_uploads(render, take)
        await addresses(render, take)
        return await STEPS.reconcile(render, take)

    steps = Steps(
        handover=STEPS.handover,
        submit=STEPS.submit,
        reconcile=forgetful,
        poll=STEPS.poll,
        download=STEPS.download,
    )
    with workshop.emulator(lost) as emulator:
        ended = await workshop.render(emulator, TWO, steps=steps)
    assert ended.error is None
    assert len(ended.accepted) == 2
    assert ended.run.clips[FOLLOWER].stage.ended_well
