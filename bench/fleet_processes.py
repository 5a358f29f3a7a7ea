"""The processes that ``bench/fleet.py`` measures, and what they have used.

Each is started on loopback for a block and gone after it: the emulator, a Prefect server, a render
that counts its own requests and transactions.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

ROOT = Path(__file__).resolve().parent.parent

TICKS = os.sysconf("SC_CLK_TCK")
EMULATOR = """
import os, sys, threading
from longtake.emulator import EmulatorConfig, serve_emulator
os.nice(19)
config = EmulatorConfig(pace=float(sys.argv[1]), concurrency=5000, workers=1, credits_usd=1e6)
with serve_emulator(config) as running:
    print(running.base_url, flush=True)
    threading.Event().wait()
"""
RENDER = """
import atexit, collections, httpx, json, resource, sys
from longtake.ledger.database import Database
counted = collections.Counter()
def counting(send):
    async def sent(self, request, *args, **kwargs):
        counted["prefect" if "/api/" in str(request.url) else "service"] += 1
        return await send(self, request, *args, **kwargs)
    return sent
httpx.AsyncClient.send = counting(httpx.AsyncClient.send)
def transacting(run):
    async def transacted(self, work):
        counted["ledger"] += 1
        return await run(self, work)
    return transacted
Database.read, Database.write = transacting(Database.read), transacting(Database.write)
def tell():
    for name, who in ("own", resource.RUSAGE_SELF), ("ffmpeg", resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        counted[name + "_seconds"] = used.ru_utime + used.ru_stime
    counted["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(counted, open(sys.argv[1], "w"))
atexit.register(tell)
from longtake.cli import run
sys.exit(run(sys.argv[2:]))
"""


class Usage(NamedTuple):
    """What processes have used: seconds of processor time, and megabytes of memory now."""

    cpu_seconds: float
    rss_mb: float


def usage(pid: int) -> Usage:
    """Of the process, and of all its descendants that are no ffmpeg."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / TICKS
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    total = Usage(seconds, pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    for child in _children(pid):
        more = usage(child)
        total = Usage(total.cpu_seconds + more.cpu_seconds, total.rss_mb + more.rss_mb)
    return total


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for word in (task / "children").read_text().split():
            name = Path(f"/proc/{word}/comm").read_text().strip()
            if not name.startswith("ffmpeg"):
                yield int(word)


@contextmanager
def started(command: list[str], environ: Mapping[str, str], **options: Any) -> Iterator[Any]:
    """A process that is gone after the block."""
    with subprocess.Popen(command, env={**os.environ, **environ}, **options) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def emulator(pace: float) -> Iterator[str]:
    """The emulator's address."""
    command = [sys.executable, "-c", EMULATOR, str(pace)]
    with started(command, {}, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process.stdout.readline().strip()


@contextmanager
def prefect_server(folder: Path, database: str | None) -> Iterator[tuple[str, int]]:
    """A Prefect server's API address and process; on SQLite where no database is named."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "PREFECT_HOME": str(folder / "server"),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    if database:
        url = database.replace("postgresql://", "postgresql+asyncpg://")
        environ["PREFECT_API_DATABASE_CONNECTION_URL"] = url
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    command += ["--host", "127.0.0.1"]
    log = (folder / "server.log").open("w")
    with log, started(command, environ, stdout=log, stderr=log) as process:
        api = f"http://127.0.0.1:{port}/api"
        until = time.monotonic() + 400
        while not _answers(f"{api}/health"):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"the server did not start: {folder / 'server.log'}")
            time.sleep(0.3)
        yield api, process.pid


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def rendering(folder: Path, api: str, board: Path, settings: Path) -> Iterator[Any]:
    """The render as a process of its own, which counts its requests."""
    environ = {
        "PREFECT_API_URL": api,
        "PREFECT_HOME": str(folder / "client"),
        "SEGMIND_API_KEY": "a-key-for-the-bench",
    }
    arguments = ["render", str(board), "--profile", str(settings), "--out", str(folder / "out")]
    command = [sys.executable, "-c", RENDER, str(folder / "counted.json"), *arguments]
    log = (folder / "render.log").open("w")
    with log, started(command, environ, stdout=log, stderr=log, cwd=ROOT) as process:
        yield process
