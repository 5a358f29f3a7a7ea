"""The real stack of deployments/stack.sh for tests: a server, its database, S3, workers, emulator.

A test asks for the fixture ``stack`` (one for the session) and talks to it by ``stack.api``,
``stack.run_deployment`` and ``stack.ended``; ``kill``, ``restart``, ``freeze`` and ``thaw`` take
the names that ``stack.status()`` has. A test that kills a part restarts it before the test ends.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deployments/stack.sh"
KEY = "SG_stackkey0123456789"
"""What the stack's renders pay with; it must be found nowhere but in their environment."""

PATIENCE_SECONDS = 1800
"""How long anything may take: minutes on a machine that other work shares."""


class StackMissing(Exception):
    """The machine lacks something that the stack is made of."""


@dataclass(frozen=True)
class Stack:
    """A running stack; ``environ`` is what it was started with."""

    folder: Path
    environ: Mapping[str, str]

    def script(self, *words: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Run stack.sh; raises CalledProcessError, with what was said in the message's place."""
        # Parts inherit our pipes, so what is said goes to a file.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [str(SCRIPT), "--dir", str(self.folder), *words],
                env=dict(self.environ), stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                timeout=seconds,
            )  # fmt: skip
            said.seek(0)
            text = said.read()
        if done.returncode:
            raise RuntimeError(f"stack.sh {' '.join(words)} ended with {done.returncode}: {text}")
        return text

    @cached_property
    def env(self) -> dict[str, str]:
        """What ``stack.sh env`` says to export, on top of the environment it was started with."""
        exports = (shlex.split(line)[1] for line in self.script("env").splitlines())
        return {**self.environ, **dict(line.split("=", 1) for line in exports)}

    @property
    def api_url(self) -> str:
        """PREFECT_API_URL: ends in ``/api``."""
        return self.env["PREFECT_API_URL"]

    @property
    def emulator_url(self) -> str:
        """Where the emulator is; ``/emulator/requests`` lists what it accepted."""
        return self.env["LONGTAKE_API_URL"]

    def status(self) -> dict[str, int | None]:
        """Each part's main process, None where it is down."""
        said = subprocess.run(
            [str(SCRIPT), "--dir", str(self.folder), "status"],
            env=dict(self.environ), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        lines = (line.split() for line in said.stdout.splitlines())
        return {name: None if word == "down" else int(word) for name, word, *_ in lines}

    def kill(self, name: str, *, main_only: bool = False) -> None:
        """SIGKILL to a part and all it started, or to its main process alone."""
        self.script("kill", name, *(["main"] if main_only else []))

    def restart(self, name: str) -> None:
        """Stop a part if it runs, start it at the same address, wait until it is well."""
        self.script("restart", name)

    def freeze(self, name: str) -> None:
        """Let a part hang as if the network were gone."""
        self.script("freeze", name)

    def thaw(self, name: str) -> None:
        """Let a frozen part go on."""
        self.script("thaw", name)

    def api(self, method: str, path: str, **json: Any) -> Any:
        """One request to Prefect's API and its answer; raises for an HTTP error.

        A server that is too busy says 503, as SQLite's does on a loaded machine: as Prefect's own
        clients do, and a person at a form, it is then asked again.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = httpx.request(method, f"{self.api_url}{path}", json=json or None, timeout=300)
            if answer.status_code != 503 or time.monotonic() > until:
                answer.raise_for_status()
                return answer.json() if answer.content else None
            time.sleep(0.5)

    def run_deployment(self, name: str, **parameters: Any) -> str:
        """Start a run of ``FLOW/DEPLOYMENT``; its id."""
        deployment = self.api("GET", f"/deployments/name/{name}")["id"]
        run = self.api(
            "POST",
            f"/deployments/{deployment}/create_flow_run",
            parameters=parameters,
            state={"type": "SCHEDULED"},
        )
        return str(run["id"])

    def ended(self, run_id: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The run once it has ended; AssertionError, with where it was, if that takes too long."""
        until = time.monotonic() + seconds
        while True:
            run: dict[str, Any] = self.api("GET", f"/flow_runs/{run_id}")
            if run["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
                return run
            assert time.monotonic() < until, f"still {run['state_name']} after {seconds:g} s"
            time.sleep(0.5)

    def eventually(self, found: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """What is found, once it is something; AssertionError if that takes too long."""
        until = time.monotonic() + seconds
        while not (result := found()):
            assert time.monotonic() < until, f"nothing within {seconds:g} s"
            time.sleep(0.5)
        return result

    def accepted(self) -> list[dict[str, Any]]:
        """Every job that the emulator accepted, and was paid for, in their order."""
        requests: list[dict[str, Any]] = httpx.get(f"{self.emulator_url}/emulator/requests").json()
        return requests

    def processes(self) -> set[int]:
        """Every process that belongs to the stack, whichever its parent is."""
        mark = f"STACK_MARK={self.folder}".encode()
        found = {
            int(at.parent.name) for at in Path("/proc").glob("[0-9]*/environ") if _has(at, mark)
        }
        postmaster = self.folder / "postgres/postmaster.pid"
        return found | ({int(postmaster.read_text().split()[0])} if postmaster.exists() else set())


@contextmanager
def running_stack(environ: Mapping[str, str] | None = None, **settings: str) -> Iterator[Stack]:
    """A stack of its own, ``down`` at the end; STACK_… settings by name: ``machines="1"``.

    ``environ`` is what its parts have on top of our environment.
    """
    for needed in ("curl", "setsid"):
        if not shutil.which(needed):
            raise StackMissing(f"{needed} is not installed")
    if not (shutil.which("postgres") or any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))):
        raise StackMissing("PostgreSQL is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="longtake-stack-"))
    folder.chmod(0o755)  # root's PostgreSQL is nobody, who must get through
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LONGTAKE_"))}
    named = {f"STACK_{name.upper()}": value for name, value in settings.items()}
    python = {"STACK_PYTHON": sys.executable, "SEGMIND_API_KEY": KEY, "STACK_DIR": str(folder)}
    stack = Stack(folder, ours | python | named | dict(environ or {}))
    try:
        stack.script("up")
        yield stack
    finally:
        stack.script("down")
        shutil.rmtree(folder, ignore_errors=True)


def _has(environ: Path, mark: bytes) -> bool:
    try:
        return mark in environ.read_bytes().split(b"\0")
    except OSError:
        return False
