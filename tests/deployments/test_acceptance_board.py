"""A run that waits without a process is answered on longtake's board, and begins again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deployments.acceptance import Film
from tests.deployments.stack import ROOT, Stack
from tests.deployments.test_acceptance_waiting import suspended

pytestmark = pytest.mark.slow


@contextmanager
def board_over(stack: Stack, folder: Path) -> Iterator[httpx.Client]:
    """``longtake board`` as a person starts it, and a browser's client for it."""
    log = folder / "board.log"
    words = ["board", str(folder), "--port", "0", "--profile", "stack"]
    with log.open("w") as said:
        serving = subprocess.Popen(
            [sys.executable, "-m", "longtake.cli", *words], cwd=ROOT, env=stack.env,
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        address = stack.eventually(lambda: re.search(r"http://\S+", log.read_text()))
        with httpx.Client(base_url=address[0], trust_env=False, timeout=60) as client:
            yield client
    finally:
        serving.terminate()
        serving.wait(60)


def answered(board: httpx.Client, film: Film, do: str) -> str:
    """Answer, as the film's page does, what the film asks; what the board says to it."""
    record = json.loads((Path(film.out) / "run.json").read_text())
    question = record["question"]
    (path,) = set(re.findall(r"/films/[\w.-]+/", board.get("/").text))
    page = board.get(path).raise_for_status().text
    assert f'data-about="{question["about"]}"' in page
    stamp = re.search(r'name="longtake-board" content="([^"]+)"', page)
    assert stamp is not None
    takes = [shown(record, each) for each in question["takes"]]
    deed = {"do": do, "about": question["about"], "takes": takes, "note": "seen on the board"}
    headers = {"x-longtake-board": stamp[1]}
    if do == "reject":
        price = board.post(f"{path}price", json=deed, headers=headers).json()
        deed["usd_at_most"] = price["usd_at_most"]
    said = board.post(f"{path}do", json=deed, headers=headers)
    assert said.status_code == 200, said.text
    return said.text


def shown(record: dict[str, Any], take: dict[str, Any]) -> dict[str, Any]:
    """A take as the page shows it."""
    return take | {"number": record["clips"][take["clip"]]["take"]}


def test_a_run_without_a_process_is_answered_on_the_board(unhurried: Stack) -> None:
    film = Film(unhurried, "Answered on the board", (1,))
    run_id = film.begin(approve="each-scene")
    suspended(unhurried, run_id)
    with board_over(unhurried, film.folder) as board:
        assert "the run begins again" in answered(board, film, "reject")
        unhurried.eventually(lambda: len(film.jobs()) == 2)  # another seed
        suspended(unhurried, run_id)
        assert "the run begins again" in answered(board, film, "approve")
        run = film.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert len(film.jobs()) == 2
