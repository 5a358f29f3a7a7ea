"""A producer's week: seven nights of three storyboards, with all that befalls them.

Each night storyboards are edited, a person approves what one of them made only after its run has
no process any more, and a worker is killed amid the clips and stays dead until the morning. In one
night the account is empty. After each night the server's database is made a day older, so that what
it keeps has the age that it would have after a real week.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.deployments.acceptance import Film, sql
from tests.deployments.conftest import stack_or_skip
from tests.deployments.stack import Stack
from tests.deployments.test_acceptance_people import credits, pay_in

pytestmark = pytest.mark.slow

NIGHTS = 7
POOR_NIGHT = 4
VICTIMS = ("scenes-1", "storyboards-2", "scenes-2", "storyboards-1")
IN_FLIGHT = frozenset({"QUEUED", "PROCESSING"})
KEPT_DAYS = 2
FORGETFUL = {
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{KEPT_DAYS}D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEPT_DAYS * 86400),
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "20",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS": "20",
}


@pytest.fixture(scope="module")
def forgetful() -> Iterator[Stack]:
    """A stack whose server keeps two days, and looks often for what is older."""
    with stack_or_skip(FORGETFUL, pace="12") as running:
        yield running


@dataclass
class Storyboard:
    """A storyboard of the week; ``edition`` counts the edits of its first prompt."""

    film: Film
    edited_every: int
    approve: str | None = None
    edition: int = 0
    made: list[str] = field(default_factory=list)
    """Every prompt that was ever in it, and so is to be paid for once."""

    def tonight(self, night: int) -> dict[str, Any]:
        """What its night is asked for; every so often somebody has edited it during the day."""
        parameters = self.film.parameters
        self.edition += night % self.edited_every == 0
        path = Path(parameters["storyboard"])
        old, new = "at sea, 0.0", f"at sea, 0.0, edition {self.edition}"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        shots = [
            each for scene in json.loads(path.read_text())["scenes"] for each in scene["shots"]
        ]
        self.made = list(dict.fromkeys([*self.made, *(shot["prompt"] for shot in shots)]))
        return parameters | {"approve": self.approve, "out_of_credits": "pause"}


A_DAY_PASSES = """
UPDATE flow_run SET end_time = end_time - interval '1 day' WHERE end_time IS NOT NULL;
UPDATE events SET occurred = occurred - interval '1 day', received = received - interval '1 day';
UPDATE event_resources SET occurred = occurred - interval '1 day';
"""
"""What has ended is a day older; what waits for a person goes on waiting."""

TOO_OLD = """
SELECT (SELECT count(*) FROM flow_run WHERE end_time < now() - interval '2 days')
     + (SELECT count(*) FROM events WHERE occurred < now() - interval '2 days')
     + (SELECT count(*) FROM artifact WHERE flow_run_id NOT IN (SELECT id FROM flow_run))
     + (SELECT count(*) FROM log WHERE flow_run_id NOT IN (SELECT id FROM flow_run))
"""

SIZES = """
SELECT json_build_object(
    'flow_run', (SELECT count(*) FROM flow_run), 'task_run', (SELECT count(*) FROM task_run),
    'events', (SELECT count(*) FROM events), 'log', (SELECT count(*) FROM log),
    'event_resources', (SELECT count(*) FROM event_resources),
    'artifact', (SELECT count(*) FROM artifact))
"""


def sizes(stack: Stack) -> dict[str, int]:
    """The rows of what grows by every run, once nothing in there is older than may be kept."""
    stack.eventually(lambda: sql(stack, TOO_OLD) == "0")
    found: dict[str, int] = json.loads(sql(stack, SIZES))
    return found


def a_night(stack: Stack, night: int, storyboards: list[Storyboard]) -> dict[str, str]:
    """All of them rendered, while a worker dies; how each of their runs ended."""
    asked = [(each, each.tonight(night)) for each in storyboards]
    rest = round(credits(stack) - 0.05, 6) if night == POOR_NIGHT else 0.0
    if rest:
        pay_in(stack, -rest)
    runs = {
        stack.run_deployment("render-storyboard/nightly", **parameters): storyboard
        for storyboard, parameters in asked
    }
    waiting: set[str] = set(runs)
    victim = next(itertools.islice(itertools.cycle(VICTIMS), night, None))
    if not rest:
        stack.eventually(lambda: any(job["state"] in IN_FLIGHT for job in stack.accepted()))
    stack.kill(victim)
    while waiting:
        run_id, run = stack.eventually(lambda: _needs_somebody(stack, waiting))
        if run["state_type"] == "PAUSED":
            if rest and "credits" in run["state"]["message"]:
                pay_in(stack, rest)  # for all that wait for it
                rest = 0.0
            given = {"decision": "approve"} if "approved" in run["state"]["message"] else {}
            said = stack.api("POST", f"/flow_runs/{run_id}/resume", run_input=given)
            assert said["status"] == "ACCEPT", said
        else:
            assert run["state_type"] == "COMPLETED", run["state"]
            waiting.discard(run_id)
    stack.restart(victim)
    ended = {run_id: stack.api("GET", f"/flow_runs/{run_id}") for run_id in runs}
    print(
        night,
        {runs[i].film.title: (r["state_name"], r["total_run_time"]) for i, r in ended.items()},
    )
    return {runs[run_id].film.title: run["state_name"] for run_id, run in ended.items()}


def _needs_somebody(stack: Stack, waiting: set[str]) -> tuple[str, dict[str, Any]] | None:
    """A run that has ended, or that waits without a process."""
    for run_id in sorted(waiting):
        run = stack.api("GET", f"/flow_runs/{run_id}")
        if run["state_type"] in {"COMPLETED", "FAILED", "CANCELLED"}:
            return run_id, run
        if run["state_name"] == "Suspended":
            return run_id, run
    return None


def test_a_week_of_nights_makes_every_film_and_pays_for_nothing_twice(forgetful: Stack) -> None:
    stack = forgetful
    storyboards = [
        Storyboard(Film(stack, "Edited every day", (1, 1)), edited_every=1),
        Storyboard(Film(stack, "Edited now and then", (1, 1)), edited_every=3),
        Storyboard(Film(stack, "Looked at", (1, 1)), edited_every=2, approve="each-scene"),
    ]
    grown = []
    for night in range(NIGHTS):
        edited = {s.film.title for s in storyboards if night % s.edited_every == 0}
        ended = a_night(stack, night, storyboards)
        assert {title for title, state in ended.items() if state == "Completed"} == edited
        for each in storyboards:
            assert each.film.payments() == Counter(each.made)
            record = json.loads((Path(each.film.out) / "run.json").read_text())
            assert record["film"]["frame_count"] > 10 * each.film.clip_count
        sql(stack, A_DAY_PASSES)
        grown.append(sizes(stack))
        print(night, grown[-1])
    # Two days are kept: the last nights find no more there than the third one did.
    for name in grown[0]:
        early, late = max(each[name] for each in grown[1:4]), max(each[name] for each in grown[5:])
        assert late < 1.5 * early, (name, grown)
