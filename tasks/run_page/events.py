"""What a render reports to Prefect: events for automations, and a few log lines for people.

Reports come from within the step that they are about, so Prefect files both under its task run.
Nothing here waits: events and lines go into Prefect's own queues.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from prefect.events import emit_event
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

from longtake.figures import counted, dollars
from longtake.record import ClipRecord, RunRecord, Stage
from longtake.rendering.run_page.film_page import headline
from longtake.rendering.run_page.names import clip_resource, render_resource
from longtake.story.contract import is_departure

Payload = dict[str, Any]

RENDER_EVENTS = {
    "BudgetReached": "longtake.budget.reached",
    "OutOfCredits": "longtake.credits.exhausted",
    "SpendLimitReached": "longtake.credits.exhausted",
}
"""What a clip's error means for the whole render; each is said once."""

CONTRACT_EVENT = "longtake.contract.changed"
"""The service departs from what longtake assumes of it."""

_LEVELS = {
    "running": logging.INFO,
    "completed": logging.INFO,
    "paused": logging.WARNING,
    "interrupted": logging.WARNING,
}
_SENDING = frozenset({Stage.SUBMITTING, Stage.RECONCILING})
_ACCEPTED = frozenset({Stage.QUEUED, Stage.GENERATING})


@dataclass(frozen=True)
class RenderEvent:
    """Something worth saying: an event (None: a log line only), its resource, and the line."""

    event: str | None
    resource: str
    name: str
    payload: Payload
    line: str
    level: int = logging.INFO


@dataclass
class EventSender:
    """Follows one run and says what happens, each thing once."""

    say: Callable[[RenderEvent], None] = field(default_factory=lambda: say)
    _stages: dict[str, Stage] = field(default_factory=dict)
    _state: str | None = None
    _told: set[str] = field(default_factory=set)

    def watch(self, run: RunRecord, clip: ClipRecord | None) -> bool:
        """Take a report; whether it was a change that people and automations want to know."""
        happenings = list(self._of_run(run) if clip is None else self._of_clip(run, clip))
        for happening in happenings:
            self.say(happening)
        return bool(happenings)

    def _of_run(self, run: RunRecord) -> Iterator[RenderEvent]:
        yield from self._departures(run)
        if run.state == self._state:
            return
        before, self._state = self._state, run.state
        what = run.state
        if run.state == "running":
            what = "started" if before is None else "resumed"
        yield RenderEvent(
            f"longtake.render.{what}",
            render_resource(run.title),
            run.title,
            render_payload(run),
            _opening(run) if what == "started" else f"{what}: {headline(run)}",
            _LEVELS.get(run.state, logging.ERROR),
        )

    def _departures(self, run: RunRecord) -> Iterator[RenderEvent]:
        """What the service does in another way than is assumed; each is said once."""
        for finding in run.findings:
            if not is_departure(finding) or finding.rule in self._told:
                continue
            self._told.add(finding.rule)
            seen = {"clip": finding.place, "assumption": finding.rule, "says": finding.says}
            yield RenderEvent(
                CONTRACT_EVENT,
                render_resource(run.title),
                run.title,
                render_payload(run) | seen,
                f"{finding.place}: {finding.headline}: {finding.says}",
                logging.WARNING,
            )

    def _of_clip(self, run: RunRecord, clip: ClipRecord) -> Iterator[RenderEvent]:
        before, now = self._stages.get(clip.id, Stage.WAITING), clip.stage
        self._stages[clip.id] = now
        if now is before:
            return
        if now in _ACCEPTED and before not in _ACCEPTED:
            sent = before in _SENDING
            yield self._clip(
                run,
                clip,
                "submitted" if sent else None,
                f"{clip.id} {'submitted' if sent else 'picked up'}: request {clip.request_id}, "
                f"take {clip.take}, seed {clip.seed}, about {clip.expected_seconds:.0f} s",
            )
        elif now is Stage.STORED:
            line = f"{clip.id} stored: {clip.frame_count} frames, {dollars(clip.usd)}"
            yield self._clip(
                run, clip, "stored", line + (f"; {clip.remark}" if clip.remark else "")
            )
        elif now in {Stage.FAILED, Stage.BLOCKED}:
            line = f"{clip.id} {now}: {clip.error}"
            yield self._clip(run, clip, "failed", line, logging.ERROR)
            yield from self._of_render(run, clip)

    def _of_render(self, run: RunRecord, clip: ClipRecord) -> Iterator[RenderEvent]:
        event = RENDER_EVENTS.get(clip.error_kind or "")
        if event is None or event in self._told:
            return
        self._told.add(event)
        payload = render_payload(run) | {"reason": clip.error}
        line = "nothing more is submitted; what is under way is fetched"
        resource = render_resource(run.title)
        yield RenderEvent(event, resource, run.title, payload, line, logging.WARNING)

    def _clip(
        self,
        run: RunRecord,
        clip: ClipRecord,
        what: str | None,
        line: str,
        level: int = logging.INFO,
    ) -> RenderEvent:
        return RenderEvent(
            what and f"longtake.clip.{what}",
            clip_resource(run.title, clip.id),
            clip.id,
            clip_payload(run, clip),
            line,
            level,
        )


def clip_payload(run: RunRecord, clip: ClipRecord) -> Payload:
    """A clip's event: ``seconds`` from submit to now, ``usd`` as told or else as expected."""
    seconds = None
    if clip.submitted_at is not None and clip.ended_at is not None:
        seconds = round((clip.ended_at - clip.submitted_at).total_seconds(), 3)
    return {
        "storyboard": run.title,
        "clip": clip.id,
        "stage": clip.stage.value,
        "take": clip.take,
        "seed": clip.seed,
        "request_id": clip.request_id,
        "seconds": seconds,
        "usd": clip.usd,
        "expected_usd": clip.expected_usd,
        "error": clip.error,
        "error_kind": clip.error_kind,
        "emulated": run.emulated,
    }


def render_payload(run: RunRecord) -> Payload:
    """A render's event: its state and its sums."""
    totals = run.totals.model_dump(mode="json")
    still = [clip.request_id for clip in run.clips.values() if clip.stage in _ACCEPTED]
    return {
        "storyboard": run.title,
        "state": run.state,
        "folder": run.folder,
        "emulated": run.emulated,
        "remote_request_ids": still,
        **totals,
    }


def say(happening: RenderEvent) -> None:
    """To Prefect: the event, and the line."""
    say_event(happening)
    say_line(happening)


def say_event(happening: RenderEvent) -> None:
    """The event, for the feed and for automations; related to the runs that go on here."""
    if happening.event is not None:
        emit_event(
            event=happening.event,
            resource={
                "prefect.resource.id": happening.resource,
                "prefect.resource.name": happening.name,
            },
            payload=happening.payload,
        )


def say_line(happening: RenderEvent) -> None:
    """The line, under the task or the flow that is running here."""
    try:
        get_run_logger().log(happening.level, happening.line)
    except MissingContextError:  # outside of any run there is nobody to read it
        return


def _opening(run: RunRecord) -> str:
    return (
        f"{run.title}: {counted(len(run.clips), 'clip')} in {counted(len(run.chains), 'chain')}, "
        f"about {dollars(run.totals.expected_usd)}; all of it goes to {run.folder}"
    )
