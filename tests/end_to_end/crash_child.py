"""The side of a crash test that dies: the render command, with a trap laid at one of its steps.

The traps are laid here, around the classes and functions that longtake is made of; longtake itself
knows nothing of them.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import itertools
import os
import runpy
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import longtake.rendering.assembling
import longtake.rendering.film
from longtake.cli import run
from longtake.errors import LongtakeError
from longtake.ledger import Ledger
from longtake.ledger.database import Database, Transaction
from longtake.record import RunRecord
from longtake.rendering.media_work import MediaWork
from longtake.rendering.opening import open_render
from longtake.rendering.report import Report
from longtake.rendering.requests import RenderRequest
from longtake.segmind import SegmindClient
from longtake.store import Store
from tests.rendering.plain import make_all

KEY = "a-key-for-tests"
OWN_FLOW = "own flow"
"""In place of a command: a flow of somebody's own is run."""
WALK = "walk"
"""In place of a command: the walk of a render, and its film, without Prefect around them."""

LEDGER_STEPS = (
    "base_seed",
    "intend",
    "sending",
    "submitted",
    "completed",
    "kept",
    "ambiguous",
    "reopen",
    "release",
    "remember_frame",
    "remember_upload",
)

STEPS: Mapping[str, tuple[Any, str]] = {
    **{name: (Ledger, name) for name in LEDGER_STEPS},
    "upload": (SegmindClient, "upload"),
    "submit": (SegmindClient, "submit"),
    "generate": (SegmindClient, "generate"),
    "find attempt": (SegmindClient, "find_attempt"),
    "status": (SegmindClient, "status"),
    "result": (SegmindClient, "result"),
    "download": (SegmindClient, "download"),
    "inspect": (MediaWork, "inspect_clip"),
    "put": (Store, "put"),
    "fetch": (Store, "fetch"),
    "report of the stored clip": (Report, "stored"),  # its file was just renamed
    "extract": (MediaWork, "extract_frame"),
    "encode": (longtake.rendering.film, "normalise"),
    "join": (longtake.rendering.assembling, "assemble"),
    "run.json": (RunRecord, "write"),
}
"""Every step that a render can be killed at: what holds it, and its name there."""


class Moment(StrEnum):
    """When in a step. ``WITHIN``: its transaction is written and not committed (ledger only)."""

    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


class Point(NamedTuple):
    """Where a render kills itself: at the ``nth`` call of a step (from 1), at that moment."""

    moment: Moment
    step: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.step} #{self.nth}"


_doomed: ContextVar[bool] = ContextVar("_doomed", default=False)


def perform(arguments: Sequence[str], point: Point | None, log: Path) -> NoReturn:
    """Run one command line in this process, which dies at ``point``; its words go to ``log``."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.environ["SEGMIND_API_KEY"] = KEY
    if point is not None:
        lay(point)
    ways = {OWN_FLOW: run_flow, WALK: run_walk}
    way = ways.get(arguments[0])
    code = run(arguments) if way is None else way(*arguments[1:])
    os._exit(code)  # what ends in Prefect after the command is of no interest here


def run_flow(file: str, name: str, profile: str) -> int:
    """Run a flow out of a file, in the file's folder, which its film then lies in."""
    os.chdir(Path(file).parent)
    return _ended(runpy.run_path(file)[name](profile=profile))


def run_walk(storyboard: str, profile: str, out: str) -> int:
    """Make all clips of a storyboard, and the film of them."""

    async def walk() -> None:
        async with open_render(RenderRequest(storyboard, Path(out), profile=profile)) as render:
            await make_all(render)
            await longtake.rendering.assembling.make_film(render)

    return _ended(walk())


def _ended(work: Coroutine[Any, Any, None]) -> int:
    try:
        asyncio.run(work)
    except LongtakeError as error:
        print(error)
        return error.exit_code
    return 0


def lay(point: Point) -> None:
    """Let this process be killed at the point, by SIGKILL: nothing is tidied up after it."""
    holder, name = STEPS[point.step]
    step = getattr(holder, name)
    calls = itertools.count(1)

    def due(moment: Moment) -> bool:
        return moment is point.moment and next(calls) == point.nth

    @functools.wraps(step)
    async def trapped(*args: Any, **options: Any) -> Any:
        if due(Moment.BEFORE):
            die()
        token = _doomed.set(due(Moment.WITHIN))
        try:
            result = await step(*args, **options)
        finally:
            _doomed.reset(token)
        if due(Moment.AFTER):
            die()
        return result

    @functools.wraps(step)
    def trapped_at_once(*args: Any, **options: Any) -> Any:
        if due(Moment.BEFORE):
            die()
        result = step(*args, **options)
        if due(Moment.AFTER):
            die()
        return result

    setattr(holder, name, trapped if inspect.iscoroutinefunction(step) else trapped_at_once)
    if point.moment is Moment.WITHIN:
        _trap_commits()


def _trap_commits() -> None:
    """Let a doomed step's transaction do all its work, and never commit."""
    write = Database.write

    async def trapped(database: Database, work: Callable[[Transaction], Awaitable[Any]]) -> Any:
        async def killing(transaction: Transaction) -> Any:
            await work(transaction)
            die()

        return await write(database, killing if _doomed.get() else work)

    Database.write = trapped  # type: ignore[method-assign,assignment]  # the trap is set from outside


def die() -> NoReturn:
    """End this process now, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("survived SIGKILL")
