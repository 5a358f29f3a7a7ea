"""What a person does on a film's page: the same decisions, at the price that was shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from longtake.board import BoardPlace
from longtake.board.catalog import key_of
from longtake.ledger import Decision, Verdict
from longtake.record import AskedTake, Question, RunRecord, TakeRecord
from longtake.rendering.measure_cache import approved_anchors_of
from longtake.rendering.presence import at_work
from longtake.settings import load_settings
from tests.board.serving import served
from tests.cli.test_choosing import FIRST, SECOND, Render, content
from tests.cli.test_choosing import render as decided  # noqa: F401  a fixture

FRAME = content("frame")


class Page:
    """A film's page, and what its script sends."""

    def __init__(self, client: httpx.Client, film: Render, stamp: str) -> None:
        self._client = client
        self._film = film
        self._headers = {"x-longtake-board": stamp}
        self.path = f"/films/{key_of(film.folder)}/"

    def read(self) -> str:
        """The page itself."""
        said = self._client.get(self.path)
        assert said.status_code == 200, said.text
        return said.text

    def get(self, what: str) -> httpx.Response:
        """What else the page shows."""
        return self._client.get(self.path + what)

    def post(self, what: str, content: dict[str, Any]) -> httpx.Response:
        """Send what a script sends."""
        return self._client.post(self.path + what, json=content, headers=self._headers)

    def take(self, clip: str, number: int) -> dict[str, Any]:
        """A take as the page shows it."""
        start = FRAME if clip == SECOND else None
        name = self._film.name(clip, number, start)
        sha256 = content(f"{clip} {number}")
        return {"clip": clip, "number": number, "fingerprint": name, "sha256": sha256}

    def decisions(self) -> dict[tuple[str, int], Decision]:
        """What the ledger has of people's decisions."""
        names = {
            self.take(clip, number)["fingerprint"]: (clip, number)
            for clip, number in ((FIRST, 1), (FIRST, 2), (SECOND, 1))
        }
        found = self._film.tell(lambda ledger: ledger.decisions(list(names)))
        return {names[name]: decision for name, decision in found.items()}


@contextmanager
def film_page(decided: Render, **place: Any) -> Iterator[Page]:  # noqa: F811  the fixture
    """The page of a film of two clips, the first with two takes."""
    record = decided.record
    for clip, numbers in ((FIRST, (1, 2)), (SECOND, (1,))):
        takes = [
            TakeRecord(
                number=number,
                seed=number,
                fingerprint=decided.name(clip, number, FRAME if clip == SECOND else None),
                file=f"clips/{number}.mp4",
                sha256=content(f"{clip} {number}"),
                chosen=number == 1,
            )
            for number in numbers
        ]
        record.note(clip, takes=takes, sha256=takes[0].sha256)
    record.state = "completed"
    record.write(decided.folder / "run.json")
    profile = str(decided.folder / "profile.json")
    board = BoardPlace(load_settings(profile), profile=profile, roots=(decided.folder,), **place)
    with (
        served(board) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        yield Page(client, decided, board.stamp)


@pytest.fixture
def page(decided: Render) -> Iterator[Page]:  # noqa: F811  the fixture
    """The film's page on a board without a Prefect server."""
    with film_page(decided) as page:
        yield page


def test_a_choice_is_in_the_ledger_with_its_note_and_its_price_is_said_before(page: Page) -> None:
    deed = {"do": "choose", "takes": [page.take(FIRST, 2)]}
    price = page.post("price", deed).json()
    assert (price["usd"], price["clips"]) == (0.09, [SECOND])
    assert price["says"] == f"0.09 USD for 1 clip: {SECOND}"
    assert page.post("do", deed | {"note": "calmer"}).status_code == 200
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
    deed = {"do": "reject", "takes": [page.take(SECOND, 1)], "note": "too dark"}
    assert page.post("price", deed).json()["usd"] == 0.09
    assert page.post("do", deed).status_code == 200
    assert page.decisions()[SECOND, 1].verdict is Verdict.REJECTED


def test_a_decision_about_a_take_that_was_made_again_is_asked_again(page: Page) -> None:
    seen = page.take(FIRST, 2) | {"sha256": content("what was seen")}
    said = page.post("do", {"do": "choose", "takes": [seen]})
    assert said.status_code == 409
    assert "made again since it was shown" in said.json()["error"]
    assert page.decisions() == {}


def test_a_deed_that_costs_more_than_was_agreed_to_is_asked_again(page: Page) -> None:
    for agreed in (None, 0.0, 0.05):
        deed = {"do": "retake", "takes": [page.take(SECOND, 1)], "usd_at_most": agreed}
        said = page.post("do", deed)
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
    decided: Render,  # noqa: F811
) -> None:
    shown = page.take(SECOND, 1)
    other = shown | {"fingerprint": "f" * 64}
    said = page.post("do", {"do": "heal", "takes": [other], "usd_at_most": 9})
    assert (said.status_code, "look again" in said.text) == (409, True)
    said = page.post("do", {"do": "heal", "takes": [shown], "usd_at_most": 9})
    assert (said.status_code, "retake it" in said.text) == (400, True)
    assert not (decided.folder / "render.log").exists()


