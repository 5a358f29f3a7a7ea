"""The door by which programs are started.

Every run has a private process group, a wall timeout, limits on processor time, memory and file
size (Unix), no standard input, no secrets in its environment and a bounded memory of what it
said. However a run ends, by success, failure, timeout or cancellation, its process is gone. It
stays in this process's session, since some kernels compare niceness within a session only.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader

import anyio
import anyio.to_thread

from longtake.errors import DiskFull, FfmpegFailed, MediaError

STDERR_KEPT_BYTES = 4096
"""How many bytes of the end of a process's standard error are kept."""

Reader = Callable[[BufferedReader], int]
"""Reads a process's standard output to its end, closes it, and tells how many frames were in it."""

_PIPE_BYTES = 1 << 20
_NO_ROOM = ("No space left on device", "Disk quota exceeded")
_SET_LIMITS = """\
{ ulimit -c 0; ulimit -t "$1"; ulimit -v "$2"; ulimit -f "$3"; } 2>/dev/null; shift 3; exec "$@"
"""
_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


@dataclass(frozen=True)
class Limits:
    """What one process may use; the wall limit holds everywhere, the others on Unix."""

    wall_seconds: float = 300.0
    """From start to end, waiting included."""
    cpu_seconds: int = 120
    """Processor time over all threads."""
    memory_bytes: int = 4 << 30
    """Address space; a 720p clip needs less than half of it."""
    file_bytes: int = 1 << 30
    """The largest file that may be written."""
    niceness: int = 0
    """By how much it stands back behind others on the processor, 0 to 19."""


STANDING_BACK = Limits(niceness=10)
"""For an encode: it takes seconds, and nobody pays for a slot at the service that stays empty."""

LAST = Limits(niceness=15)
"""For what the film need not wait for either."""


@dataclass(frozen=True)
class Finished:
    """A successful run: how many frames were written, and the end of its log."""

    frame_count: int
    stderr: str


async def run(
    argv: Sequence[str],
    *,
    subject: str,
    limits: Limits | None = None,
    reader: Reader | None = None,
    failure: type[MediaError] = FfmpegFailed,
) -> Finished:
    """Run one ffmpeg command to its end and return what it reported.

    ``argv`` must ask for ``-progress pipe:1`` where frames are to be counted. A ``reader`` has
    standard output to itself instead, in a worker thread, and counts. ``subject`` says in an error
    what was being done to which file.

    Raises ``failure`` when ffmpeg itself ends with an error, and FfmpegFailed when it could not be
    started, was killed or ran out of time (which proves nothing about the file). Cancelling the
    caller kills the process before the cancellation goes on.
    """
    limits = limits or Limits()
    if reader is None:
        process = await _start(argv, subject, limits)
        counted = _frames_told(_opened(process.stdout))
    else:
        process, output = await _start_read(argv, subject, limits)
        counted = anyio.to_thread.run_sync(reader, output, abandon_on_cancel=True)
    try:
        async with asyncio.timeout(limits.wall_seconds):
            frame_count, stderr, returncode = await asyncio.gather(
                counted,
                _last_words(_opened(process.stderr)),
                process.wait(),
            )
    except TimeoutError as error:
        raise FfmpegFailed(
            f"{subject}: ffmpeg was stopped after {limits.wall_seconds:g} s without an end; "
            "run again on a less busy machine, or look at the file"
        ) from error
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
    if returncode < 0:
        raise FfmpegFailed(f"{subject}: ffmpeg {_fate(-returncode, limits)}{_said(stderr)}")
    if returncode > 0 and any(words in stderr for words in _NO_ROOM):
        raise DiskFull(f"{subject}: no room is left on the disk; make room and run it again")
    if returncode > 0:
        raise failure(f"{subject}: ffmpeg ended with code {returncode}{_said(stderr)}")
    return Finished(frame_count=frame_count, stderr=stderr)


