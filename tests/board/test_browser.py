"""The board in a real browser: a film from its beginning to its end, with a person in between."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from longtake.board import BoardPlace
from longtake.emulator import EmulatorConfig, RunningEmulator, serve_emulator
from longtake.settings import load_settings
from tests.board.serving import served
from tests.chromium import chromium, needs_chromium

pytestmark = [
    pytest.mark.slow,  # three renders' worth of clips, in processes of their own
    needs_chromium,
]

STORYBOARD = """\
title: Walk <script>alert(1)</script>
look: {seed: 7, continuity: {gate: "off"}}
scenes:
  - name: walk
    shots:
      - {prompt: a path at dusk, seconds: 1}
      - {prompt: the path goes on, seconds: 1}
      - {prompt: the path comes to a lake, seconds: 1}
"""
PATIENCE_MS = 240_000
"""For a process to start and a clip to be made, on a machine that does other things, too."""


@pytest.fixture
def emulator() -> Iterator[RunningEmulator]:
    """A service that counts what is bought of it."""
    with serve_emulator(EmulatorConfig(pace=30)) as running:
        yield running


@pytest.fixture
def place(emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BoardPlace:
    """A folder with a storyboard, and settings that lead to the emulator."""
    urls = dict.fromkeys(("api_url", "upload_url", "history_url"), emulator.base_url)
    keeping = {"ledger": str(tmp_path / "ledger.sqlite"), "store": str(tmp_path / "store")}
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps(urls | {"keeping": keeping, "requests_per_minute": 100_000}))
    (tmp_path / "walk.yaml").write_text(STORYBOARD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
    settings = load_settings(str(profile))
    return BoardPlace(settings, profile=str(profile), roots=(tmp_path / "renders",))


@pytest.fixture
def page(place: BoardPlace) -> Iterator[Any]:
    """A page of the board at 1280 pixels, that must never complain nor ask anybody else."""
    complaints: list[str] = []
    asked: list[str] = []
    with served(place) as url, chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(url)
        yield page
    assert complaints == []
    assert [each for each in asked if not each.startswith((url, "data:"))] == []


def test_a_film_is_begun_watched_approved_retaken_and_there(
    page: Any, emulator: RunningEmulator
) -> None:

    def bought() -> int:
        return len(emulator.emulator.requests)

    begin(page)
    assert "3 of 3 clips are to be made" in page.locator("#begin-price").inner_text()
    page.locator("#begin-yes").click()

    page.wait_for_selector("#question")
    assert bought() == 1
    assert page.locator("#live b").inner_text() == "paused"
    fits(page)
    page.locator("#answer-note").fill("the path should be wider")
    page.locator(".again input").check()
    again = page.locator("#answer-again:enabled")
    again.wait_for()
    shown = again.inner_text()
    about = page.locator("#question").get_attribute("data-about")
    again.click()

    page.wait_for_selector(f'#question:not([data-about="{about}"])')
    assert bought() == 2
    assert f"{price_of_last(emulator):.2f}" in shown
    page.locator("#answer-approve").click()

    page.wait_for_selector('#question :text("walk/2.1")')
    assert bought() == 3
    page.locator("#answer-approve").click()

    page.wait_for_selector('#question :text("walk/3.1")')
    assert bought() == 4
    page.locator("#answer-approve").click()

    page.wait_for_selector("#film-player")
    page.wait_for_selector(".state.completed")
    assert bought() == 4
    assert page.locator(".verdict.rejected").inner_text().endswith("the path should be wider")
    fits(page)

    clips = retake_the_seam(page)
    assert pressed_again(page) == 409
    page.wait_for_selector(".state.running")
    page.wait_for_selector(".state.completed")
    assert bought() == 4 + clips

    before = fingerprints()
    heal_the_second_clip(page)
    page.wait_for_selector(".state.running")
    page.wait_for_selector(".state.completed")
    assert bought() == 4 + clips + 1
    assert [name for name, known in fingerprints().items() if before[name] != known] == ["walk/2.1"]

    page.locator(".back").click()
    page.wait_for_selector(".card")
    assert page.locator(".card h3").inner_text() == "Walk <script>alert(1)</script>"
    assert page.locator("#past-renders tbody tr").count() == 3
    fits(page)


def begin(page: Any) -> None:
    """Choose the storyboard, and see its price."""
    page.locator("#begin-storyboard").fill("walk.yaml")
    page.locator("#begin-approve").select_option("each-shot")
    page.locator("#begin button.main").click()
    page.wait_for_selector("#begin-asks:not([hidden])")


def retake_the_seam(page: Any) -> int:
    """The seam that is shown, at the price that is asked once; how many clips it names."""
    page.locator('.seam:visible [data-action="retake"]').wait_for()
    page.keyboard.press("x")
    page.wait_for_selector("#ask[open] #ask-yes:enabled")
    named = re.search(r"for (\d) clips?: walk/", page.locator("#ask-price").inner_text())
    assert named
    with page.expect_navigation():
        page.locator("#ask-yes").click()
    return int(named[1])


def pressed_again(page: Any) -> int:
    """What the board answers to a second press, while the render of the first still starts."""
    stamp = page.locator("meta[name=longtake-board]").get_attribute("content")
    return httpx.post(
        urljoin(page.url, "do"),
        headers={"x-longtake-board": stamp},
        json={"do": "render", "usd_at_most": 9},
        trust_env=False,
    ).status_code


def heal_the_second_clip(page: Any) -> None:
    """Between its neighbours, at the price of one clip."""
    page.locator('[data-action="heal"]').first.dispatch_event("click")
    page.wait_for_selector("#ask[open] #ask-yes:enabled")
    assert "for 1 clip: walk/2.1" in page.locator("#ask-price").inner_text()
    page.locator("#ask-yes").click()


def fingerprints() -> dict[str, str]:
    """By the film's clips, what each was asked for."""
    (record,) = Path("renders").glob("*/run.json")
    clips = json.loads(record.read_text())["clips"]
    return {name: clip["fingerprint"] for name, clip in clips.items()}


def price_of_last(emulator: RunningEmulator) -> float:
    """What the emulator took for the last clip."""
    return emulator.emulator.requests[-1].price_usd


def fits(page: Any) -> None:
    """Nothing is wider than a phone, or than the window."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} pixels wide at {width}"
        if folder := os.environ.get("BOARD_PICTURES"):
            number = len(list(Path(folder).iterdir()))
            page.screenshot(path=f"{folder}/{number:02}-{width}.png", full_page=True)
