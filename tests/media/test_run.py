"""The one door to processes."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from io import BufferedReader
from pathlib import Path

import pytest

from longtake.errors import DamagedClip, DiskFull, FfmpegFailed
from longtake.files import whole_file
from longtake.media import Ffmpeg
from longtake.media import run as door
from longtake.media.run import STANDING_BACK, Limits, ask, clean_environment, run
from tests.media.recording import RecordedProgram


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def endless(ffmpeg: Ffmpeg | RecordedProgram, *output: str) -> list[str]:
    source = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25"]
    words = ["-nostdin", "-v", "error", "-y", "-progress", "pipe:1", "-stats_period", "0.05"]
    return [ffmpeg.path, *words, *source, *(output or ("-f", "null", "-"))]


@pytest.fixture
def recorded(ffmpeg: Ffmpeg, tmp_path: Path) -> RecordedProgram:
    """ffmpeg, whose processes are known."""
    return RecordedProgram(ffmpeg.path, tmp_path)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_progress_is_counted() -> None:
    lines = "frame=3\\nfps=0.0\\nprogress=continue\\nframe=7\\nprogress=end"
    finished = await run(python(f"print('{lines}')"), subject="x")
    assert finished.frame_count == 7


async def test_a_failure_names_the_subject_and_repeats_the_last_words() -> None:
    with pytest.raises(FfmpegFailed, match=r"taking a frame of a\.mp4: .*code 3.*\n.*no such box"):
        await run(
            python("import sys; print('no such box', file=sys.stderr); sys.exit(3)"),
            subject="taking a frame of a.mp4",
        )


async def test_a_caller_may_say_what_a_failure_means() -> None:
    with pytest.raises(DamagedClip):
        await run(python("raise SystemExit(1)"), subject="x", failure=DamagedClip)


async def test_endless_complaints_are_drained_and_cut_to_their_end() -> None:
    flood = "import sys; sys.stderr.write('a' * 3_000_000 + 'the end'); sys.exit(1)"
    with pytest.raises(FfmpegFailed) as caught:
        await run(python(flood), subject="x")
    assert str(caught.value).endswith("the end")
    assert len(str(caught.value)) < 2 * door.STDERR_KEPT_BYTES


async def test_a_run_out_of_time_is_killed_and_proves_nothing_about_the_file(
    recorded: RecordedProgram,
) -> None:
    limits = Limits(wall_seconds=1)
    with pytest.raises(FfmpegFailed, match=r"stopped after 1 s"):
        await run(endless(recorded), subject="x", limits=limits, failure=DamagedClip)
    assert not any(is_alive(pid) for pid in recorded.pids)


async def test_a_cancelled_run_leaves_no_process(recorded: RecordedProgram) -> None:
    work = asyncio.create_task(run(endless(recorded), subject="x"))
    async with asyncio.timeout(30):
        await recorded.wait_until_started()
    assert [is_alive(pid) for pid in recorded.pids] == [True]
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [is_alive(pid) for pid in recorded.pids] == [False]


async def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(FfmpegFailed, match="/no/ffmpeg could not be started"):
        await run(["/no/ffmpeg"], subject="x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the always full device")
async def test_a_full_disk_is_reported_in_our_words(ffmpeg: Ffmpeg) -> None:
    with pytest.raises(DiskFull, match="x: no room is left on the disk; make room and run it"):
        await run(endless(ffmpeg, "-c:v", "libx264", "-f", "mpegts", "file:/dev/full"), subject="x")


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
async def test_a_file_that_grows_too_large_ends_the_run(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    output = ("-c:v", "rawvideo", "-f", "rawvideo", str(tmp_path / "large"))
    with pytest.raises(FfmpegFailed, match=r"larger than 200000 bytes|File too large"):
        await run(endless(ffmpeg, *output), subject="x", limits=Limits(file_bytes=200_000))
    assert (tmp_path / "large").stat().st_size <= 200_000


async def test_a_child_has_its_own_group_and_no_standard_input() -> None:
    code = "import os, sys; sys.exit(0 if os.getpgid(0) == os.getpid() else 9)"
    await run(python(code), subject="x")
    await run(python("import sys; assert sys.stdin.read() == ''"), subject="x")


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of Unix")
async def test_an_encode_stands_back_behind_what_a_next_clip_waits_for() -> None:
    command = ["sh", "-c", "nice >&2"]
    usual, back = [
        int((await run(command, subject="x", limits=limits)).stderr)
        for limits in (Limits(), STANDING_BACK)
    ]
    assert STANDING_BACK.niceness > Limits().niceness
    assert back == min(usual + STANDING_BACK.niceness, 19)  # the least there is: 19


async def test_no_secret_reaches_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", "sg-very-private")
    monkeypatch.setenv("AWS_SECRET", "also-private")
    code = "import os, sys; print(os.environ, file=sys.stderr); sys.exit(1)"
    with pytest.raises(FfmpegFailed) as caught:
        await run(python(code), subject="x")
    assert "PATH" in str(caught.value)
    assert "private" not in str(caught.value)


def test_ffmpegs_own_logging_switches_do_not_reach_it() -> None:
    kept = clean_environment({"FFREPORT": "file=x", "AV_LOG_FORCE_COLOR": "1", "HOME": "/h"})
    assert kept == {"HOME": "/h", "AV_LOG_FORCE_NOCOLOR": "1"}


def test_a_question_that_ends_badly_has_no_answer() -> None:
    assert ask(python("print('words')")).strip() == "words"
    assert ask(python("print('words'); raise SystemExit(1)")) == ""


def test_a_file_that_finds_no_room_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with whole_file(tmp_path / "film.mp4") as part:
            part.touch()
            with Path("/dev/full").open("wb", buffering=0) as full:
                full.write(b"a film")

    with pytest.raises(DiskFull, match=r"no room is left for .*film\.mp4"):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled", "out of time"])
async def test_a_run_that_is_read_by_a_thread_ends_like_any_other(
    recorded: RecordedProgram, cancelled: bool
) -> None:
    under_way, loop, read = asyncio.Event(), asyncio.get_running_loop(), threading.Event()

    def to_the_end(output: BufferedReader) -> int:
        with output:
            output.peek(1)
            loop.call_soon_threadsafe(under_way.set)
            while output.read(1 << 16):
                pass
        read.set()
        return 0

    limits = Limits(wall_seconds=60 if cancelled else 1)
    words = ("-f", "rawvideo", "pipe:1")
    work = asyncio.create_task(
        run(endless(recorded, *words), subject="x", limits=limits, reader=to_the_end)
    )
    await asyncio.wait_for(under_way.wait(), 30)
    if cancelled:
        work.cancel()
    with pytest.raises(asyncio.CancelledError if cancelled else FfmpegFailed):
        await work
    assert [is_alive(pid) for pid in recorded.pids] == [False]
    assert await asyncio.to_thread(read.wait, 30)
