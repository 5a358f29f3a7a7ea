"""Helpers measure in processes of their own, and nothing depends on them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from longtake.errors import DamagedClip, MediaError
from longtake.media import read_clip
from longtake.media.helpers import Helpers
from longtake.media.run import LAST

Draw = Callable[..., Path]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are threads alone")


@asynccontextmanager
async def helpers(count: int = 2) -> AsyncIterator[Helpers]:
    hands = Helpers(count)
    hands.begin()
    try:
        yield hands
    finally:
        await hands.close()


def own_pid(_: object = None) -> int:
    return os.getpid()


def ends_here(inside: int) -> int:
    """Ends the process, unless it is the one named."""
    if os.getpid() != inside:
        os._exit(1)
    return inside


def refuse(name: str) -> None:
    raise DamagedClip(f"{name} does not decode")


def until(there: Path) -> int:
    """Which process waited until the file was there."""
    while not there.exists():
        time.sleep(0.005)  # runs in a helper: the test has no other way to wake it
    return os.getpid()


def is_there(pid: int) -> bool:
    """Whether the process is, and not only as a name that nobody has asked for."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def all_gone(pids: list[int]) -> bool:
    """Whether they are, or soon will be."""
    deadline = time.monotonic() + 30
    while any(map(is_there, pids)) and time.monotonic() < deadline:
        pass
    return not any(map(is_there, pids))


async def test_until_they_begin_a_thread_does_it() -> None:
    assert await Helpers(2).run(own_pid) == os.getpid()
    assert await Helpers(0).stand_back(own_pid) == os.getpid()


async def test_no_helpers_begin_where_none_are_wanted() -> None:
    async with helpers(0) as none:
        assert await none.run(own_pid) == os.getpid()


async def test_two_pieces_of_work_are_done_at_once_in_two_processes(tmp_path: Path) -> None:
    async with helpers() as hands:
        works = [asyncio.create_task(hands.run(until, tmp_path / name)) for name in "ab"]
        third = asyncio.create_task(hands.run(own_pid))
        (tmp_path / "b").touch()
        freed = await works[1]
        assert await third == freed, "it had to wait for one of them"
        (tmp_path / "a").touch()
        assert len({await works[0], freed, os.getpid()}) == 3


async def test_who_is_not_waited_for_stands_back_and_leaves_the_others_alone() -> None:
    async with helpers(1) as hands:
        assert await hands.run(os.nice, 0) == os.nice(0)
        assert await hands.stand_back(os.nice, 0) == min(19, os.nice(0) + LAST.niceness)
        assert await hands.stand_back(own_pid) != await hands.run(own_pid)


async def test_what_is_found_is_what_a_thread_finds(draw: Draw) -> None:
    clip = draw(frame_count=24)
    async with helpers() as hands:
        assert await read_clip(clip, run=hands.run) == await read_clip(clip)


async def test_pictures_go_there_and_come_back_bit_by_bit() -> None:
    sent = np.random.default_rng(3).integers(0, 256, (480, 832, 3), np.uint8)
    async with helpers() as hands:
        assert (await hands.run(np.flip, sent) == np.flip(sent)).all()


async def test_an_error_is_raised_here_and_says_where_it_came_from() -> None:
    async with helpers() as hands:
        with pytest.raises(DamagedClip, match=r"a\.mp4 does not decode") as caught:
            await hands.run(refuse, "a.mp4")
        assert "in refuse" in "".join(caught.value.__notes__)
        assert await hands.run(own_pid) != os.getpid(), "the helper goes on"


async def test_what_a_helper_ends_at_a_thread_does_again() -> None:
    async with helpers(1) as hands:
        assert await hands.run(ends_here, os.getpid()) == os.getpid()
        assert await hands.run(own_pid) == os.getpid(), "that helper is gone"
        assert await hands.stand_back(own_pid) != os.getpid(), "the other one is not"


async def test_a_helper_that_is_killed_is_a_thread_from_then_on() -> None:
    async with helpers(1) as hands:
        os.kill(await hands.run(own_pid), signal.SIGKILL)
        assert await hands.run(own_pid) == os.getpid()


async def test_who_no_longer_waits_gets_nobody_elses_answer(tmp_path: Path) -> None:
    async with helpers(1) as hands:
        work = asyncio.create_task(hands.run(until, tmp_path / "a"))
        await asyncio.sleep(0)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        (tmp_path / "a").touch()
        assert await hands.run(len, "four") == 4


async def test_they_end_with_the_render_whatever_they_are_at(tmp_path: Path) -> None:
    async with helpers(1) as hands:
        pids = [await hands.run(own_pid), await hands.stand_back(own_pid)]
        work = asyncio.create_task(hands.stand_back(until, tmp_path / "never"))
        await asyncio.sleep(0)
    with pytest.raises(MediaError, match="the render is over"):
        await work
    assert all_gone(pids)


def test_they_end_with_the_process_that_began_them_even_killed() -> None:
    code = (
        "import asyncio, os, signal\n"
        "from longtake.media.helpers import Helpers\n"
        "async def main():\n"
        "    hands = Helpers(2)\n"
        "    hands.begin()\n"
        "    print(await hands.run(os.getpid), await hands.stand_back(os.getpid), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    pids = [int(word) for word in told.stdout.split()]
    assert told.returncode == -signal.SIGKILL
    assert len(pids) == 2
    assert all_gone(pids)
