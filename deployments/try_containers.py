"""Renders on the stack of compose.yaml, with failures: a film, a time, and what was paid.

Run by ``try-containers.sh``, which starts the stack: ``python3 try_containers.py API_URL``. Only
the standard library, as it runs outside of the containers. Exit code 1 for anything but a whole
film whose every clip was paid for once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any

PROJECT = "longtake-try"
NETWORK = "longtake"
PATIENCE_SECONDS = 1200
FINAL = {"COMPLETED", "FAILED", "CANCELLED"}
"""A crash is not the end: the run is begun again."""


def docker(*words: str) -> str:
    """What a docker command prints; raises CalledProcessError with what it said."""
    command = ["docker", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def containers(service: str) -> list[str]:
    """The running containers of a service of the compose file."""
    label = f"label=com.docker.compose.service={service}"
    project = f"label=com.docker.compose.project={PROJECT}"
    return docker("ps", "--quiet", "--filter", project, "--filter", label).split()


def at_work(service: str) -> str:
    """The container of a service in which most runs go on."""
    return max(containers(service), key=lambda each: docker("top", each).count("prefect.engine"))


class Server:
    """The Prefect server of the stack, and its emulator."""

    def __init__(self, api_url: str) -> None:
        self._url = api_url

    def api(self, path: str, *, data: Any = None, method: str | None = None, **body: Any) -> Any:
        """One request; a POST where there is a body, or ``data`` in its place."""
        sent = json.dumps(data or body).encode() if data or body else None
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(  # noqa: S310  the stack's own address
            self._url + path, sent, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the stack's own address
            said = answer.read()
        return json.loads(said) if said else None

    def begin(self, title: str, scenes: int, shots: int) -> str:
        """A run of a storyboard of its own; its id."""
        run = self.api(
            f"/deployments/{self.deployment('longtake-process')}/create_flow_run",
            parameters=_parameters(title, scenes, shots),
            state={"type": "SCHEDULED"},
        )
        return str(run["id"])

    def deployment(self, name: str) -> str:
        """The id of a deployment of storyboards."""
        return str(self.api(f"/deployments/name/render-storyboard/{name}")["id"])

    def scheduled(self, title: str, scenes: int, shots: int) -> str:
        """The first run that a schedule of every minute makes; the schedule is off again then."""
        nightly = self.deployment("nightly")
        every_minute = {"cron": "* * * * *", "timezone": "Europe/Berlin"}
        parameters = _parameters(title, scenes, shots)
        self.api(
            f"/deployments/{nightly}/schedules",
            data=[{"schedule": every_minute, "active": True, "parameters": parameters}],
        )

        def begun() -> str | None:
            runs = self.api("/flow_runs/filter", deployments={"id": {"any_": [nightly]}})
            at = [run for run in runs if run["auto_scheduled"] and run["state_type"] != "SCHEDULED"]
            return str(at[0]["id"]) if at else None

        run_id = str(until(begun, f"{title}: a run of the schedule"))
        self.api(f"/deployments/{nightly}/pause_deployment", method="POST")
        return run_id

    def state(self, run_id: str) -> str:
        """The type of the run's state; empty while the server does not answer."""
        try:
            return str(self.api(f"/flow_runs/{run_id}")["state_type"])
        except (urllib.error.URLError, OSError, ValueError):
            return ""

    def jobs(self, title: str) -> list[dict[str, Any]]:
        """What the emulator accepted of a storyboard, and was paid for."""
        (emulator,) = containers("emulator")
        ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8931/emulator/requests').read().decode())"
        accepted = json.loads(docker("exec", emulator, "python", "-c", ask))
        return [job for job in accepted if str(job["body"]["prompt"]).startswith(f"{title}: ")]


def _parameters(title: str, scenes: int, shots: int) -> dict[str, Any]:
    """What the form would be given: a storyboard as text, each scene a chain."""
    board = {
        "title": title,
        "scenes": [
            {"name": f"Scene {scene}", "shots": [_shot(title, scene, n) for n in range(shots)]}
            for scene in range(scenes)
        ],
    }
    return {"storyboard": json.dumps(board, indent=1), "out": f"renders/{title}"}


