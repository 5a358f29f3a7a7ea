"""What a film's page shows of a record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from longtake.ledger import Budget, Scope
from longtake.record import Stage
from longtake.record.run import AskedTake, Question
from longtake.rendering.run_page.clip_table import MAX_ROWS, table
from longtake.rendering.run_page.contact_sheet import MAX_BYTES, sheet, shown
from longtake.rendering.run_page.film_page import film_page
from longtake.rendering.run_page.names import clip_resource, key_of, slug_of
from longtake.rendering.run_page.progress import bar, tenths
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.words import link, plain
from longtake.story.contract import Observation, finding_of
from tests.rendering.run_page.scenes import FILM, NOW, clip, run_of, snapshot, stored, under_way


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The last keeper", "the-last-keeper"),
        ("  Zwei: 2 ", "zwei-2"),
        ("Café", "cafe"),
        ("灯台", "f2df7b"),
        ("灯台 II", "ii-dd6895"),
    ],
)
def test_a_title_becomes_a_slug_that_prefect_takes_as_a_key(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_long_titles_that_begin_alike_have_keys_of_their_own() -> None:
    first, second = (slug_of("a" * 60 + end) for end in ("x", "y"))
    assert first != second
    assert len(first) < 50


def test_keys_and_resources_stay_the_same_from_render_to_render() -> None:
    assert key_of("The last keeper") == "the-last-keeper-film"
    assert clip_resource("The last keeper", "dusk/1.2") == "longtake.clip.the-last-keeper.dusk/1.2"


def rows(seen: Snapshot) -> list[str]:
    return list(table(seen))[4:]


def test_the_film_moves_by_tenths() -> None:
    run = run_of(stored("a/1.1"), under_way("a/1.2", seconds=40), clip("a/1.3"), clip("b/1.1", 2))
    assert bar(snapshot(run)) == "■■■■□□□□□□ 40 %"


def test_a_job_that_takes_longer_than_usual_never_looks_done() -> None:
    assert tenths(snapshot(run_of(under_way("a/1.1", seconds=600)))) == 9


def test_a_failed_clip_keeps_its_film_from_the_end() -> None:
    run = run_of(stored("a/1.1"), clip("a/1.2", stage=Stage.FAILED))
    assert tenths(snapshot(run)) == 5


def test_the_film_is_at_a_hundred_percent_only_once_it_is_joined() -> None:
    assert tenths(snapshot(run_of(stored("a/1.1")))) == 9
    assert tenths(snapshot(run_of(stored("a/1.1"), film=FILM))) == 10


def test_a_row_tells_what_a_person_wants_to_know_of_a_clip() -> None:
    [row] = rows(snapshot(run_of(stored("a/1.1", take=2, remark="came as 830x480"))))
    told = "| a/1.1 | stored | 0:50 / 1:00 | 2 | 7 | 0.09 | came as 830x480 | clips/a-1.1.mp4 |"
    assert row == told


def test_a_clip_in_a_remote_store_is_named_by_its_address_there() -> None:
    [row] = rows(snapshot(run_of(stored("a/1.1")), store="s3://bucket/films"))
    assert f"| s3://bucket/films/clips/ab/{'ab' * 32}.mp4 |" in row


def test_a_store_whose_url_holds_a_password_is_not_shown() -> None:
    text = film_page(snapshot(run_of(stored("a/1.1")), store="ftp://me:secret@host/films"))
    assert "secret" not in text
    assert "clips/a-1.1.mp4" in text


def test_addresses_that_a_browser_opens_are_links() -> None:
    address = "http://render/two ways/film.mp4"
    assert link("film.mp4", address) == "[film.mp4](http://render/two%20ways/film.mp4)"


def test_elapsed_times_of_jobs_in_flight_move_in_steps() -> None:
    run = run_of(under_way("a/1.1", seconds=33))
    for seconds, elapsed in ((0, "0:33"), (19, "0:33"), (20, "0:53")):
        [row] = rows(Snapshot(run=run, now=NOW + timedelta(seconds=seconds)))
        assert f"| {elapsed} / 1:00 |" in row


def test_a_film_of_very_many_clips_lists_those_that_need_a_look() -> None:
    done = [stored(f"a/{number}.1") for number in range(MAX_ROWS)]
    failed = clip("b/1.1", stage=Stage.FAILED, error="no")
    [row] = rows(snapshot(run_of(*done, failed)))
    assert row.startswith("| b/1.1 | failed |")


def test_no_text_breaks_out_of_its_cell() -> None:
    assert plain("a | b\n# <script> [x](y)") == r"a \| b \# \<script\> \[x\](y)"
    assert len(plain("long " * 200)) == 300


def test_the_page_tells_film_cost_and_budget() -> None:
    run = run_of(stored("a/1.1"), clip("b/1.1", 2, stage=Stage.REUSED, usd=0.1), film=FILM)
    run.state = "completed"
    text = film_page(snapshot(run, budgets=[Budget("this render's budget", 2.0, Scope.RUN)]))
    assert text.startswith("# Two ways\n\n**completed** · 2 of 2 clips there, 1 reused (0.10 USD")
    assert "0.09 USD spent" in text
    assert "this render's budget: 2.00 USD" in text
    assert "| film | `/renders/two-ways/film.mp4` | 832x480, 242 frames, 15.12 s |" in text
    assert "Missing" not in text


def test_the_page_tells_what_is_missing_and_why() -> None:
    failed = clip("a/1.1", stage=Stage.BLOCKED, error="stopped | because of its content")
    text = film_page(snapshot(run_of(failed, state="incomplete")))
    assert r"| a/1.1 | blocked | stopped \| because of its content |" in text
    assert "render again" in text


def test_the_page_tells_what_a_person_is_asked_about() -> None:
    asked = [AskedTake(clip="a/1.1", fingerprint=f"{n}" * 64, sha256="a" * 64) for n in (1, 2)]
    waiting = run_of(stored("a/1.1"), question=Question(about="x", unit="a/1", takes=asked))
    waiting.state = "paused"
    text = film_page(snapshot(waiting))
    assert "Resume, in the run's menu, shows the form." in text
    assert "## To be approved: a/1\n\n2 takes of a/1.1" in text
    assert "To be approved" not in film_page(snapshot(run_of(stored("a/1.1"))))


def test_after_a_cancel_the_page_tells_what_still_runs_at_the_service() -> None:
    run = run_of(stored("a/1.1"), under_way("a/1.2"), state="interrupted")
    text = film_page(snapshot(run))
    assert "| a/1.2 | `request-a/1.2` | 2026-05-04 11:59:30 UTC | about 0.10 USD |" in text
    assert "Nothing is lost" in text
    assert "Still running" not in film_page(snapshot(run.model_copy(update={"state": "running"})))


def test_the_contact_sheet_waits_for_the_first_picture() -> None:
    assert list(sheet(snapshot(run_of(stored("a/1.1"))))) == []


def test_the_contact_sheet_shows_clips_in_film_order_and_which_are_missing() -> None:
    failed = clip("b/1.2", 2, stage=Stage.FAILED)
    run = run_of(stored("a/1.1"), under_way("a/1.2"), stored("b/1.1", 2), failed)
    text = "\n".join(sheet(snapshot(run, pictures={"a/1.1": b"one", "b/1.1": b"two"})))
    assert text.index("data:image/jpeg;base64,b25l") < text.index("data:image/jpeg;base64,dHdv")
    assert "|a/1.1|a/1.2|b/1.1|" in text
    assert "|b/1.2 · failed|||" in text


def test_the_contact_sheet_stays_within_its_size_however_long_the_film_is() -> None:
    clips = [stored(f"a/{number}.1") for number in range(500)]
    pictures = {each.id: b"x" * 6000 for each in clips}
    text = "\n".join(sheet(snapshot(run_of(*clips), pictures=pictures)))
    assert len(text) < MAX_BYTES
    assert len(shown(clips)) <= 120


def test_the_page_says_in_which_way_the_service_departs() -> None:
    run = run_of(stored("a/1.1"))
    run.findings = [finding_of("a/1.1", Observation("size", "832x480", "832x464", holds=False))]
    assert "assumed of it: size** (a/1.1: 832x464; assumed: 832x480." in film_page(snapshot(run))
