"""A film of six chains on the whole stack: on request and by schedule, over two scene workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.deployments.acceptance import Film, film_page, stopwatch, worker_of
from tests.deployments.stack import Stack

pytestmark = pytest.mark.slow

SIX_CHAINS = (2, 1, 1, 1, 1, 1)
BOTH = {"scenes-1", "scenes-2"}


def scene_workers(film: Film, run_id: str) -> set[str]:
    """Every worker that made clips of a render."""
    return {name for run in film.scene_runs(run_id) for name in worker_of(film.stack, run["id"])}


@contextmanager
def due_once(stack: Stack, parameters: dict[str, Any]) -> Iterator[str]:
    """The nightly deployment with one more schedule, which is due in some seconds; its id."""
    deployment = stack.api("GET", "/deployments/name/render-storyboard/nightly")["id"]
    soon = datetime.now(UTC) + timedelta(seconds=10)
    rule = {"interval": 86400, "anchor_date": soon.isoformat(), "timezone": "UTC"}
    schedule = {"schedule": rule, "active": True, "parameters": parameters, "slug": "tonight"}
    address = f"{stack.api_url}/deployments/{deployment}/schedules"
    made = httpx.post(address, json=[schedule], timeout=60).raise_for_status().json()
    try:  # the server makes the runs of its schedules once a minute, or when it is told to
        stack.api("POST", f"/deployments/{deployment}/schedule", min_runs=1, max_runs=1)
        yield deployment
    finally:
        httpx.delete(f"{address}/{made[0]['id']}", timeout=60).raise_for_status()


def test_six_chains_go_over_both_workers_and_the_second_render_pays_nothing(
    unhurried: Stack,
) -> None:
    film = Film(unhurried, "Six on request", SIX_CHAINS)
    with stopwatch("six chains on request"):
        run = unhurried.ended(film.begin())
    film.is_whole(run)
    assert all("six-on-request" in each["tags"] for each in (run, *film.scene_runs(run["id"])))
    assert scene_workers(film, run["id"]) == BOTH
    shows_the_film(film, film_page(unhurried, run["id"]))

    with stopwatch("the same once more"):
        again = unhurried.ended(film.begin())
    film.is_whole(again)
    assert again["state_name"] == "Reused"
    assert "7 reused (0.69 USD when they were made)" in again["state"]["message"]
    assert "0.00 USD spent" in again["state"]["message"]


def test_a_schedule_that_is_due_renders_over_both_workers_with_its_own_parameters(
    unhurried: Stack,
) -> None:
    film = Film(unhurried, "Six by night", SIX_CHAINS)
    with stopwatch("six chains by schedule"), due_once(unhurried, film.parameters) as deployment:

        def scheduled() -> Any:
            chosen = {"deployment_id": {"any_": [deployment]}}
            runs = unhurried.api("POST", "/flow_runs/filter", flow_runs=chosen)
            named = [each for each in runs if each["parameters"].get("out") == film.out]
            return [each for each in named if each["state_type"] != "SCHEDULED"]

        (begun,) = unhurried.eventually(scheduled)
        assert begun["auto_scheduled"]
        run = unhurried.ended(begun["id"])
    film.is_whole(run)
    assert scene_workers(film, run["id"]) == BOTH
    shows_the_film(film, film_page(unhurried, run["id"]))


def shows_the_film(film: Film, page: str) -> None:
    """Assert that the film's page tells what was made, and of nothing else."""
    assert page.startswith(f"# {film.title}\n")
    assert "**completed** · 7 of 7 clips there, 0.69 USD spent" in page
    assert "■■■■■■■■■■ 100 %" in page
    assert f"{film.out}/film.mp4" in page
    assert f"{film.out}/review.html" in page
    assert page.count("data:image/jpeg;base64,/9j/") == film.clip_count
    head, _, *lines = page.partition("## Clips\n\n")[2].partition("\n\n")[0].splitlines()
    names, *rows = ([cell.strip() for cell in row.split(" | ")] for row in (head, *lines))
    told = [dict(zip(names, row, strict=True)) for row in rows]
    by_request = {job["body"]["seed"]: job for job in film.jobs()}
    assert [row["| clip"] for row in told] == [f"| {each}" for each in film.clip_ids]
    assert {row["state"] for row in told} == {"stored"}
    assert {int(row["seed"]) for row in told} == set(by_request)
    assert sorted(row["USD"] for row in told) == ["0.09"] + ["0.10"] * 6
    assert all("s3://longtake/store/clips/" in row["file |"] for row in told)
