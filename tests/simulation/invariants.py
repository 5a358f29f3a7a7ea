"""What must hold, whatever happens; told in the words of the person who pays."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from longtake.emulator import EmulatedRequest
from longtake.errors import LongtakeError
from longtake.ledger import Slate, TakeState
from longtake.store import Store
from tests.simulation.media import said
from tests.simulation.stage import Stage
from tests.simulation.world import Run, World

_IMAGES = ("image", "last_image")


class Violation(Exception):
    """A promise that was broken, and by what."""


def identity(stage: Stage, job: EmulatedRequest) -> str:
    """What a job asked for, its images by their content: two alike are the same take."""
    if (known := stage.asked_for.get(job.number)) is not None:
        return known
    images = {
        field: _content_of(stage, str(job.body[field])) for field in _IMAGES if field in job.body
    }
    stage.asked_for[job.number] = _identity(job.model, job.body, images)
    return stage.asked_for[job.number]


def identity_of(slate: Slate) -> str:
    """The same of a take in the ledger."""
    images = {"image": slate.start_sha256, "last_image": slate.end_sha256}
    known = {field: sha256 for field, sha256 in images.items() if sha256}
    return _identity(slate.model, slate.parameters, known)


def _identity(model: str, parameters: Mapping[str, Any], images: Mapping[str, str]) -> str:
    body = {
        key: value for key, value in parameters.items() if key not in _IMAGES and value is not None
    }
    return json.dumps([model, body, images], sort_keys=True)


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


_OURS = re.compile(r"stop working on it|intend it first|it must not be sent|sent already|not sent:")
"""What only a mistake of a render can bring about: nothing that a person could act on."""


def after_a_run(stage: Stage, run: Run, ended: str) -> None:
    """Under its own name lies nothing but a whole clip; and what is told can be acted on."""
    for clip in sorted(stage.folder.glob("out*/clips/*.mp4")):
        if ".unchecked." not in clip.name:
            with broken_promise(f"{clip.name} lies there as a checked clip"):
                said(clip)
    if _OURS.search(ended):
        raise Violation(f"a render got in its own way: {ended[-300:]}")


@contextmanager
def broken_promise(what: str) -> Iterator[None]:
    """An error of the block breaks a promise: ``what`` was said."""
    try:
        yield
    except (LongtakeError, ValueError) as error:
        raise Violation(f"{what}, but {error}") from error


async def stands(stage: Stage) -> str:
    """How every take stands: unchanged from run to run, nothing more is to come."""
    async with stage.open_ledger() as ledger:
        return str(sorted((each.fingerprint, each.state) for each in await ledger.slates()))


_HINDRANCES: Mapping[str, Callable[[World], bool]] = {
    "BudgetReached": lambda world: world.daily_budget_usd is not None,
    "flagged by our content moderation": lambda world: _plays(world, "content_block"),
    "its history says PENDING": lambda world: _plays(world, "stuck"),
    "holds rows that cannot be read": lambda world: _plays(world, "odd_id"),
    "has not ended after": lambda world: _plays(world, "stuck"),
    "run again with --retake-lost": lambda world: world.damages,
}


def _plays(world: World, action: str) -> bool:
    return any(fault["do"] == action for fault in world.faults)


def _check_ending(world: World, ended: str) -> None:
    """With all faults over there is a film, or what stands in its way is the world's."""
    reasons = [drawn for words, drawn in _HINDRANCES.items() if words in ended]
    if ended != "film" and not any(drawn(world) for drawn in reasons):
        raise Violation(f"there is no film, and nothing in its way: {ended[-300:]}")


async def _check_files(stage: Stage, slates: Sequence[Slate]) -> None:
    """What counts as stored is there, whole, and what was asked for."""
    jobs = stage.emulator.requests
    store, into = Store(stage.settings.keeping.store), stage.folder / "looked at"
    for slate in slates:
        if slate.state is TakeState.STORED and slate.clip_sha256:
            with broken_promise(f"take {slate.take_number} of {slate.clip_id} counts as stored"):
                made = said(await store.fetch(slate.clip_sha256, "clip", into))
            job = next((one for one in jobs if one.request_id == slate.request_id), None)
            if job is None or made["body"]["seed"] != job.seed:
                raise Violation(f"take {slate.take_number} of {slate.clip_id} is another's clip")


def _check_budgets(stage: Stage, slates: Sequence[Slate]) -> None:
    """A budget is passed by no more than what nobody could know when it was reserved."""
    paid: dict[str, float] = defaultdict(float)
    surprise: dict[str, float] = defaultdict(float)
    takes = {identity_of(slate): slate.fingerprint for slate in slates}
    for job in stage.emulator.requests:
        sendings = stage.seen.sent.get(takes.get(identity(stage, job), ""), [])
        before = [one for at, one in sendings if at <= job.accepted_at - stage.service_began]
        if not before or job.settled != "COMPLETED":
            continue
        reserved = before[-1]
        for whose in (reserved.run, reserved.day):
            paid[whose] += job.usd
            surprise[whose] += max(0.0, job.usd - stage.seen.expected_usd(job.model, reserved))
    for whose, budget_usd in stage.budgets().items():
        if paid[whose] > budget_usd + surprise[whose] + 1e-6:
            raise Violation(
                f"the budget of {whose}, {budget_usd} USD, was passed: {paid[whose]:.2f} USD, "
                f"of which {surprise[whose]:.2f} could not be known"
            )


async def after_a_power_cut(stage: Stage) -> None:
    """What counts as stored outlasted it, with every byte."""
    async with stage.open_ledger() as ledger:
        await _check_files(stage, await ledger.slates())


async def at_end(stage: Stage, ended: str) -> None:
    """Nothing that was paid for is forgotten, and what is said to be paid is what was billed."""
    at_accept(stage)
    jobs = stage.emulator.requests
    async with stage.open_ledger() as ledger:
        slates = await ledger.slates()
        _check_ending(stage.world, ended)
        await _check_files(stage, slates)
        _check_budgets(stage, slates)
        by_identity = {identity_of(slate): slate for slate in slates}
        by_request = {slate.request_id: slate for slate in slates if slate.request_id}
        for job in jobs:
            if job.endpoint == "v1" and job.settled not in (None, "COMPLETED"):
                continue  # it is not billed, and the answer that says so names no id
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
    if slate.state is TakeState.LOST or (slate.state.of_no_use and not stage.world.damages):
        raise Violation(f"job {job.number}'s clip is {slate.state.value}: {slate.error}")