def test_nothing_is_begun_while_a_render_is_at_work(page: Page, decided: Render) -> None:  # noqa: F811
    deed = {"do": "retake", "takes": [page.take(SECOND, 1)], "usd_at_most": 9}
    with at_work(decided.folder):
        assert page.post("do", deed).status_code == 409
    assert page.decisions() == {}


def asks(film: Render, page: Page) -> Question:
    """The render pauses with a question about both of its clips."""
    takes = [page.take(FIRST, 1), page.take(SECOND, 1)]
    asked = [AskedTake.model_validate({k: t[k] for k in AskedTake.model_fields}) for t in takes]
    question = Question(about="q1", unit="one/1", takes=asked)
    film.record.note(state="paused", question=question)
    film.record.write(film.folder / "run.json")
    return question


def test_a_question_is_answered_about_the_very_takes_that_it_shows(
    page: Page,
    decided: Render,  # noqa: F811
) -> None:
    asks(decided, page)
    assert 'data-about="q1"' in page.read()
    takes = [page.take(FIRST, 1), page.take(SECOND, 1)]
    other = {"do": "approve", "about": "q0", "takes": takes}
    assert page.post("do", other).status_code == 409
    assert page.decisions() == {}
    assert page.post("do", other | {"about": "q1", "note": "fine"}).status_code == 200
    assert {each.verdict for each in page.decisions().values()} == {Verdict.APPROVED}


def test_anchors_are_shown_on_their_sheet_and_approved_by_their_question(
    page: Page,
    decided: Render,  # noqa: F811
) -> None:
    asked = asks(decided, page)
    anchors = {"takes": asked.takes[:1], "anchors": {1: "1: frame 0"}, "sheet": "frames/a.jpg"}
    decided.record.note(question=asked.model_copy(update=anchors))
    decided.record.write(decided.folder / "run.json")
    (decided.folder / "frames").mkdir()
    (decided.folder / "frames/a.jpg").write_bytes(b"a sheet")
    assert "anchors.jpg?v=q1" in page.read()
    assert page.get("anchors.jpg").content == b"a sheet"
    deed = {"do": "approve", "about": "q1", "takes": [page.take(FIRST, 1)]}
    assert page.post("do", deed).status_code == 200
    known = decided.tell(lambda ledger: ledger.measure(approved_anchors_of("q1")))
    assert known is not None
    (decided.folder / "frames/a.jpg").unlink()
    (decided.folder / "frames/a.jpg").symlink_to("/etc/hostname")
    assert page.get("anchors.jpg").status_code == 404


def test_who_rejects_at_a_question_agrees_to_the_price_of_the_retake(
    page: Page,
    decided: Render,  # noqa: F811
) -> None:
    asks(decided, page)
    deed = {"do": "reject", "about": "q1", "takes": [page.take(SECOND, 1)], "note": "too dark"}
    price = page.post("price", deed).json()
    assert price["says"] == f"0.09 USD for 1 clip: {SECOND}"
    assert page.post("do", deed).status_code == 409
    assert page.post("do", deed | {"usd_at_most": price["usd_at_most"]}).status_code == 200
    assert page.decisions()[SECOND, 1].note == "too dark"


@pytest.mark.thorough
def test_a_run_without_a_process_is_woken_by_its_answer(
    decided: Render,  # noqa: F811
) -> None:
    woken: list[tuple[str, list[str], str]] = []

    async def wake(run_id: str, again: Sequence[str], note: str) -> None:
        woken.append((run_id, list(again), note))

    with film_page(decided, wake=wake) as page:
        decided.record.flow_run_id = "run-1"
        asks(decided, page)
        takes = [page.take(FIRST, 1), page.take(SECOND, 1)]
        answer = {"do": "approve", "about": "q1", "takes": takes, "note": "fine"}
        with at_work(decided.folder):
            assert page.post("do", answer).status_code == 200
        assert woken == []  # the process that waits finds it in the ledger
        assert page.post("do", answer).status_code == 200
    assert woken == [("run-1", [], "fine")]


def test_an_edit_shows_its_plan_at_once_and_writes_only_when_it_is_saved(
    page: Page,
    decided: Render,  # noqa: F811
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
def test_an_edit_that_is_no_storyboard_is_told_with_its_place(page: Page) -> None:
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
def test_the_page_escapes_what_people_and_the_service_say(page: Page, decided: Render) -> None:  # noqa: F811
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
    decided: Render,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = "SG_0123456789abcdef"
    monkeypatch.setenv("SEGMIND_API_KEY", key)
    every = page.read() + page.post("price", {"do": "render"}).text
    assert key not in every
    assert key not in json.dumps(RunRecord.model_validate(decided.record).model_dump(mode="json"))
    assert Path(decided.folder, "run.json").is_file()
