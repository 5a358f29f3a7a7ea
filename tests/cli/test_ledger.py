"""``longtake ledger list``, ``show`` and ``costs``, on ledgers that the room itself wrote."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from longtake.cli import run
from longtake.cli.ledger import StateName
from longtake.ledger import CONTENT_BLOCKED, Ledger, TakeState
from tests.cli.kept import OWNER, Kept, name_of, read_json, words
from tests.postgres import PostgresMissing, postgres_cluster

Capture = pytest.CaptureFixture[str]
EVERY = (["list"], ["show", "abc"], ["costs"], ["verify"], ["gc"], ["gc", "--yes"])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


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
    assert kept.call("list") == 0
    assert "no ledger at" in words(capsys)
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
        connection.execute(f"UPDATE {table} SET version = 99")  # noqa: S608
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


# -- show ---------------------------------------------------------------------------------------


def test_a_take_is_shown_by_the_beginning_of_its_fingerprint(kept: Kept, capsys: Capture) -> None:
    path = kept.store_clip("a", start_sha256="5" * 64)
    assert kept.call("show", name_of("a")[:2]) == 0
    said = words(capsys)
    for fact in (
        "scene/a.1, take 1: stored",
        f"fingerprint {name_of('a')}",
        '"prompt": "a gull over the harbour"',
        f"start image {'5' * 64}",
        "request request-a",
        "cost 0.09 USD",
        "stored 2026-05-04 12:00:00 UTC",
        f"file {path}",
        "832x480, 81 frames, 4000 bytes",
    ):
        assert fact in said
    assert "fix:" not in said


def test_a_take_is_shown_by_its_request(kept: Kept, capsys: Capture) -> None:
    kept.submit("a")
    kept.submit("b")
    assert kept.call("show", "request-b", "--json") == 0
    shown = read_json(capsys.readouterr().out)
    assert (shown["clip_id"], shown["state"], shown["usd"]) == ("scene/b.1", "submitted", None)
    assert shown["intended_at"] == "2026-05-04T12:00:00+00:00"
    assert shown["requests"] == []


def test_an_ambiguous_beginning_lists_the_takes_it_may_mean(kept: Kept, capsys: Capture) -> None:
    kept.intend("aa")
    kept.intend("ab")
    assert kept.call("show", "616") == 2
    said = words(capsys)
    assert "2 takes begin with '616'" in said
    assert "6161000 (scene/aa.1)" in said
    assert "6162000 (scene/ab.1)" in said
    assert kept.call("show", "6162") == 0


@pytest.mark.parametrize("name", ["ffff", "request-zz", ""])
def test_a_take_that_is_not_there_exits_with_2(name: str, kept: Kept, capsys: Capture) -> None:
    kept.submit("a")
    assert kept.call("show", name) == 2
    assert "longtake ledger list" in words(capsys)


def test_a_take_that_was_made_again_shows_its_earlier_request(kept: Kept, capsys: Capture) -> None:
    name = kept.submit("a")

    async def lose_and_reopen(ledger: Ledger) -> None:
        await ledger.completed(name, OWNER, "https://images.example/a.mp4", 0.09)
        await ledger.lost(name, OWNER, "the file has gone")
        await ledger.reopen(name, OWNER)
        await ledger.sending(name, OWNER)
        await ledger.submitted(name, OWNER, "second")

    kept.tell(lose_and_reopen)
    assert kept.call("show", "request-a") == 0
    said = words(capsys)
    assert "request second" in said
    assert "request-a lost 0.09 2026-05-04 r1 the file has gone" in said
    assert kept.call("show", "second", "--json") == 0
    (past,) = read_json(capsys.readouterr().out)["requests"]
    assert (past["request_id"], past["ended"], past["usd"]) == ("request-a", "lost", 0.09)


@pytest.mark.parametrize(
    ("state", "kind", "fix"),
    [
        ("lost", "lost", "lost: run again with --retake-lost"),
        ("ambiguous", "ambiguous", "run the same render again, it looks in the request history"),
        ("failed", "failed", "not billed: a render tries other seeds"),
        ("failed", CONTENT_BLOCKED, "not billed: change the prompt"),
        ("refused", "refused", "not billed: fix what the error names"),
    ],
)
def test_what_went_wrong_is_shown_with_its_fix(
    state: str, kind: str, fix: str, kept: Kept, capsys: Capture
) -> None:
    name = kept.submit("a") if state in ("lost", "failed") else kept.intend("a")

    async def go_wrong(ledger: Ledger) -> None:
        if state == "ambiguous":
            await ledger.sending(name, OWNER)
        await getattr(ledger, state)(name, OWNER, "[it] went wrong", kind=kind)

    kept.tell(go_wrong)
    assert kept.call("show", name) == 0
    said = words(capsys)
    assert f"take 1: {state}" in said
    assert "error: [it] went wrong" in said
    assert fix in said


def test_a_crash_in_the_moment_of_sending_is_shown_as_such(kept: Kept, capsys: Capture) -> None:
    name = kept.intend("a")
    assert kept.call("show", name) == 0
    assert "fix: not sent yet, nothing is paid" in words(capsys)
    kept.tell(lambda ledger: ledger.sending(name, OWNER))
    assert kept.call("show", name) == 0
    said = words(capsys)
    assert "fix: it may have been sent: run the same render again" in said
    assert "held by tester until 2026-05-04 12:01:00 UTC" in said


# -- costs --------------------------------------------------------------------------------------


@pytest.fixture
def spent(kept: Kept) -> Kept:
    """0.09 paid and 0.10 reserved for one storyboard, and on the day after 0.25 lost of another."""
    kept.store_clip("a", storyboard="Gulls")
    kept.submit("b", storyboard="Gulls")
    kept.now += timedelta(days=1)
    name = kept.submit("c", storyboard="Terns")

    async def lose(ledger: Ledger) -> None:
        await ledger.completed(name, OWNER, "https://images.example/c.mp4", 0.25)
        await ledger.lost(name, OWNER, "gone")

    kept.tell(lose)
    return kept


@pytest.mark.parametrize(
    ("by", "lines"),
    [
        ("storyboard", ["Gulls 2 0.09 0.10 0.00 0.038 100%", "Terns 1 0.25 0.00 0.25"]),
        ("day", ["2026-05-04 2 0.09 0.10 0.00 0.038 100%", "2026-05-05 1 0.25 0.00 0.25"]),
        ("run", ["r1 3 0.34 0.10 0.25 0.087 100%"]),
    ],
)
def test_costs_are_summed_and_totalled(
    by: str, lines: list[str], spent: Kept, capsys: Capture
) -> None:
    assert spent.call("costs", "--by", by) == 0
    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert printed == [
        f"{by} takes paid USD reserved USD of these lost USD USD a kept second first pass",
        *lines,
        "total 3 0.34 0.10 0.25 0.087 100%",
    ]


def test_costs_of_all_are_one_line(spent: Kept, capsys: Capture) -> None:
    assert spent.call("costs", "--by", "all") == 0
    assert words(capsys).endswith("first pass all 3 0.34 0.10 0.25 0.087 100%")


def test_costs_as_json_carry_rows_and_total(spent: Kept, capsys: Capture) -> None:
    assert spent.call("costs", "--json") == 0
    answer = read_json(capsys.readouterr().out)
    assert [row["key"] for row in answer["rows"]] == ["Gulls", "Terns"]
    assert answer["total"] == {
        "take_count": 3,
        "usd": 0.34,
        "reserved_usd": 0.1,
        "lost_usd": 0.25,
        "clip_count": 1,
        "first_pass_count": 1,
        "kept_seconds": 5.0625,
        "usd_per_kept_second": 0.086914,
        "first_pass_yield": 1.0,
    }
