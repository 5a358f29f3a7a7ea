"""A film that is done, a form, a failure: each is told to the one address that was given."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deployments.stack import ROOT, Stack
from tests.deployments.test_acceptance_people import credits_for_one_clip

pytestmark = pytest.mark.slow


@contextmanager
def sink() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An address on loopback that takes notices, and those that came."""
    came: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Nothing is said of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/", came
    finally:
        server.shutdown()


def test_notices_name_the_film_the_reason_the_way_on_and_the_link(stack: Stack) -> None:
    with sink() as (address, came):
        subprocess.run(
            [sys.executable, "deployments/setup.py", "--notices", address],
            cwd=ROOT, env=stack.env, stdin=subprocess.DEVNULL, check=True, timeout=900,
        )  # fmt: skip
        good = "title: Told of\nscenes:\n  - name: One\n    shots: [a boat]\n"
        out = str(stack.folder / "told")
        asked = {"storyboard": good, "out": out, "approve": "each-scene"}
        run_id = stack.run_deployment("render-storyboard/longtake-process", **asked)
        waiting = stack.eventually(lambda: of(came, "waits for you"))
        assert "is to be approved" in waiting["message"]
        assert "Resume" in waiting["message"]
        stack.api("POST", f"/flow_runs/{run_id}/resume", run_input={"decision": "approve"})
        done = stack.eventually(lambda: of(came, "the film is done"))
        assert done["title"].startswith("Told of")
        assert "1 of 1 clips there" in done["message"]
        stack.run_deployment("render-storyboard/longtake-process", storyboard="no/such.yaml")
        failed = stack.eventually(lambda: of(came, "failed"))
        assert "no/such.yaml" in failed["message"]
        assert "run it again" in failed["message"]
        poor = good.replace("Told of", "Too dear")
        asked = {"storyboard": poor, "out": f"{out}-too", "budget_usd": 0.01}
        stack.run_deployment("render-storyboard/longtake-process", **asked)
        budget = stack.eventually(lambda: of(came, "a budget is reached"))
        assert budget["title"].startswith("Too dear")
        assert "Raise the budget" in budget["message"]
        assert "0.01 USD is reached" in budget["message"]
        with credits_for_one_clip(stack):
            two = good.replace("Told of", "Too poor").replace("[a boat]", "[a boat, a bay]")
            asked = {"storyboard": two, "out": f"{out}-poor"}
            stack.run_deployment("render-storyboard/longtake-process", **asked)
            credits = stack.eventually(lambda: of(came, "the account is out of credits"))
        assert credits["title"].startswith("Too poor")
        assert "Top up the account" in credits["message"]
    for each in (waiting, done, failed, budget, credits):
        assert "/runs/flow-run/" in each["message"], each


def of(came: list[dict[str, str]], ending: str) -> dict[str, str] | None:
    """The notice whose title ends so."""
    return next((each for each in came if each["title"].endswith(ending)), None)
