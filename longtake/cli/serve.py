"""``longtake serve``: renders on request and on a schedule, by this process and no pool."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag
from longtake.cli.console import to_person
from longtake.errors import OperatorError, SettingsError
from longtake.surroundings import settle

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Schedule

ON_REQUEST, SCHEDULED = "serve", "serve-schedule"


def serve(
    *,
    schedule: str | None = None,
    timezone: str = "UTC",
    storyboard: Path | None = None,
    profile: str | None = None,
    budget: float | None = None,
    emulated: Annotated[bool, Flag] = False,
    limit: int = 2,
) -> int:
    """Render on request from Prefect's UI, or on a schedule, on this machine.

    It needs a Prefect server (`prefect server start`), but no work pool and no worker. Each render
    is a process of its own, which the UI can cancel. The deployment `render-storyboard/serve` has a
    form for what `longtake render` takes: a storyboard's path (from this folder) or its text, the
    budget and so on. With `--schedule` the storyboard is also rendered at those times, as
    `render-storyboard/serve-schedule`: only what changed since the last time is paid for, and a
    scheduled time is skipped while the last render is still running.

    Ctrl-C ends it and pauses the schedule. SIGTERM, which service managers send, ends it too but
    leaves the schedule on: missed times are made up for later (`fleet.catch_up_hours`).
    Jobs in flight go on at the service, and the next render picks them up. For several machines see
    deployments/README.md.

    Parameters
    ----------
    schedule
        When to render, as a cron expression: `"30 2 * * *"` is every night at half past two.
    timezone
        Time zone of the schedule, such as `Europe/Berlin`; daylight saving is respected.
    storyboard
        What the schedule renders; also the form's default.
    profile
        Settings that renders use: a name in configs/profiles, or a path to a profile.
    budget
        Each scheduled render stops submitting before it would cost more than this many USD.
    emulated
        Render on the built-in emulator: no key, no cost.
    limit
        How many renders run at once; further ones wait.
    """
    if schedule is not None and storyboard is None:
        raise SettingsError("--schedule renders a storyboard: name it by --storyboard")
    if limit < 1:
        raise SettingsError("--limit must be 1 or more")
    settle()
    _look_ahead(storyboard, profile=profile, emulated=emulated)
    os.environ.setdefault("DO_NOT_TRACK", "1")
    parameters: dict[str, Any] = {"profile": profile, "emulated": emulated}
    if storyboard is not None:
        parameters["storyboard"] = str(storyboard.resolve())
    cron = _schedule(schedule, timezone) if schedule is not None else None
    wait_for(_serve(parameters, cron, budget_usd=budget, limit=limit))
    return 0


def _look_ahead(storyboard: Path | None, *, profile: str | None, emulated: bool) -> None:
    """Report what is wrong now, and not when the schedule first fires."""
    from longtake.documents import load_plan
    from longtake.media.stills import trouble_with
    from longtake.settings import load_settings

    settings = load_settings(profile)
    if storyboard is not None:
        load_plan(storyboard.resolve(), rates=settings.rates, examine=trouble_with)
    if not emulated and settings.api_key_block is None:
        settings.key()


def _schedule(cron: str, timezone: str) -> Schedule:
    """The times to render at; SettingsError for what is no cron or no timezone."""
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.schedules import Cron
    from pydantic import ValidationError

    try:
        CronSchedule(cron=cron, timezone=timezone)
    except ValidationError as error:
        says = "; ".join(str(problem["msg"]) for problem in error.errors())
        raise SettingsError(
            f"--schedule {cron!r} with --timezone {timezone!r} cannot be read: {says}; "
            'write it like --schedule "30 2 * * *" --timezone Europe/Berlin'
        ) from None
    return Cron(cron, timezone=timezone)


async def _serve(
    parameters: dict[str, Any], cron: Schedule | None, *, budget_usd: float | None, limit: int
) -> None:
    import asyncio

    from prefect import aserve

    await _server_answers()
    deployments = [await _on_request(parameters)]
    if cron is not None:
        deployments.append(await _scheduled({**parameters, "budget_usd": budget_usd}, cron))
    console = to_person()
    for deployment in deployments:
        console.print(f"serving {deployment.full_name}")
    console.print(f"in {Path.cwd()}, {limit} at once; Ctrl-C ends it")
    try:
        await aserve(
            *deployments, limit=limit, print_starting_message=False, pause_on_shutdown=False
        )
    except asyncio.CancelledError:  # Ctrl-C: a person ends it; SIGTERM lets it return
        await _pause(deployments)
        raise


async def _pause(deployments: Sequence[RunnerDeployment]) -> None:
    """Pause the schedule: nobody would render what it starts."""
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        for deployment in deployments:
            known = await client.read_deployment_by_name(deployment.full_name)
            await client.pause_deployment(known.id)


async def _server_answers() -> None:
    """Refuse to serve without a lasting Prefect server: nobody could ask for a render."""
    from tasks.prefect_server import lasting_server, trouble_with_server

    url = lasting_server()
    fix = (
        "start one with `prefect server start`, then "
        "`prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api`"
    )
    if url is None:
        raise OperatorError(f"longtake serve needs a Prefect server: {fix}")
    if trouble := await trouble_with_server():
        raise OperatorError(f"the Prefect server at {url} does not answer: {trouble}; {fix}")


async def _on_request(parameters: dict[str, Any]) -> RunnerDeployment:
    from prefect.types.entrypoint import EntrypointType

    from flows.render import render_storyboard

    return await render_storyboard.ato_deployment(
        ON_REQUEST,
        parameters=parameters,
        tags=["longtake", "storyboard"],
        description="Render a storyboard into a film, on the machine that serves this.",
        # By module: the flow may lie in an installed package, which has no path from here.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


async def _scheduled(parameters: dict[str, Any], cron: Schedule) -> RunnerDeployment:
    from prefect.types.entrypoint import EntrypointType

    from flows.render import render_storyboard
    from tasks.nights import NIGHTLY

    return await render_storyboard.ato_deployment(
        SCHEDULED,
        schedule=cron,
        paused=False,  # as Ctrl-C left it
        parameters=parameters,
        # By this tag a render that finds the last one still at work ends: see tasks/nights.py.
        tags=["longtake", "storyboard", NIGHTLY],
        description="Render what changed in a storyboard since the last time.",
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
