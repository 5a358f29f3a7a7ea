"""What a fleet costs: clips in flight in one process, task runs and requests a clip, server CPU.

    python bench/fleet.py [--in-flight 1000] [--seconds 60] [--clips 24] [--markdown]

Each measurement has processes of its own, on loopback. First a whole render of ``--clips`` clips
in chains of two, on a Prefect server with SQLite and on one with PostgreSQL: task runs by Prefect's
own account, the render's requests and transactions, its processor time and ffmpeg's apart (what
both need once, to start, is divided by the clips, too), and that of the server with its database.
Then two renders of ``--in-flight`` one-clip scenes, looked at as often as at the service's real
pace, or as the largest published plan allows: soon after all jobs are accepted, the render's
processor time and memory over ``--seconds``, without ffmpeg's and the emulator's.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.postgres import PostgresMissing, postgres_cluster  # noqa: E402

SETTLING_SECONDS = 45
"""What follows the last acceptance is written down in the meantime."""

NO_LIMIT = 1_000_000
LARGEST_PLAN = 1000
"""Requests a minute; published figures reach from 5 to this."""

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
    json.dump(counted, open(sys.argv[1], "w"))
atexit.register(tell)
from longtake.cli import run
sys.exit(run(sys.argv[2:]))
"""


class Usage(NamedTuple):
    """What processes have used: seconds of processor time, and megabytes of memory now."""

    cpu_seconds: float
    rss_mb: float


