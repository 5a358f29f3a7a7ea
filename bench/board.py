"""How fast the board is: a hundred films of a hundred clips, and ten thousand takes in the ledger.

    python bench/board.py [--films 100] [--clips 100] [--seconds 30]

The index is asked for by HTTP, the first time and again; then three pages watch a render whose
record changes twice a second, and what the server takes of a processor is measured (user and
system time, by the system's own account), next to the same server with nobody watching.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from longtake.ledger import Ledger, TakeIntent
from longtake.record import RunRecord, Stage
from longtake.rendering.presence import at_work
from longtake.story import Storyboard, build_plan
from tests.review.renders import read, small_plan

PROMPT = "a fishing boat in heavy swell, painted in gouache, muted blues and one warm lamp-yellow"


def record_of(number: int, clips: int, folder: Path) -> RunRecord:
    """A film that has ended, with readings of every clip and seam."""
    shots = [{"prompt": PROMPT, "seconds": 5} for _ in range(clips)]
    scene = {"name": "one", "shots": shots}
    title = {"title": f"Film {number}", "look": {"seed": 7}, "scenes": [scene]}
    run = RunRecord.of(
        build_plan(Storyboard.model_validate(title), base_seed=7),
        storyboard=str(folder / "film.yaml"),
        folder=str(folder),
        started_at=datetime.now(UTC) - timedelta(hours=number),
    )
    sample = read(RunRecord.of(small_plan(), storyboard="", folder=""))
    reading = next(clip.reading for clip in sample.clips.values() if clip.reading)
    for clip_id in run.clips:
        run.note(clip_id, stage=Stage.STORED, usd=0.1, reading=reading, file=f"clips/{clip_id}.mp4")
    ids = list(run.clips)
    run.seams = [
        sample.seams[at % len(sample.seams)].model_copy(update={"left": left, "right": right})
        for at, (left, right) in enumerate(pairwise(ids))
    ]
    run.state, run.ended_at = "completed", run.started_at + timedelta(minutes=20)
    return run


def make_renders(root: Path, films: int, clips: int) -> None:
    """The folders, all of one film's size."""
    text = record_of(0, clips, root).as_json()
    print(f"run.json of {clips} clips: {len(text) // 1000} kB")
    for number in range(films):
        folder = root / f"film-{number}"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(text.replace('"Film 0"', f'"Film {number}"'))


async def fill_ledger(path: Path, films: int, takes: int) -> None:
    """One take made step by step, and as many like it as are wanted."""
    async with Ledger.open(path) as ledger:
        name = "0" * 64
        intent = TakeIntent(
            fingerprint=name,
            storyboard="Film 0",
            clip_id="one/1.1",
            number=1,
            model="wan-2.2-i2v-fast",
            seed=7,
            parameters={"prompt": PROMPT, "seed": 7, "resolution": "480p"},
            estimated_usd=0.1,
        )
        await ledger.intend(intent, owner="bench", run="r0", lease_seconds=60)
        await ledger.sending(name, "bench")
        await ledger.submitted(name, "bench", "request-0")
        await ledger.completed(name, "bench", "https://images.example/a.mp4", 0.1)
        await ledger.stored(name, "bench", "0" * 64, 4000, 81, 832, 480)
    copy_slates(path, films, takes)


def copy_slates(path: Path, films: int, takes: int) -> None:
    """As many takes like the first as are wanted, straight into the file."""
    today = datetime.now(UTC)
    with closing(sqlite3.connect(path)) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(slates)")]
        (one,) = database.execute("SELECT * FROM slates").fetchall()
        first = dict(zip(columns, one, strict=True))
        rows = [
            first
            | {
                "fingerprint": f"{number:064x}",
                "storyboard": f"Film {number % films}",
                "run": f"r{number % 400}",
                "clip_id": f"one/{number}.1",
                "request_id": f"request-{number}",
                "clip_sha256": f"{number:064x}",
                "day": f"{today - timedelta(days=number % 120):%Y-%m-%d}",
            }
            for number in range(1, takes)
        ]
        places = ", ".join(f":{column}" for column in columns)
        database.executemany(f"INSERT INTO slates VALUES ({places})", rows)  # noqa: S608  our own


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(url: str, stop: threading.Event, heard: list[int]) -> None:
    """A page that watches."""
    with (
        suppress(httpx.RemoteProtocolError),  # the board ends while it is watched
        httpx.Client(trust_env=False, timeout=600) as client,
        client.stream("GET", url) as stream,
    ):
        for line in stream.iter_lines():
            heard[0] += line.startswith("data: ")
            if stop.is_set():
                return


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=100)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        make_renders(root / "renders", asked.films, asked.clips)
        asyncio.run(fill_ledger(root / "ledger.sqlite", asked.films, asked.films * asked.clips))
        keeping = {"ledger": str(root / "ledger.sqlite"), "store": str(root / "store")}
        (root / "profile.json").write_text(json.dumps({"keeping": keeping}))
        words = [sys.executable, "-m", "longtake.cli", "board", str(root / "renders")]
        words += ["--profile", str(root / "profile.json"), "--port", "0"]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=root) as board:
            try:
                measure(board, root / "renders/film-0", asked.seconds)
            finally:
                board.terminate()
    return 0


def measure(board: subprocess.Popen[str], film: Path, seconds: float) -> None:
    """Ask the board, watch it, and say what it took."""
    assert board.stderr is not None
    found = re.search(r"http://\S+", board.stderr.readline())
    assert found
    url = found[0]
    with httpx.Client(base_url=url, trust_env=False, timeout=120) as client:
        client.get("/login")  # the server has started
        took, cpu = [], []
        for _ in range(11):
            began, before = time.perf_counter(), cpu_seconds(board.pid)
            assert client.get("/").status_code == 200
            took.append(time.perf_counter() - began)
            cpu.append(cpu_seconds(board.pid) - before)
        print(f"index, first: {1000 * took[0]:.0f} ms ({1000 * cpu[0]:.0f} ms of processor)")
        middle = (statistics.median(took[1:]), statistics.median(cpu[1:]))
        print(f"index, again: {1000 * middle[0]:.0f} ms ({1000 * middle[1]:.0f} ms of processor)")
    idle = _share(board.pid, seconds / 3)
    stop, heard = threading.Event(), [0]
    pages = [threading.Thread(target=watch, args=(url + "live", stop, heard)) for _ in range(3)]
    for page in pages:
        page.start()
    run = RunRecord.model_validate_json((film / "run.json").read_bytes())
    run.state, run.ended_at = "running", None
    with at_work(film):
        _share(board.pid, 3, lambda n: _change(run, film, n))  # the pages have come
        heard[0] = 0
        busy = _share(board.pid, seconds, lambda n: _change(run, film, n))
        stop.set()
        _change(run, film, 0)
        board.terminate()
        for page in pages:
            page.join()
    print(f"nobody watches: {100 * idle:.2f} % of a processor")
    print(f"three pages watch a render that changes: {100 * busy:.2f} %, {heard[0]} updates heard")


def _change(run: RunRecord, film: Path, number: int) -> None:
    first = next(iter(run.clips))
    run.note(first, polls=number)
    run.write(film / "run.json")


def _share(pid: int, seconds: float, change: object = None) -> float:
    began, before, number = time.monotonic(), cpu_seconds(pid), 0
    while time.monotonic() - began < seconds:
        time.sleep(0.5)
        number += 1
        if callable(change):
            change(number)
    return (cpu_seconds(pid) - before) / (time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
