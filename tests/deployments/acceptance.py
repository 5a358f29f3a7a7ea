"""One film on the unhurried stack: its storyboard, its runs, their workers, and what was paid."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.deployments.stack import Stack

ON_REQUEST = "render-storyboard/longtake-process"


@dataclass(frozen=True)
class Film:
    """A film of its own: ``shots`` has the number of clips in each scene, each scene a chain."""

    stack: Stack
    title: str
    shots: Sequence[int]

    @property
    def clip_count(self) -> int:
        """How many clips it has, and so how many payments it takes."""
        return sum(self.shots)

    @property
    def folder(self) -> Path:
        """Where it is rendered: within the stack's folder, which is searched for the key."""
        return self.stack.folder / "films" / self.title.replace(" ", "-").lower()

    @property
    def out(self) -> str:
        """The folder of the film itself."""
        return str(self.folder / "film")

    @property
    def clip_ids(self) -> list[str]:
        """What its clips are called, in the film's order."""
        return [
            f"scene-{scene}/{shot + 1}.1"
            for scene, count in enumerate(self.shots)
            for shot in range(count)
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the form would be given; writes the storyboard."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "storyboard.yaml"
        scenes = [
            {"name": f"Scene {scene}", "shots": [self._shot(scene, shot) for shot in range(count)]}
            for scene, count in enumerate(self.shots)
        ]
        path.write_text(json.dumps({"title": self.title, "scenes": scenes}), "utf-8")
        return {"storyboard": str(path), "out": self.out}

    def _shot(self, scene: int, shot: int) -> dict[str, Any]:
        return {"prompt": f"{self.title}: a boat at sea, {scene}.{shot}", "seconds": 1}

    def begin(self, **parameters: Any) -> str:
        """A run on request; its id."""
        return self.stack.run_deployment(ON_REQUEST, **self.parameters, **parameters)

    def payments(self) -> Counter[str]:
        """How often each of its clips was accepted, by prompt."""
        prompts = [str(job["body"]["prompt"]) for job in self.jobs()]
        return Counter(prompts)

    def jobs(self) -> list[dict[str, Any]]:
        """Its jobs at the emulator."""
        mark = f"{self.title}: "
        return [job for job in self.stack.accepted() if str(job["body"]["prompt"]).startswith(mark)]

    def in_flight(self, count: int = 1) -> list[dict[str, Any]]:
        """Its jobs that the emulator works on, once there are ``count`` of them."""

        def found() -> list[dict[str, Any]] | None:
            jobs = [job for job in self.jobs() if job["state"] in {"QUEUED", "PROCESSING"}]
            return jobs if len(jobs) >= count else None

        jobs: list[dict[str, Any]] = self.stack.eventually(found)
        return jobs

    def scene_runs(self, run_id: str) -> list[dict[str, Any]]:
        """The runs of its chains that belong to a render."""
        pool = {"work_pools": {"name": {"any_": ["longtake-scenes"]}}}
        runs = self.stack.api("POST", "/flow_runs/filter", **pool)
        return [each for each in runs if each["parameters"].get("parent_run") == run_id]

    def ended(self, run_id: str) -> dict[str, Any]:
        """A run of it once it has ended for good: a crash is not the end."""

        def end() -> dict[str, Any] | None:
            with suppress(httpx.HTTPError):  # the server may be what was killed
                run = self.stack.ended(run_id)
                return None if run["state_type"] == "CRASHED" else run
            return None

        run: dict[str, Any] = self.stack.eventually(end)
        return run

    def is_whole(self, run: dict[str, Any]) -> None:
        """Assert that the run completed with its film, each clip having been paid for once."""
        assert run["state_type"] == "COMPLETED", run["state"]
        assert len(self.payments()) == self.clip_count
        assert set(self.payments().values()) == {1}
        record = json.loads((self.folder / "film/run.json").read_text())
        assert record["film"]["frame_count"] > 10 * self.clip_count
        assert (self.folder / "film" / record["film"]["file"]).stat().st_size > 10_000


def worker_of(stack: Stack, run_id: str) -> set[str]:
    """The workers that took a run on, by what the server was told of it."""
    events = stack.api(
        "POST",
        "/events/filter",
        filter={
            "event": {"name": ["prefect.worker.submitted-flow-run"]},
            "any_resource": {"id": [f"prefect.flow-run.{run_id}"]},
        },
        limit=50,
    )["events"]
    return {event["resource"]["prefect.resource.name"] for event in events}


def film_page(stack: Stack, run_id: str) -> str:
    """The film's page: its run's only artifact, but for results that Prefect keeps itself."""
    chosen = {"flow_run_id": {"any_": [run_id]}, "key": {"exists_": True}}
    (page,) = stack.api("POST", "/artifacts/filter", artifacts=chosen, limit=200)
    assert page["key"].endswith("-film")
    return str(page["data"])


def process_of(stack: Stack, part: str, run_id: str) -> int:
    """The process of a run that a part of the stack has started; 0 where there is none."""
    marks = {
        f"STACK_MARK={stack.folder}".encode(),
        f"STACK_PART={part}".encode(),
        f"PREFECT__FLOW_RUN_ID={run_id}".encode(),
    }
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marks <= set(environ.read_bytes().split(b"\0")):
                return int(environ.parent.name)
        except OSError:
            continue
    return 0


def psql(stack: Stack, *words: str) -> list[str]:
    """The command that talks to Prefect's own database, where that is PostgreSQL."""
    address = stack.env["LONGTAKE_KEEPING__LEDGER"].rpartition("/")[0]
    (program, *_) = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), reverse=True)
    return [str(program), "-XqAt", f"{address}/prefect", *words]


def sql(stack: Stack, statement: str) -> str:
    """What Prefect's own database answers."""
    words = psql(stack, "-c", statement)
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout.strip()


@contextmanager
def stopwatch(what: str) -> Iterator[None]:
    """Tell how long it took, and how busy the machine was: `pytest -s` or `-rP` shows it."""
    begun = time.monotonic()
    yield
    load = os.getloadavg()[0]
    print(f"{what}: {time.monotonic() - begun:.0f} s at a load of {load:.0f}")
