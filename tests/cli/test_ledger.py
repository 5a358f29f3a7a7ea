"""``longtake ledger``: where there is none, and ``list``, on ledgers that the room itself wrote."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from typing import get_args

import pytest

from longtake.cli import run
from longtake.cli.ledger import StateName
from longtake.ledger import TakeState
from tests.cli.kept import OWNER, Kept, name_of, read_json, words
from tests.postgres import PostgresMissing, postgres_cluster

Capture = pytest.CaptureFixture[str]
EVERY = (["list"], ["show", "abc"], ["costs"], ["verify"], ["gc"], ["gc", "--yes"])


# -- where there is none ------------------------------------------------------------------------


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_looking_for_a_ledger_does_not_make_one(
    command: list[str], kept: Kept, capsys: Capture
) -> None:
    assert kept.call(*command) == 0
    assert f"no ledger at {kept.ledger} yet: nothing has been rendered" in words(capsys)
    assert list(kept.folder.iterdir()) == []


def test_without_a_ledger_a_script_still_reads_json(kept: Kept, capsys: Capture) -> None:
    answers = []
    for command in EVERY:
        assert kept.call(*command, "--json") == 0
        answers.append(read_json(capsys.readouterr().out))
    assert answers[:2] == [[], None]
    assert answers[2]["rows"] == []
    assert answers[2]["total"]["usd"] == 0
    assert answers[3]["missing"] == []
    assert [answer["deleted"] for answer in answers[4:]] == [False, False]


def test_another_programs_database_is_not_made_a_ledger(kept: Kept, capsys: Capture) -> None:
    kept.ledger.parent.mkdir()
    with closing(sqlite3.connect(kept.ledger)) as theirs:
        theirs.execute("CREATE TABLE bookmarks (url)")
        theirs.commit()
    before = kept.ledger.read_bytes()
    assert kept.call("list") == 3
    assert "another program's database (with a table 'bookmarks')" in words(capsys)
    assert kept.ledger.read_bytes() == before


@pytest.mark.thorough
def test_an_empty_postgres_database_stays_empty_and_no_password_is_shown(capsys: Capture) -> None:
    try:
        with postgres_cluster() as cluster:
            url = cluster.empty_database()
            for _ in range(2):
                assert run(["ledger", "list", "--ledger", url]) == 0
                assert "no ledger at postgresql" in words(capsys)
    except PostgresMissing as reason:
        pytest.skip(str(reason))


def test_a_file_that_is_no_database_is_an_error_with_a_fix(kept: Kept, capsys: Capture) -> None:
    kept.ledger.parent.mkdir()
    kept.ledger.write_text("this is a diary, " * 100)
    assert kept.call("list") == 3
    assert "is not a ledger, or is damaged" in words(capsys)


def test_a_ledger_of_a_newer_longtake_is_refused(kept: Kept, capsys: Capture) -> None:
    kept.intend("a")
    with closing(sqlite3.connect(kept.ledger)) as connection:
        (table,) = connection.execute(
            "SELECT name FROM sqlite_master WHERE sql LIKE '%migrated_at%'"
        ).fetchone()
        connection.execute(f"UPDATE {table} SET version = 99")  # noqa: S608  the name that SQLite just gave
        connection.commit()
    assert kept.call("costs") == 3
    assert "update longtake" in words(capsys)


def test_the_profile_names_the_ledger(kept: Kept, capsys: Capture) -> None:
    kept.submit("a")
    profile = kept.folder / "mine.yaml"
    profile.write_text(f"keeping: {{ledger: {kept.ledger}, store: {kept.store_root}}}")
    assert run(["ledger", "list", "--profile", str(profile)]) == 0
    assert "scene/a.1" in words(capsys)


def test_the_help_of_the_ledger_imports_no_database() -> None:
    code = (
        "import sys; from longtake.cli import run; code = run(['ledger', 'list', '--help']); "
        "heavy = {'prefect', 'httpx', 'sqlalchemy', 'fsspec'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--storyboard" in done.stdout


# -- list ---------------------------------------------------------------------------------------


def test_the_list_is_newest_first_with_known_and_estimated_sums(
    kept: Kept, capsys: Capture
) -> None:
    kept.store_clip("a", storyboard="A [bold] gull")
    kept.now += timedelta(minutes=5)
    kept.submit("b", model="wan-2.2-i2v-fast", number=2, seed=11)
    assert kept.call("list") == 0
    heading, second, first = capsys.readouterr().out.splitlines()
    assert heading.split()[:4] == ["clip", "take", "no.", "state"]
    facts = f"scene/b.1 {name_of('b')[:10]} 2 submitted i2v 11 ~0.10 2026-05-04 12:05"
    assert " ".join(second.split()) == f"{facts} request-b Film"
    assert first.split()[3:7] == ["stored", "t2v", "7", "0.09"]
    assert first.rstrip().endswith("A [bold] gull")


def test_what_was_not_billed_has_no_sum(kept: Kept, capsys: Capture) -> None:
    name = kept.submit("a")
    kept.tell(lambda ledger: ledger.failed(name, OWNER, "CUDA went away"))
    assert kept.call("list") == 0
    assert "failed t2v 7 - 2026" in words(capsys)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("filters", "clips"),
    [
        (["--storyboard", "Other"], ["b"]),
        (["--state", "submitted"], ["c"]),
        (["--day", "2026-05-04"], ["b", "a"]),
        (["--day", "2026-05-05"], ["c"]),
        (["--day", "2026-05-04", "--limit", "1"], ["b"]),
        (["--day", "2026-05-04", "--state", "submitted"], []),
        (["--limit", "2"], ["c", "b"]),
    ],
    ids=" ".join,
)
def test_the_list_can_be_narrowed(
    filters: list[str], clips: list[str], kept: Kept, capsys: Capture
) -> None:
    kept.store_clip("a")
    kept.now += timedelta(minutes=1)
    kept.store_clip("b", storyboard="Other")
    kept.now += timedelta(days=1)
    kept.submit("c")
    assert kept.call("list", "--json", *filters) == 0
    found = read_json(capsys.readouterr().out)
    assert [slate["clip_id"] for slate in found] == [f"scene/{clip}.1" for clip in clips]


def test_the_list_says_that_there_are_more(kept: Kept, capsys: Capture) -> None:
    kept.intend("a")
    kept.intend("b")
    assert kept.call("list", "--limit", "1") == 0
    assert "only the last 1: there are more, see --limit" in words(capsys)
    assert kept.call("list", "--limit", "2") == 0
    assert "there are more" not in words(capsys)


def test_a_storyboard_that_the_ledger_lacks_is_answered_with_those_it_has(
    kept: Kept, capsys: Capture
) -> None:
    kept.intend("a", storyboard="Lighthouse")
    assert kept.call("list", "--storyboard", "Lighthose") == 2
    assert "no storyboard 'Lighthose' in the ledger; it knows: Lighthouse" in words(capsys)


@pytest.mark.parametrize("wrong", [["--day", "4 May"], ["--state", "gone"], ["--limit", "0"]])
def test_a_filter_that_means_nothing_exits_with_2(wrong: list[str], kept: Kept) -> None:
    assert kept.call("list", *wrong) == 2


def test_every_state_can_be_asked_for() -> None:
    assert set(get_args(StateName)) == {state.value for state in TakeState}