def ask(argv: Sequence[str], *, banner: bool = False) -> str:
    """What a program answers to a short question (``-filters``); "" if it has no answer.

    ``banner``: with what it says of itself, on standard error. Synchronous, for use before the
    work begins. Raises OSError when the program cannot be started and
    ``subprocess.TimeoutExpired`` when it does not answer.
    """
    answer = subprocess.run(  # noqa: S603  the program is the operator's own choice
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if banner else subprocess.DEVNULL,
        env=clean_environment(os.environ),
        timeout=30.0,
        check=False,
    )
    return answer.stdout.decode("utf-8", "replace") if answer.returncode == 0 else ""


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child: no secrets, and none of ffmpeg's own logging switches."""
    kept = {
        name: value
        for name, value in environment.items()
        if not any(word in name.upper() for word in _SECRET_WORDS) and name != "FFREPORT"
    }
    kept.pop("AV_LOG_FORCE_COLOR", None)
    return kept | {"AV_LOG_FORCE_NOCOLOR": "1"}


async def _start_read(
    argv: Sequence[str], subject: str, limits: Limits
) -> tuple[asyncio.subprocess.Process, BufferedReader]:
    """With a standard output that a thread can read, through a pipe as wide as it may be."""
    ours, theirs = os.pipe()
    output = os.fdopen(ours, "rb")
    try:
        if sys.platform == "linux":
            import fcntl  # not on every system

            with suppress(OSError):  # all pipes of a user together have a limit, too
                fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return await _start(argv, subject, limits, theirs), output
    except BaseException:
        output.close()
        raise
    finally:
        os.close(theirs)


async def _start(
    argv: Sequence[str], subject: str, limits: Limits, stdout: int = asyncio.subprocess.PIPE
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *_limited(argv, limits),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=asyncio.subprocess.PIPE,
            env=clean_environment(os.environ),
            process_group=0,
        )
    except OSError as error:
        raise FfmpegFailed(f"{subject}: {argv[0]} could not be started: {error}") from error


def _limited(argv: Sequence[str], limits: Limits) -> Sequence[str]:
    """The command under its limits, which hold before its first instruction.

    A shell sets them and becomes the program: a ``preexec_fn`` is not safe in a process with
    threads, and limits set from outside come too late for what is quick. A limit that the system
    does not know, or already has lower, is passed over.
    """
    if sys.platform == "win32":
        return argv
    if (program := shutil.which(argv[0])) is None:
        raise FileNotFoundError(f"there is no program {argv[0]}")
    amounts = (limits.cpu_seconds, limits.memory_bytes // 1024, limits.file_bytes // 512)
    nice = shutil.which("nice") if limits.niceness else None
    standing_back = [nice, "-n", str(limits.niceness)] if nice else []
    command = [*map(str, amounts), *standing_back, program, *argv[1:]]
    return ["/bin/sh", "-c", _SET_LIMITS, "sh", *command]


async def _frames_told(stdout: asyncio.StreamReader) -> int:
    """Read ``-progress`` blocks to the end; the last ``frame=`` is the count."""
    frame_count = 0
    async for line in stdout:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if name == "frame" and value.strip().isdigit():
            frame_count = int(value)
    return frame_count


async def _last_words(stderr: asyncio.StreamReader) -> str:
    """Drain to the end, so that the process never blocks, and keep the tail."""
    kept = b""
    while chunk := await stderr.read(STDERR_KEPT_BYTES):
        kept = (kept + chunk)[-STDERR_KEPT_BYTES:]
    return kept.decode("utf-8", "replace").strip()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the whole group if it still runs, and wait until it is gone."""
    if process.returncode is None:
        try:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended by itself in between
    await process.wait()


def _opened(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if stream is None:  # cannot happen with PIPE; told to the type checker
        raise RuntimeError("the process was started without a pipe")
    return stream


def _fate(number: int, limits: Limits) -> str:
    fates = {
        "SIGXCPU": f"used more than {limits.cpu_seconds} s of processor time",
        "SIGXFSZ": f"tried to write a file larger than {limits.file_bytes} bytes",
        "SIGKILL": "was killed (out of memory, out of processor time, or by someone)",
    }
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return fates.get(name, f"was ended by {name}")


def _said(stderr: str) -> str:
    return f"; it said:\n{stderr}" if stderr else " and said nothing"
