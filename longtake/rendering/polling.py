"""Waiting for a job, paced by what its model usually needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longtake.errors import JobOverdue, RequestUnknown, ServiceUnavailable
from longtake.ledger import CONTENT_BLOCKED, Slate
from longtake.record import Stage
from longtake.rendering.job_history import recover
from longtake.rendering.looks_shares import seconds_after
from longtake.rendering.page_looks import Watched
from longtake.rendering.render import Render
from longtake.rendering.takes import Take
from longtake.rendering.uploads import forget_uploads
from longtake.segmind import (
    Completed,
    Failed,
    JobState,
    Pace,
    Queued,
    failed_error,
    steps_within,
)
from longtake.story import ClipPlan

REPORTED = {"total_time": 1.0, "inference_time": 1.1}
"""How long a job took by the service's words, and by what factor it may have taken longer: the
second does not say how long it still queued after it was last seen there."""


async def watch(render: Render, take: Take, slate: Slate) -> Slate:
    """Look until the job has ended; safe to repeat, since it goes on where it stood.

    Returns the completed slate. Raises GenerationFailed or ContentBlocked in the service's words,
    and JobOverdue ``waiting.job_seconds`` after this render's first look, however often it was
    repeated: then a later render looks again.
    """
    render.film.expect(take)
    request_id, since = str(slate.request_id), slate.submitted_at or slate.intended_at
    # One look at the ledger's clock: other machines' may be wrong, and this one's only ticks on.
    age = (await render.ledger.now() - since).total_seconds()
    after = seconds_after(render.plan, take.clip.id)
    at = render.clock.monotonic() - age
    job = Watched(since, at, take.clip.expected_seconds, after)
    with render.slots.pages.watching(request_id, job):
        return await _watch(render, take, slate, job)


async def _watch(render: Render, take: Take, slate: Slate, job: Watched) -> Slate:
    request_id = str(slate.request_id)
    render.report.note(take.clip, stage=Stage.QUEUED, request_id=request_id, submitted_at=job.since)
    first_look = render.report.first_look(request_id)
    last_queued = last_running = 0.0
    while True:
        elapsed = render.clock.monotonic() - job.at
        if render.clock.monotonic() - first_look > render.settings.waiting.job_seconds:
            raise _overdue(request_id, elapsed)
        pace = _pace(render, take.clip, job)
        delay = pace.delay(elapsed, last_queued_seconds=last_queued)
        told = await render.slots.pages.sleep(render, job, delay)
        if not told and await render.slots.pages.say_no_end(render, job):
            continue
        try:
            state = await render.client.status(request_id)
        except RequestUnknown:
            return await recover(render, take, slate)
        elapsed = render.clock.monotonic() - job.at
        _report(render, take, state, elapsed)
        render.slots.pages.found(job, ended=isinstance(state, Completed | Failed))
        match state:
            case Queued():
                last_queued = elapsed
            case Completed():
                ran = last_running - last_queued, elapsed - last_queued
                return await _result(render, take, slate, ran)
            case Failed():
                raise await _failed(render, take, request_id, state)
            case _:
                last_running = elapsed


def _pace(render: Render, clip: ClipPlan, job: Watched) -> Pace:
    """By how long jobs like it ran, and by the requests that all who are watched can share.

    Where a clip waits for a slot, the film waits for whichever job ends next: then all are equal.
    """
    expected, pages = clip.expected_seconds, render.slots.pages
    share = 1.0 if render.slots.waiting else pages.share(job, render.clock.monotonic())
    steps = steps_within(render.settings.requests_per_minute, len(pages), expected, share)
    return Pace(expected, ran=tuple(render.report.ran(clip)), steps=steps)


async def _result(render: Render, take: Take, slate: Slate, ran: tuple[float, float]) -> Slate:
    """The completed slate; ``ran``: the seconds that the job ran, by the last two looks at it."""
    request_id = str(slate.request_id)
    try:
        state = await render.client.result(request_id)
    except RequestUnknown:
        return await recover(render, take, slate)
    match state:
        case Completed(output_url=url, cost_usd=usd, metrics=metrics, odd=odd):
            completed = await render.ledger.completed(
                take.fingerprint, render.owner, url, usd, metrics
            )
            render.report.note(
                take.clip,
                usd=completed.usd,
                seconds_queued=metrics.get("queue_time"),
                seconds_generating=metrics.get("inference_time"),
            )
            _learn(render, take, ran, metrics)
            if odd:
                render.report.remark(take.clip, f"the service said: {'; '.join(odd)}")
            return completed
        case Failed() as failed:
            raise await _failed(render, take, request_id, failed)
        case _:
            raise ServiceUnavailable(
                f"request {request_id} was COMPLETED and is no longer; looking again",
                operation="result",
                request_id=request_id,
            )


def _learn(
    render: Render, take: Take, ran: tuple[float, float], metrics: Mapping[str, Any]
) -> None:
    """How long such a job runs: by what the service says, where it fits, else by the looks."""
    low, high = ran
    for name, late in REPORTED.items():
        told = metrics.get(name)
        if isinstance(told, int | float) and max(low, high / 2) <= told <= high:
            low, high = told, min(high, told * late)
            break
    if low > 0:
        render.report.ran(take.clip).append((low, high))


async def _failed(render: Render, take: Take, request_id: str, failed: Failed) -> Exception:
    """The error of a job that FAILED, written down first: it is not billed."""
    error = failed_error(request_id, failed)
    kind = CONTENT_BLOCKED if failed.content_blocked else "failed"
    await render.ledger.failed(take.fingerprint, render.owner, str(error), kind, failed.metrics)
    await forget_uploads(render, take)
    return error


def _report(render: Render, take: Take, state: JobState, elapsed_seconds: float) -> None:
    record = render.report.clip(take.clip)
    stage = record.stage if isinstance(state, Queued | Failed) else Stage.GENERATING
    render.report.note(
        take.clip, stage=stage, polls=record.polls + 1, seconds_polling=elapsed_seconds
    )


def _overdue(request_id: str, elapsed: float) -> JobOverdue:
    return JobOverdue(
        f"request {request_id} has not ended after {elapsed:.0f} s (waiting.job_seconds); "
        "it is kept in the ledger: run again later, and the clip is fetched if it came",
        operation="status",
        request_id=request_id,
    )
