"""A person cancels, tops the account up, and approves takes by the form in Prefect's UI."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.deployments.acceptance import Film, film_page, stopwatch
from tests.deployments.stack import KEY, Stack

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
HEADERS = {"x-api-key": KEY}


def paused(stack: Stack, run_id: str) -> dict[str, Any]:
    """The run, once it waits for a person."""

    def found() -> dict[str, Any] | None:
        run: dict[str, Any] = stack.api("GET", f"/flow_runs/{run_id}")
        return run if run["state_type"] == "PAUSED" else None

    run: dict[str, Any] = stack.eventually(found)
    return run


def told(stack: Stack, run: dict[str, Any]) -> str:
    """What the form of a paused run tells the person."""
    keyset = run["state"]["state_details"]["run_input_keyset"]
    words = {"prefix": keyset["description"], "limit": 1, "exclude_keys": []}

    def found() -> str:  # it comes a moment after the pause
        inputs = stack.api("POST", f"/flow_runs/{run['id']}/input/filter", **words)
        return str(inputs[0]["value"]) if inputs else ""

    return str(stack.eventually(found))


def credits(stack: Stack) -> float:
    """What the emulated account has, USD."""
    answer = httpx.get(f"{stack.emulator_url}/v1/get-user-credits", headers=HEADERS)
    return float(answer.raise_for_status().json()["credits"])


def pay_in(stack: Stack, usd: float) -> None:
    """Top the emulated account up; a negative sum is paid out."""
    address = f"{stack.emulator_url}/emulator/credits"
    httpx.post(address, params={"usd": usd}, headers=HEADERS).raise_for_status()


@contextmanager
def credits_for_one_clip(stack: Stack) -> Iterator[None]:
    """An account that is nearly empty, and is not any more afterwards."""
    rest = round(credits(stack) - 0.15, 6)
    pay_in(stack, -rest)
    try:
        yield
    finally:
        pay_in(stack, rest)


def test_a_cancelled_run_ends_within_ten_seconds_and_the_next_picks_its_clips_up(
    unhurried: Stack,
) -> None:
    film = Film(unhurried, "Cancelled", (2, 1))
    run_id = film.begin()
    in_flight = film.in_flight(2)
    cancelling = {"type": "CANCELLING", "name": "Cancelling"}
    begun = time.monotonic()
    with stopwatch("cancelled"):
        unhurried.api("POST", f"/flow_runs/{run_id}/set_state", state=cancelling)
        run = unhurried.ended(run_id)
        scenes = [unhurried.ended(each["id"]) for each in film.scene_runs(run_id)]
    assert time.monotonic() - begun < 10
    assert [each["state_type"] for each in (run, *scenes)] == ["CANCELLED"] * 3

    page = film_page(unhurried, run_id)
    assert "**interrupted**" in page
    assert "## Still running at the service" in page
    assert all(f"`{job['request_id']}`" in page for job in in_flight)

    with stopwatch("picked up by the next run"):
        film.is_whole(unhurried.ended(film.begin()))
    assert {job["request_id"] for job in in_flight} <= {job["request_id"] for job in film.jobs()}


def test_an_empty_account_pauses_the_run_until_it_is_topped_up(unhurried: Stack) -> None:
    film = Film(unhurried, "Out of credits", (2,))
    with stopwatch("paused without credits and resumed"), credits_for_one_clip(unhurried):
        run_id = film.begin(out_of_credits="pause")
        said = told(unhurried, paused(unhurried, run_id))
        assert "out of credits" in said
        assert film.clip_ids[1] in said
        assert len(film.jobs()) == 1
        pay_in(unhurried, 5)
        unhurried.api("POST", f"/flow_runs/{run_id}/resume", run_input={})
        run = film.ended(run_id)
        pay_in(unhurried, -5)
    film.is_whole(run)


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here: `apt-get install chromium`")
def test_takes_are_judged_by_the_form_in_prefects_ui(unhurried: Stack) -> None:
    film = Film(unhurried, "To be approved", (2,))
    run_id = film.begin(approve="each-scene")
    paused(unhurried, run_id)
    with form_of(unhurried, run_id) as form:
        shown = form.locator("img").all()
        assert len(shown) == 3 * film.clip_count
        assert all(each.evaluate("image => image.complete && image.naturalWidth") for each in shown)
        assert all(name in form.inner_text() for name in film.clip_ids)
        assert all(job["body"]["prompt"] in form.inner_text() for job in film.jobs())
        chosen(form, "Decision", "retake")
        chosen(form, "Retake", film.clip_ids[1])
        form.get_by_label("Note").fill("The boat has turned round.")
        form.get_by_role("button", name="Resume").click()
        form.wait_for(state="hidden")
    unhurried.eventually(lambda: len(film.jobs()) == 3)

    paused(unhurried, run_id)
    with form_of(unhurried, run_id) as form:
        assert "take 2" in form.inner_text()
        form.get_by_role("button", name="Resume").click()  # "approve" is chosen already
        form.wait_for(state="hidden")
    with stopwatch("from the form's answer to the film's end"):
        run = film.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert sorted(film.payments().values()) == [1, 2]
    record = json.loads((film.folder / "film/run.json").read_text())
    assert [clip["take"] for clip in record["clips"].values()] == [1, 2]


@contextmanager
def form_of(stack: Stack, run_id: str) -> Iterator[Any]:
    """The form on the run's page in a browser, opened as a person would."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1300})
        page.set_default_timeout(60_000)
        page.goto(f"{stack.api_url.removesuffix('/api')}/v2/runs/flow-run/{run_id}")
        page.get_by_role("button", name="Open menu").first.click()
        page.get_by_role("menuitem", name="Resume").click()
        form = page.get_by_role("dialog")
        form.locator("img").first.wait_for()
        yield form
        browser.close()


def chosen(form: Any, label: str, option: str) -> None:
    """Choose from one of the form's lists, which open outside of it."""
    form.get_by_label(label, exact=False).last.click()
    form.page.get_by_role("option", name=option).click()
