"""One whole command against an emulator in a process of its own, and what can be told of it.

Used by ``bench/all.py``: ``longtake render`` and the plain script of ``sdk_script.py`` run in turns
on the same jobs, each from an empty ledger.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from threading import Timer
from typing import Any, NamedTuple

import httpx

from bench.fleet_processes import usage

ROOT = Path(__file__).resolve().parent.parent
MODELS = ("wan-2.2-t2v-fast", "wan-2.2-i2v-fast")
REAL_SECONDS = (93.0, 54.0)
"""What a clip takes at the real service, without the queue, by model."""

MOST_SECONDS = 600
"""What hangs for so long is killed: its run failed."""

EMULATOR = """
import sys, threading
from longtake.emulator import EmulatorConfig, serve_emulator
config = EmulatorConfig(pace=float(sys.argv[1]), concurrency=1000, credits_usd=1e6)
with serve_emulator(config) as running:
    print(running.base_url, flush=True)
    threading.Event().wait()
"""


@dataclass(frozen=True)
class Shape:
    """A film: chains of shots of five seconds, and how many jobs may be in flight."""

    chains: int
    shots: int
    slots: int = 8

    @property
    def clips(self) -> int:
        """How many there are."""
        return self.chains * self.shots

    def __str__(self) -> str:
        return f"{self.chains} x {self.shots}"


@dataclass(frozen=True)
class Run:
    """What one command took; seconds count from its start unless something else is said."""

    seconds: float
    floor: float
    """Pure time of service: the longest chain's, or that of all jobs by the slots."""
    first_accepted: float
    hop: float | None
    """Mean of: ready at the service → the next clip of the chain accepted."""
    hop_told: float | None
    """The same from the first answer that said so: without the waiting for the next look."""
    film: float | None
    """The film is there, after the last clip was ready; the script has no such moment."""
    tail: float
    """The command has ended, after the last clip was ready."""
    cpu: float
    """Processor seconds of the command and of all that it started, a clip."""
    service_cpu: float
    """And those of the emulator, which draws the clips on the same cores."""
    peak_mb: float
    """Of the largest of its processes."""
    looks: float
    """Status requests a clip."""

    @property
    def ratio(self) -> float:
        """The whole by the floor."""
        return self.seconds / self.floor

    def bound(self, clips: int) -> float:
        """The least that ``ratio`` could be if no core of this machine were ever idle."""
        return (self.cpu + self.service_cpu) * clips / (os.cpu_count() or 1) / self.floor


class Service(NamedTuple):
    """The emulator's address and process."""

    url: str
    pid: int


