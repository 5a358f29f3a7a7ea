"""A render's questions on its page: answered about the very takes that they show."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from longtake.ledger import Verdict
from longtake.rendering.measure_cache import approved_anchors_of
from longtake.rendering.presence import at_work
from tests.board.film_page import Page, asks, film_page
from tests.decided import FIRST, SECOND, DecidedFilm


def test_a_question_is_answered_about_the_very_takes_that_it_shows(
    page: Page,
    decided: DecidedFilm,
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
    decided: DecidedFilm,
) -> None:
    asked = asks(decided, page)
    anchors = {"takes": asked.takes[:1], "anchors": {1: "1: frame 0"}, "sheet": "frames/a.jpg"}
    decided.record.note(question=asked.model_copy(update=anchors))
    decided.record.write(decided.folder / "run.json")
    (decided.folder / "frames").mkdir()
    (decided.folder / "frames/a.jpg").write_bytes(b"a sheet")
    assert "anchors.jpg?v=q1" in page.read()
    assert page.get("anchors.jpg").content == b"a sheet"
    action = {"do": "approve", "about": "q1", "takes": [page.take(FIRST, 1)]}
    assert page.post("do", action).status_code == 200
    known = decided.tell(lambda ledger: ledger.measure(approved_anchors_of("q1")))
    assert known is not None
    (decided.folder / "frames/a.jpg").unlink()
    (decided.folder / "frames/a.jpg").symlink_to("/etc/hostname")
    assert page.get("anchors.jpg").status_code == 404


def test_who_rejects_at_a_question_agrees_to_the_price_of_the_retake(
    page: Page,
    decided: DecidedFilm,
) -> None:
    asks(decided, page)
    action = {"do": "reject", "about": "q1", "takes": [page.take(SECOND, 1)], "note": "too dark"}
    price = page.post("price", action).json()
    assert price["says"] == f"0.09 USD for 1 clip: {SECOND}"
    assert page.post("do", action).status_code == 409
    assert page.post("do", action | {"usd_at_most": price["usd_at_most"]}).status_code == 200
    assert page.decisions()[SECOND, 1].note == "too dark"


@pytest.mark.thorough
def test_a_run_without_a_process_is_woken_by_its_answer(
    decided: DecidedFilm,
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