def _shot(title: str, scene: int, number: int) -> dict[str, Any]:
    return {"prompt": f"{title}: a boat at sea, {scene}.{number}", "seconds": 1}


def until(found: Callable[[], Any], what: str) -> Any:
    """What is found, once there is something; SystemExit where that takes too long."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not (result := found()):
        if time.monotonic() > limit:
            raise SystemExit(f"try-containers: {what}: nothing within {PATIENCE_SECONDS} s")
        time.sleep(0.5)
    return result


def render(
    server: Server,
    title: str,
    *,
    scenes: int,
    shots: int,
    blow: Callable[[], None] | None = None,
    by_schedule: bool = False,
) -> None:
    """Render; the failure comes during the clips, and from then on the seconds are counted."""
    begin = server.scheduled if by_schedule else server.begin
    run_id, began = begin(title, scenes, shots), time.monotonic()
    if blow is not None:

        def in_flight() -> bool:
            jobs = [job["state"] for job in server.jobs(title)]
            return sum(state in {"QUEUED", "PROCESSING"} for state in jobs) >= min(2, scenes)

        until(in_flight, f"{title}: clips in flight")
        began = time.monotonic()
        blow()
    state = until(lambda: server.state(run_id) in FINAL and server.state(run_id), title)
    seconds = time.monotonic() - began
    paid = Counter(str(job["body"]["prompt"]) for job in server.jobs(title))
    once = len(paid) == scenes * shots and set(paid.values()) == {1}
    print(
        f"{title}: {state.lower()} after {seconds:.0f} s, {len(paid)} clips, "
        f"each paid for once: {once}",
        flush=True,
    )
    if state != "COMPLETED" or not once:
        raise SystemExit(1)


def kill_a_worker() -> None:
    """SIGKILL to a container of scenes' workers; Docker starts no container that it killed so."""
    victim = at_work("scenes")
    docker("kill", victim)
    time.sleep(5)
    docker("start", victim)


def cut_a_worker_off() -> None:
    """A minute without the network for one of the scenes' workers."""
    victim = at_work("scenes")
    docker("network", "disconnect", NETWORK, victim)
    time.sleep(60)
    docker("network", "connect", NETWORK, victim)


def restart_the_database() -> None:
    """PostgreSQL, with Prefect's database and the ledger, stopped and started."""
    docker("restart", containers("postgres")[0])


def stop_a_worker() -> None:
    """What an operator does: docker stop, and start again."""
    victim = at_work("storyboards")
    docker("stop", "--time", "30", victim)
    docker("start", victim)


def main(api_url: str) -> None:
    """All of it, one after another."""
    server = Server(api_url)

    def ready() -> bool:
        try:
            return server.api("/ready")["message"] == "OK" and bool(
                server.api("/deployments/name/render-storyboard/longtake-process")
            )
        except (urllib.error.URLError, OSError, ValueError):
            return False

    began = time.monotonic()
    until(ready, "the stack")
    until(lambda: len(containers("scenes")) == 2 and len(containers("storyboards")) == 2, "workers")
    print(f"ready after {time.monotonic() - began:.0f} s", flush=True)
    mark = f"{int(time.time()):x}"
    render(server, f"On request {mark}", scenes=6, shots=1)
    render(server, f"Scheduled {mark}", scenes=2, shots=1, by_schedule=True)
    render(server, f"Worker killed {mark}", scenes=2, shots=2, blow=kill_a_worker)
    render(server, f"Worker stopped {mark}", scenes=2, shots=2, blow=stop_a_worker)
    render(server, f"Network cut {mark}", scenes=2, shots=2, blow=cut_a_worker_off)
    render(server, f"Database restarted {mark}", scenes=2, shots=2, blow=restart_the_database)


if __name__ == "__main__":
    main(sys.argv[1])
