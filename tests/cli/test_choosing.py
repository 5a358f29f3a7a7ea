"""``longtake choose`` and ``longtake lock``: a person decides, and is told what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longtake.ledger import Verdict
from longtake.record import Stage, TakeRecord
from tests.decided import FIRST, SECOND, DecidedFilm, content, decided_film


@pytest.fixture
def render(tmp_path: Path) -> DecidedFilm:
    """A film with two takes of its first clip."""
    return decided_film(tmp_path)


def test_a_choice_is_kept_and_what_the_next_render_costs_is_reported(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.call("choose", FIRST, "2") == 0
    assert render.verdicts() == {2: Verdict.CHOSEN}
    assert capsys.readouterr().err.splitlines() == [
        "one/1.1: take 2 is chosen",
        "the next render makes one/2.1 for about 0.09 USD",
    ]


def test_another_choice_takes_the_first_one_back(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.call("choose", FIRST, "2") == 0
    capsys.readouterr()
    assert render.call("choose", FIRST, "1") == 0
    assert render.verdicts() == {1: Verdict.CHOSEN}
    assert capsys.readouterr().err.splitlines() == [
        "one/1.1: take 1 is chosen, the film has it already",
        "the next render makes no clip and costs nothing",
    ]


def test_a_choice_leaves_the_takes_rejected_that_were(render: DecidedFilm) -> None:
    rejected = render.name(FIRST, 1)
    render.tell(lambda ledger: ledger.decide(rejected, Verdict.REJECTED))
    assert render.call("choose", FIRST, "2") == 0
    assert render.verdicts() == {1: Verdict.REJECTED, 2: Verdict.CHOSEN}


def test_a_script_is_told_the_choice_and_the_outlook(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.call("choose", FIRST, "2", "--note", "calmer", "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["clip"], told["take"], told["chosen_before"]) == (FIRST, 2, None)
    assert told["fingerprint"] == render.name(FIRST, 2)
    assert told["outlook"] == {FIRST: "there", SECOND: "new"}
    assert told["usd_to_pay"] == pytest.approx(0.09)


def test_a_storyboard_that_is_gone_leaves_the_choice_as_it_is(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    (render.folder / "storyboard.yaml").unlink()
    assert render.call("choose", FIRST, "2") == 0
    assert render.verdicts() == {2: Verdict.CHOSEN}
    assert "the storyboard is not where it was" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((FIRST, "3"), "one/1.1 has no take 3; there are takes 1, 2"),
        ((SECOND, "2"), "one/2.1 has no take 2; there are takes 1"),
        (("one/9.1", "1"), "no clip 'one/9.1' here; did you mean"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str], words: tuple[str, str], says: str
) -> None:
    assert render.call("choose", *words) == 2
    assert says in capsys.readouterr().err
    assert render.verdicts() == {}


def test_without_the_ledger_the_profile_is_asked_for(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    (render.folder / "ledger.sqlite").unlink()
    assert render.call("choose", FIRST, "2") == 3
    assert "name the profile that the render used with --profile" in capsys.readouterr().err
    assert not (render.folder / "ledger.sqlite").exists()


def test_an_emulated_render_is_decided_in_its_own_ledger(render: DecidedFilm) -> None:
    render.record.note(emulated=True)
    render.record.write(render.folder / "run.json")
    (render.folder / "emulated").mkdir()
    (render.folder / "ledger.sqlite").rename(render.folder / "emulated/ledger.sqlite")
    assert render.call("choose", FIRST, "2") == 0
    (render.folder / "emulated/ledger.sqlite").rename(render.folder / "ledger.sqlite")
    assert render.verdicts() == {2: Verdict.CHOSEN}


def test_a_lock_chooses_what_the_film_has_and_undo_takes_it_back(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.call("lock") == 0
    assert render.verdicts() == {1: Verdict.CHOSEN}
    assert capsys.readouterr().err.splitlines() == [
        "one/1.1: locked, take 1",
        "one/2.1: locked, take 1",
    ]
    assert render.call("lock", "--undo", FIRST) == 0
    assert render.verdicts() == {}
    assert capsys.readouterr().err == "one/1.1: unlocked, take 1\n"


def test_a_lock_keeps_what_was_chosen_since_the_render(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render.call("choose", FIRST, "2") == 0
    assert render.call("lock", FIRST, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"clips": {FIRST: {"what": "kept as chosen", "take": 2}}}
    assert render.verdicts() == {2: Verdict.CHOSEN}


def test_a_lock_passes_over_what_is_missing(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    render.record.note(SECOND, stage=Stage.FAILED, fingerprint=None)
    render.record.write(render.folder / "run.json")
    assert render.call("lock") == 0
    assert "one/2.1: missing" in capsys.readouterr().err.splitlines()


def test_a_take_that_was_made_again_since_is_not_chosen(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    name = render.name(FIRST, 2)
    seen = TakeRecord(number=2, seed=1, fingerprint=name, sha256=content("what was seen"))
    render.record.note(FIRST, takes=[seen])
    render.record.write(render.folder / "run.json")
    assert render.call("choose", FIRST, "2") == 6
    assert "one/1.1: take 2 was made again since it was shown" in capsys.readouterr().err
    assert render.verdicts() == {}


def test_a_lock_is_of_all_the_takes_that_the_render_shows_or_of_none(
    render: DecidedFilm, capsys: pytest.CaptureFixture[str]
) -> None:
    render.record.note(SECOND, sha256=content("what was seen"))
    render.record.write(render.folder / "run.json")
    assert render.call("lock") == 6
    assert "one/2.1: take 1 was made again since it was shown" in capsys.readouterr().err
    assert render.verdicts() == {}
