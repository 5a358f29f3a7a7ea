"""What a render reports, as Prefect's events."""

from __future__ import annotations

from datetime import timedelta

from longtake.record import Stage, watching
from longtake.story.contract import Observation, finding_of
from tasks.run_page.events import EventSender, RenderEvent
from tests.rendering.run_page.scenes import (
    NOW,
    clip,
    run_of,
    stored,
    under_way,
)


class Ears:
    """Hears what is sent."""

    def __init__(self) -> None:
        self.heard: list[RenderEvent] = []
        self.sender = EventSender(say=self.heard.append)

    @property
    def events(self) -> list[str | None]:
        return [happening.event for happening in self.heard]


def test_each_clip_is_announced_when_it_is_submitted_and_when_it_is_stored() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"))
    with watching(ears.sender.watch):
        run.note()
        run.note("a/1.1", stage=Stage.SUBMITTING)
        run.note("a/1.1", stage=Stage.QUEUED, request_id="r1", submitted_at=NOW)
        run.note("a/1.1", stage=Stage.GENERATING)
        run.note("a/1.1", stage=Stage.STORED, usd=0.09, ended_at=NOW + timedelta(seconds=50))
        run.note(state="completed")
    assert ears.events == [
        "longtake.render.started",
        "longtake.clip.submitted",
        "longtake.clip.stored",
        "longtake.render.completed",
    ]
    assert ears.heard[1].resource == "longtake.clip.two-ways.a/1.1"
    assert ears.heard[1].payload["request_id"] == "r1"
    stored_payload = ears.heard[2].payload
    assert (stored_payload["usd"], stored_payload["seconds"], stored_payload["seed"]) == (
        0.09,
        50,
        7,
    )
    assert ears.heard[3].payload["usd"] == 0.09


def test_a_job_that_is_picked_up_again_is_no_second_submit() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"))
    with watching(ears.sender.watch):
        run.note("a/1.1", stage=Stage.QUEUED, request_id="r1")
    assert ears.events == [None]
    assert "picked up" in ears.heard[0].line


def test_a_reached_budget_is_announced_once() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"), clip("b/1.1", 2))
    with watching(ears.sender.watch):
        for clip_id in run.clips:
            run.note(clip_id, stage=Stage.FAILED, error="reached", error_kind="BudgetReached")
    assert ears.events.count("longtake.budget.reached") == 1
    assert ears.events.count("longtake.clip.failed") == 2


def test_a_service_that_departs_from_what_is_assumed_is_announced_once_for_each_assumption() -> (
    None
):
    ears, run = Ears(), run_of(clip("a/1.1"))
    found = [
        finding_of("a/1.1", Observation(name, "16", "24", holds=False))
        for name in ("frame rate", "size")
    ]
    with watching(ears.sender.watch):
        run.note(state="running")
        run.note(findings=found[:1])
        run.note(findings=found)
        run.note(findings=found)
    assert ears.events == ["longtake.render.started", *["longtake.contract.changed"] * 2]
    assert ears.heard[1].payload["assumption"] == "contract frame rate"
    assert ears.heard[1].payload["clip"] == "a/1.1"


def test_a_render_that_was_paused_is_resumed_and_not_started_again() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"))
    with watching(ears.sender.watch):
        for state in ("running", "paused", "running"):
            run.note(state=state)
    assert ears.events == [
        "longtake.render.started",
        "longtake.render.paused",
        "longtake.render.resumed",
    ]


def test_a_cancelled_render_names_the_requests_that_still_run() -> None:
    ears, run = Ears(), run_of(under_way("a/1.1"), stored("b/1.1", 2))
    with watching(ears.sender.watch):
        run.note(state="interrupted")
    assert ears.heard[-1].payload["remote_request_ids"] == ["request-a/1.1"]