@contextmanager
def emulator(pace: float) -> Iterator[Service]:
    """An emulator, until the block ends."""
    command = [sys.executable, "-c", EMULATOR, str(pace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield Service(process.stdout.readline().strip(), process.pid)
        finally:
            process.kill()


def longtake(shape: Shape, pace: float) -> Run:
    """``longtake render`` with everything that is on by default."""
    with _place(pace) as (folder, service):
        board, profile = folder / "board.json", folder / "profile.json"
        board.write_text(json.dumps(storyboard(shape)))
        profile.write_text(json.dumps(_profile(folder, service.url, pace, shape)))
        command = [sys.executable, "-m", "longtake.cli", "render", str(board)]
        command += ["--profile", str(profile), "--out", str(folder / "out")]
        return measured(command, folder, service, shape, film=folder / "out" / "film.mp4")


def script(shape: Shape, pace: float, *, threads: bool = True) -> Run:
    """The official SDK in a plain script, a thread a chain, and MoviePy."""
    with _place(pace) as (folder, service):
        command = [sys.executable, str(ROOT / "bench" / "sdk_script.py"), service.url, str(folder)]
        command += [str(shape.chains), str(shape.shots), str(int(threads))]
        return measured(command, folder, service, shape)


def measured(
    command: list[str], folder: Path, service: Service, shape: Shape, *, film: Path | None = None
) -> Run:
    """Run the command to its end; RuntimeError with its last words if it fails."""
    environment = {**os.environ, "SEGMIND_API_KEY": "a-key-for-the-bench", "PREFECT_API_URL": ""}
    environment["PREFECT_HOME"] = str(warm_home())
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or each start would compile all of Prefect
    log = folder / "log"
    with log.open("w") as said:
        began, process = time.time(), subprocess.Popen(
            command, stdout=said, stderr=said, env=environment, cwd=ROOT
        )  # fmt: skip
        limit = Timer(MOST_SECONDS, process.kill)
        limit.start()
        _, status, used = os.wait4(process.pid, 0)
        limit.cancel()
        ended, process.returncode = time.time(), os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"exit {process.returncode}: {log.read_text()[-4000:]}")
    jobs = httpx.get(f"{service.url}/emulator/requests", timeout=60, trust_env=False).json()
    summary = httpx.get(f"{service.url}/emulator/summary", timeout=60, trust_env=False).json()
    chains = list(chains_of(jobs))
    last = max(clip.ready for chain in chains for clip in chain)
    hops = [hop for chain in chains for hop in pairwise(chain)]
    services = [sum(clip.ready - clip.accepted for clip in chain) for chain in chains]
    return Run(
        seconds=ended - began,
        floor=max(*services, sum(services) / shape.slots),
        first_accepted=min(chain[0].accepted for chain in chains) - began,
        hop=fmean(later.accepted - clip.ready for clip, later in hops) if hops else None,
        hop_told=fmean(later.accepted - clip.told for clip, later in hops) if hops else None,
        film=film.stat().st_mtime - last if film else None,
        tail=ended - last,
        cpu=(used.ru_utime + used.ru_stime) / shape.clips,
        service_cpu=usage(service.pid).cpu_seconds / shape.clips,
        peak_mb=used.ru_maxrss / 1024,
        looks=(sum(job["polls"] for job in jobs) + summary["history_pages"]) / shape.clips,
    )


@cache
def warm_home() -> Path:
    """A home of Prefect's whose database is set up, as after a first render; gone at the end."""
    home = tempfile.mkdtemp(prefix="bench-prefect-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    environment = {**os.environ, "PREFECT_HOME": home, "PREFECT_API_URL": "", "DO_NOT_TRACK": "1"}
    command, pipe = [sys.executable, "-m", "tasks.own_server"], subprocess.PIPE
    with subprocess.Popen(
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as server:
        for line in server.stdout or ():
            if line.strip() == "ready":
                break
        server.terminate()
    return Path(home)


MOMENTS = ("accepted_at", "settled_at", "told_at")
"""Of a job, as the emulator calls them."""


class Job(NamedTuple):
    """When a clip was accepted, ready, and first told to be so; seconds of the epoch."""

    accepted: float
    ready: float
    told: float


def chains_of(jobs: list[dict[str, Any]]) -> Iterator[list[Job]]:
    """Each chain's jobs, one after another: all of a chain have one prompt."""
    prompts = dict.fromkeys(job["body"]["prompt"] for job in jobs)
    for prompt in prompts:
        mine = [job for job in jobs if job["body"]["prompt"] == prompt]
        yield [Job(*(_instant(job[moment]) for moment in MOMENTS)) for job in mine]


def storyboard(shape: Shape) -> dict[str, Any]:
    """The film, as an author writes it."""
    scenes = [
        {
            "name": f"scene {number}",
            "shots": [{"prompt": prompt_of(number), "seconds": 5}] * shape.shots,
        }
        for number in range(1, shape.chains + 1)
    ]
    return {"title": f"Bench {shape}", "look": {"seed": 5}, "scenes": scenes}


def prompt_of(chain: int) -> str:
    """What the clips of a chain show."""
    return f"a sailing boat, view {chain}"


def _profile(folder: Path, url: str, pace: float, shape: Shape) -> dict[str, Any]:
    usual = {model: each / pace for model, each in zip(MODELS, REAL_SECONDS, strict=True)}
    return {
        **dict.fromkeys(("api_url", "upload_url", "history_url"), url),
        "concurrency": shape.slots,
        "requests_per_minute": int(120 * pace),
        "rates": {"expected_seconds": usual},
        "keeping": {"ledger": str(folder / "ledger.sqlite"), "store": str(folder / "store")},
    }


@contextmanager
def _place(pace: float) -> Iterator[tuple[Path, Service]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, emulator(pace) as service:
        yield Path(folder), service


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
