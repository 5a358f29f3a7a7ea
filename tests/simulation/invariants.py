"""What must hold, whatever happens; told in the words of whoever pays."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from longtake.emulator import EmulatedRequest
from longtake.ledger import Slate, TakeState
from tests.simulation.stage import Stage, ledger_of

_IMAGES = ("image", "last_image")


class Violation(Exception):
    """A promise that was broken, and by what."""


def identity(stage: Stage, job: EmulatedRequest) -> str:
    """What a job asked for, its images by their content: two alike are the same take."""
    images = {
        field: _content_of(stage, str(job.body[field])) for field in _IMAGES if field in job.body
    }
    return _identity(job.model, job.body, images)


def identity_of(slate: Slate) -> str:
    """The same of a take in the ledger."""
    images = {"image": slate.start_sha256, "last_image": slate.end_sha256}
    known = {field: sha256 for field, sha256 in images.items() if sha256}
    return _identity(slate.model, slate.parameters, known)


def _identity(model: str, body: Mapping[str, Any], images: Mapping[str, str]) -> str:
    said = {key: value for key, value in body.items() if key not in _IMAGES and value is not None}
    return json.dumps([model, said, images], sort_keys=True)


def _content_of(stage: Stage, address: str) -> str:
    if address.startswith("data:"):
        import base64

        content = base64.b64decode(address.partition(",")[2])
    else:
        asset = stage.emulator.asset(address.rpartition("/")[2])
        content = asset.content if asset else address.encode()
    return hashlib.sha256(content).hexdigest()


def at_accept(stage: Stage) -> None:
    """No take was accepted twice, but for those that a person asked to pay for again."""
    asked_again = sum(run.retake_lost for run in stage.world.runs)
    jobs = stage.emulator.requests
    counts = Counter(identity(stage, job) for job in jobs if job.failure is None)
    for name, count in counts.items():
        if count > 1 + asked_again:
            numbers = [job.number for job in jobs if identity(stage, job) == name]
            raise Violation(f"paid {count} times: jobs {numbers}: {name[:300]}")


async def at_end(stage: Stage, ended: str) -> None:
    """Nothing that was paid for is forgotten, and what is said to be paid is what was billed."""
    at_accept(stage)
    jobs = stage.emulator.requests
    async with ledger_of(stage) as ledger:
        slates = await ledger.slates()
        by_identity = {identity_of(slate): slate for slate in slates}
        by_request = {slate.request_id: slate for slate in slates if slate.request_id}
        for job in jobs:
            if not await ledger.knows(job.request_id):
                slate = by_identity.get(identity(stage, job))
                if slate is None or not _still_looked_for(slate):
                    state = slate.state.value if slate else "not in the ledger"
                    raise Violation(
                        f"request id of job {job.number} forgotten: its take is {state}"
                    )
                continue
            slate = by_request.get(job.request_id)
            if slate is not None:
                _check_job(stage, job, slate)


def _still_looked_for(slate: Slate) -> bool:
    return slate.state is TakeState.AMBIGUOUS or slate.may_have_been_sent


def _check_job(stage: Stage, job: EmulatedRequest, slate: Slate) -> None:
    if job.settled == "COMPLETED" and slate.usd is not None and abs(slate.usd - job.usd) > 1e-9:
        raise Violation(f"job {job.number} was billed {job.usd}, the ledger says {slate.usd}")
    if job.settled == "COMPLETED" and slate.state in (TakeState.FAILED, TakeState.REFUSED):
        raise Violation(f"job {job.number} was billed, its take is {slate.state.value}")
    if slate.state.of_no_use and not stage.may_lose:
        raise Violation(f"job {job.number}'s clip is {slate.state.value}: {slate.error}")