def usage(pid: int, *, children: bool = True) -> Usage:
    """Of the process, and of all its descendants that are no ffmpeg."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / TICKS
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    total = Usage(seconds, pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    if children:
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
        until = time.monotonic() + 120
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


def storyboard(folder: Path, scenes: int, shots: int) -> Path:
    """Scenes of short shots, with everything that is done for seams by default."""
    board = {
        "title": f"Fleet of {scenes}",
        "look": {"seed": 5},
        "scenes": [
            {
                "name": f"scene {number}",
                "shots": [{"prompt": f"a sailing boat, view {number}", "seconds": 1}] * shots,
            }
            for number in range(1, scenes + 1)
        ],
    }
    path = folder / "storyboard.json"
    path.write_text(json.dumps(board))
    return path


def profile(
    folder: Path,
    url: str,
    pace: float,
    in_flight: int,
    *,
    ledger: str | None = None,
    requests_per_minute: int = NO_LIMIT,
) -> Path:
    """A profile for the emulator at ``url``; the ledger beside it unless one is named."""
    models = ("wan-2.2-t2v-fast", "wan-2.2-i2v-fast")
    settings = {
        **dict.fromkeys(("api_url", "upload_url", "history_url"), url),
        "concurrency": in_flight,
        "requests_per_minute": requests_per_minute,
        "rates": {"expected_seconds": dict(zip(models, (93 / pace, 54 / pace), strict=True))},
        "picture": {"preset": "ultrafast"},
        "review": False,
        "keeping": {
            "ledger": ledger or str(folder / "ledger.sqlite"),
            "store": str(folder / "store"),
        },
    }
    path = folder / "profile.json"
    path.write_text(json.dumps(settings))
    return path


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


def accepted(url: str) -> int:
    """How many jobs the emulator has taken."""
    summary = httpx.get(f"{url}/emulator/summary", timeout=60, trust_env=False).json()
    return int(summary["accepted"])


def looks(url: str) -> int:
    """How often the emulator was asked how a job stands."""
    jobs = httpx.get(f"{url}/emulator/requests", timeout=60, trust_env=False).json()
    return sum(job["polls"] for job in jobs)


def in_flight(count: int, seconds: float, requests_per_minute: int) -> dict[str, Any]:
    """One render process with ``count`` jobs in flight, over a while in which all of them are."""
    pace = 0.2  # slow enough that none ends before all are accepted and watched for a while
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fleet-")))
        url = stack.enter_context(emulator(pace))
        api, _ = stack.enter_context(prefect_server(folder, None))
        board = storyboard(folder, count, 1)
        # The looks at each job come as often as they do at the service's own pace.
        settings = profile(folder, url, 1.0, count, requests_per_minute=requests_per_minute)
        began = time.monotonic()
        process = stack.enter_context(rendering(folder, api, board, settings))
        first = wait_for(1, url, process, folder) - began
        last = wait_for(count, url, process, folder) - began
        time.sleep(SETTLING_SECONDS)
        before, looked, since = usage(process.pid), looks(url), time.monotonic()
        time.sleep(seconds)
        after, took = usage(process.pid), time.monotonic() - since
        looked = looks(url) - looked
        process.kill()
    share = 100 * (after.cpu_seconds - before.cpu_seconds) / took
    return {
        "clips in flight": count,
        "requests a minute": "no limit" if requests_per_minute == NO_LIMIT else requests_per_minute,
        "looks a second": round(looked / took, 1),
        "CPU of the process, % of a core": round(share, 1),
        "memory, MB": round(after.rss_mb),
        "seconds until the first was accepted": round(first, 1),
        "until all were": round(last, 1),
    }


def wait_for(count: int, url: str, process: Any, folder: Path) -> float:
    """The moment at which so many jobs have been accepted."""
    while accepted(url) < count:
        if process.poll() is not None:
            raise RuntimeError((folder / "render.log").read_text()[-6000:])
        time.sleep(1)
    return time.monotonic()


def whole(clips: int, database: str) -> dict[str, Any]:
    """A whole render, and what it asked of Prefect."""
    pace = 20.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fleet-")))
        url = stack.enter_context(emulator(pace))
        prefect_url = ledger = None
        pids: list[int] = []
        if database == "PostgreSQL":
            cluster = stack.enter_context(postgres_cluster())
            prefect_url, ledger = cluster.new_database(), cluster.new_database()
            pids.append(cluster.pid)
        api, server = stack.enter_context(prefect_server(folder, prefect_url))
        pids.append(server)
        board = storyboard(folder, clips // 2, 2)
        settings = profile(folder, url, pace, clips, ledger=ledger)
        before = sum(usage(pid).cpu_seconds for pid in pids)
        began = time.monotonic()
        process = stack.enter_context(rendering(folder, api, board, settings))
        if process.wait() != 0:
            raise RuntimeError((folder / "render.log").read_text()[-6000:])
        took = time.monotonic() - began
        time.sleep(5)  # what was sent at the end is still being written down
        cpu = sum(usage(pid).cpu_seconds for pid in pids) - before
        runs = httpx.post(f"{api}/task_runs/count", json={}, timeout=60, trust_env=False).json()
        counted = json.loads((folder / "counted.json").read_text())
    return {
        "database": database,
        "clips": clips,
        "seconds": round(took, 1),
        "task runs a clip": round(runs / clips, 2),
        "requests to Prefect a clip": round(counted["prefect"] / clips, 1),
        "ledger transactions a clip": round(counted["ledger"] / clips, 1),
        "render CPU a clip, ms": round(1000 * counted["own_seconds"] / clips),
        "ffmpeg CPU a clip, ms": round(1000 * counted["ffmpeg_seconds"] / clips),
        "server and database CPU a clip, ms": round(1000 * cpu / clips),
    }


def said(rows: list[dict[str, Any]], markdown: bool) -> Iterator[str]:
    """The figures as lines, or as one table."""
    if markdown:
        yield f"| {' | '.join(rows[0])} |"
        yield f"|{'---|' * len(rows[0])}"
        for row in rows:
            yield f"| {' | '.join(str(value) for value in row.values())} |"
    else:
        for row in rows:
            yield "  ".join(f"{name}: {value}" for name, value in row.items())


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--in-flight", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    if options.clips:
        rows = [whole(options.clips, "SQLite")]
        try:
            rows.append(whole(options.clips, "PostgreSQL"))
        except PostgresMissing as reason:
            print(f"PostgreSQL: {reason}", file=sys.stderr)
        print(*said(rows, options.markdown), sep="\n", flush=True)
    if options.in_flight:
        limits = NO_LIMIT, LARGEST_PLAN
        rows = [in_flight(options.in_flight, options.seconds, limit) for limit in limits]
        print(*said(rows, options.markdown), sep="\n")


if __name__ == "__main__":
    main()
