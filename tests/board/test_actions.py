"""What a person does on a film's page: the same decisions, at the price that was shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longtake.ledger import Verdict
from longtake.record import RunRecord
from longtake.rendering.presence import at_work
from tests.board.film_page import Page
from tests.decided import FIRST, SECOND, DecidedFilm, content


def test_a_choice_is_in_the_ledger_with_its_note_and_its_price_is_said_before(page: Page) -> None:
    action = {"do": "choose", "takes": [page.take(FIRST, 2)]}
    price = page.post("price", action).json()
    assert (price["usd"], price["clips"]) == (0.09, [SECOND])
    assert price["says"] == f"0.09 USD for 1 clip: {SECOND}"
    assert page.post("do", action | {"note": "calmer"}).status_code == 200
    decision = page.decisions()[FIRST, 2]
    assert (decision.verdict, decision.note) == (Verdict.CHOSEN, "calmer")
    assert "calmer" in page.read()


@pytest.mark.thorough
def test_a_choice_can_be_taken_back_and_a_take_locked(page: Page) -> None:
    page.post("do", {"do": "choose", "takes": [page.take(FIRST, 2)]})
    assert page.post("do", {"do": "unlock", "takes": [page.take(FIRST, 2)]}).status_code == 200
    assert page.decisions() == {}
    assert page.post("do", {"do": "lock", "takes": [page.take(SECOND, 1)]}).status_code == 200
    assert page.decisions()[SECOND, 1].verdict is Verdict.CHOSEN


def test_only_the_take_that_was_shown_is_locked(page: Page) -> None:
    other = page.take(SECOND, 1) | {"sha256": content("what was seen")}
    assert page.post("do", {"do": "lock", "takes": [other]}).status_code == 409
    assert page.post("do", {"do": "lock", "takes": [page.take(FIRST, 2)]}).status_code == 409
    assert page.decisions() == {}


@pytest.mark.thorough
def test_a_rejected_take_is_passed_by_and_costs_nothing_by_itself(page: Page) -> None:
    action = {"do": "reject", "takes": [page.take(SECOND, 1)], "note": "too dark"}
    assert page.post("price", action).json()["usd"] == 0.09
    assert page.post("do", action).status_code == 200
    assert page.decisions()[SECOND, 1].verdict is Verdict.REJECTED


def test_a_decision_about_a_take_that_was_made_again_is_asked_again(page: Page) -> None:
    seen = page.take(FIRST, 2) | {"sha256": content("what was seen")}
    said = page.post("do", {"do": "choose", "takes": [seen]})
    assert said.status_code == 409
    assert "made again since it was shown" in said.json()["error"]
    assert page.decisions() == {}


def test_an_action_that_costs_more_than_was_agreed_to_is_asked_again(page: Page) -> None:
    for agreed in (None, 0.0, 0.05):
        action = {"do": "retake", "takes": [page.take(SECOND, 1)], "usd_at_most": agreed}
        said = page.post("do", action)
        assert said.status_code == 409
        assert "0.09 USD for 1 clip" in said.json()["error"]
    assert page.decisions() == {}


def test_a_heal_costs_one_clip_and_nothing_that_follows_it(page: Page) -> None:
    price = page.post("price", {"do": "heal", "takes": [page.take(SECOND, 1)]}).json()
    assert (price["usd"], price["clips"]) == (0.09, [SECOND])
    unknown = page.take(SECOND, 1) | {"clip": "nowhere/1.1"}
    assert page.post("price", {"do": "heal", "takes": [unknown]}).status_code == 400
    assert page.post("price", {"do": "heal", "takes": []}).status_code == 400


def test_a_heal_is_of_the_take_in_the_film_and_of_a_clip_between_two_others(
    page: Page,
    decided: DecidedFilm,
) -> None:
    shown = page.take(SECOND, 1)
    other = shown | {"fingerprint": "f" * 64}
    said = page.post("do", {"do": "heal", "takes": [other], "usd_at_most": 9})
    assert (said.status_code, "look again" in said.text) == (409, True)
    said = page.post("do", {"do": "heal", "takes": [shown], "usd_at_most": 9})
    assert (said.status_code, "retake it" in said.text) == (400, True)
    assert not (decided.folder / "render.log").exists()


def test_nothing_is_begun_while_a_render_is_at_work(page: Page, decided: DecidedFilm) -> None:
    action = {"do": "retake", "takes": [page.take(SECOND, 1)], "usd_at_most": 9}
    with at_work(decided.folder):
        assert page.post("do", action).status_code == 409
    assert page.decisions() == {}


def test_an_edit_shows_its_plan_at_once_and_writes_only_when_it_is_saved(
    page: Page,
    decided: DecidedFilm,
) -> None:
    file = decided.folder / "storyboard.yaml"
    before = file.read_text()
    sha256 = page.read().split('data-sha256="')[1].split('"')[0]
    edit = {"sha256": sha256, "texts": {"scenes.0.shots.1.prompt": "the lamp burns"}}
    plan = page.post("plan", edit).json()
    assert (plan["made"], plan["kept"], plan["usd"]) == ([SECOND], 1, 0.09)
    assert file.read_text() == before
    assert page.post("save", edit).status_code == 200
    assert file.read_text() == before.replace("the lamp is lit", "the lamp burns")
    assert page.post("save", edit).status_code == 409  # it is another file by now


@pytest.mark.thorough
def test_an_edit_that_is_no_storyboard_is_reported_with_its_place(page: Page) -> None:
    sha256 = page.read().split('data-sha256="')[1].split('"')[0]
    said = page.post("plan", {"sha256": sha256, "texts": {"scenes.0.shots.1.prompt": ""}})
    assert said.status_code == 422
    assert "scenes" in said.json()["error"] or "line" in said.json()["error"]


def test_what_no_page_of_ours_sends_is_refused(page: Page) -> None:
    for sent in (
        {},
        {"do": "delete"},
        {"do": "choose", "takes": [{"clip": "x"}]},
        {"do": "choose", "takes": [], "more": 1},
        {"do": "retake", "takes": [], "usd_at_most": -1},
        {"do": "choose", "note": "x" * 5000},
    ):
        assert page.post("do", sent).status_code == 400, sent


@pytest.mark.thorough
def test_the_page_escapes_what_people_and_the_service_say(page: Page, decided: DecidedFilm) -> None:
    hostile = "</script><img src=x onerror=alert(1)> {{ 7 * 7 }} '\""
    page.post("do", {"do": "choose", "takes": [page.take(FIRST, 2)], "note": hostile})
    decided.record.note(FIRST, error=hostile, remark=hostile)
    decided.record.title = hostile
    decided.record.write(decided.folder / "run.json")
    text = page.read()
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text
    assert "{{ 7 * 7 }}" in text


def test_no_key_is_on_any_page(
    page: Page,
    decided: DecidedFilm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = "SG_0123456789abcdef"
    monkeypatch.setenv("SEGMIND_API_KEY", key)
    every = page.read() + page.post("price", {"do": "render"}).text
    assert key not in every
    assert key not in json.dumps(RunRecord.model_validate(decided.record).model_dump(mode="json"))
    assert Path(decided.folder, "run.json").is_file()
