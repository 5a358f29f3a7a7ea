"""Waiting for a job, paced by what its model usually needs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import GenerationFailed, ServiceUnavailable
from longtake.record import Stage
from longtake.segmind import Completed, Failed, Pace, Queued, State, failed_error
from longtake.story import ClipPlan
from tasks.repeating import repeat_if_safe
from tasks.studio import Studio
from tasks.submit import Submission


@task(
    name="poll",
    task_run_name="poll {clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def poll(studio: Studio, clip: ClipPlan, submission: Submission) -> Completed | None:
    """Look until the job has ended; safe to repeat, since it goes on where it stood.

    Returns None where the clip came with the submission (v1). Raises GenerationFailed or
    ContentBlocked in the service's words, and ServiceUnavailable past the patience of the profile.
    """
    if submission.request_id is None or submission.path is not None:
        return None
    pace = Pace(clip.expected_seconds)
    submitted_at = studio.record.clips[clip.id].submitted_at or datetime.now(UTC)
    last_queued = 0.0
    while True:
        elapsed = _seconds_since(submitted_at)
        if elapsed > studio.settings.waiting.job_seconds:
            raise _gave_up(submission.request_id, elapsed)
        await asyncio.sleep(pace.delay(elapsed, last_queued_seconds=last_queued))
        state = await studio.client.status(submission.request_id)
        _report(studio, clip, state, _seconds_since(submitted_at))
        match state:
            case Queued():
                last_queued = _seconds_since(submitted_at)
            case Completed():
                return await _result(studio, clip, submission.request_id)
            case Failed():
                raise failed_error(submission.request_id, state)


async def _result(studio: Studio, clip: ClipPlan, request_id: str) -> Completed:
    match await studio.client.result(request_id):
        case Completed() as completed:
            metrics = completed.metrics
            studio.note(
                clip,
                usd=completed.cost_usd,
                seconds_queued=metrics.get("queue_time"),
                seconds_generating=metrics.get("inference_time"),
            )
            return completed
        case Failed() as failed:
            raise failed_error(request_id, failed)
        case _:
            raise ServiceUnavailable(
                f"request {request_id} was COMPLETED and is no longer; looking again",
                operation="result",
                request_id=request_id,
            )


def _report(studio: Studio, clip: ClipPlan, state: State, elapsed_seconds: float) -> None:
    record = studio.record.clips[clip.id]
    stage = record.stage if isinstance(state, Queued | Failed) else Stage.GENERATING
    studio.note(clip, stage=stage, polls=record.polls + 1, seconds_polling=elapsed_seconds)


def _seconds_since(moment: datetime) -> float:
    return (datetime.now(UTC) - moment).total_seconds()


def _gave_up(request_id: str, elapsed: float) -> GenerationFailed:
    return GenerationFailed(
        f"request {request_id} has not ended after {elapsed:.0f} s (waiting.job_seconds); "
        "it may still end and be billed: look it up in the request history",
        operation="status",
        request_id=request_id,
    )
