"""What a fleet costs: clips in flight in one process, task runs and requests a clip, server CPU.

    python bench/fleet.py [--in-flight 1000] [--seconds 60] [--clips 24] [--markdown] [--page]

Each measurement has processes of its own, on loopback. First whole renders of ``--clips`` clips
of five seconds in chains of two, on a Prefect server with SQLite and on one with PostgreSQL: task
runs by Prefect's own account, the render's requests and transactions, its processor time and
ffmpeg's apart (what both need once, to start, is divided by the clips, too), and that of the server
with its database.
Then two renders of ``--in-flight`` one-clip scenes, looked at as often as at the service's real
pace, or as the largest published plan allows: soon after all jobs are accepted, the render's
processor time and memory over ``--seconds``, without ffmpeg's and the emulator's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import scaling_page
from bench.fleet_processes import emulator, prefect_server, rendering, usage
from tests.postgres import PostgresMissing, postgres_cluster

SETTLING_SECONDS = 45
"""What follows the last acceptance is written down in the meantime."""

SLOTS = 8

WHOLE_SECONDS = 5
"""A whole clip: 81 frames, of which 80 are in the film."""

NO_LIMIT = 1_000_000
LARGEST_PLAN = 1000
"""Requests a minute; published figures reach from 5 to this."""


def storyboard(folder: Path, scenes: int, shots: int, seconds: float = 1) -> Path:
    """Scenes of shots of so many seconds, with everything that is done for seams by default."""
    board = {
        "title": f"Fleet of {scenes}",
        "look": {"seed": 5},
        "scenes": [
            {
                "name": f"scene {number}",
                "shots": [{"prompt": f"a sailing boat, view {number}", "seconds": seconds}] * shots,
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
    **more: Any,
) -> Path:
    """A profile for the emulator at ``url``; the ledger next to it unless one is named.

    There is no review, and segments are encoded in haste, unless ``more`` says otherwise.
    """
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
        **more,
    }
    path = folder / "profile.json"
    path.write_text(json.dumps(settings))
    return path


def accepted(url: str) -> int:
    """How many jobs the emulator has taken."""
    summary = httpx.get(f"{url}/emulator/summary", timeout=60, trust_env=False).json()
    return int(summary["accepted"])


def looks(url: str) -> int:
    """How often the emulator was asked how a job stands."""
    jobs = httpx.get(f"{url}/emulator/requests", timeout=60, trust_env=False).json()
    summary = httpx.get(f"{url}/emulator/summary", timeout=60, trust_env=False).json()
    return sum(job["polls"] for job in jobs) + int(summary["history_pages"])


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
        time.sleep(SETTLING_SECONDS)  # what is to be seen is the waiting alone
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
        time.sleep(1)  # each question costs the emulator something, too
    return time.monotonic()


def whole(clips: int, database: str, *, review: bool = False) -> dict[str, Any]:
    """A whole render of whole clips, and what it asked of Prefect."""
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
        board = storyboard(folder, clips // 2, 2, WHOLE_SECONDS)
        more: dict[str, Any] = {"picture": {}, "review": review}
        settings = profile(folder, url, pace, SLOTS, ledger=ledger, **more)
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
        "database": f"{database}, with the review" if review else database,
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
    parser.add_argument(
        "--page", action="store_true", help="put whole renders into docs/scaling.md"
    )
    options = parser.parse_args()
    if options.clips:
        rows = [whole(options.clips, "SQLite", review=review) for review in (True, False)]
        try:
            rows.append(whole(options.clips, "PostgreSQL"))
        except PostgresMissing as reason:
            print(f"PostgreSQL: {reason}", file=sys.stderr)
        print(*said(rows, options.markdown), sep="\n", flush=True)
        if options.page:
            scaling_page.write(rows)
    if options.in_flight:
        limits = NO_LIMIT, LARGEST_PLAN
        rows = [in_flight(options.in_flight, options.seconds, limit) for limit in limits]
        print(*said(rows, options.markdown), sep="\n")


if __name__ == "__main__":
    main()
