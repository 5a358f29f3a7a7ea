"""``longtake ledger show``: one take, with what went wrong and its fix."""

from __future__ import annotations

import pytest

from longtake.ledger import CONTENT_BLOCKED, Ledger
from tests.cli.kept import OWNER, Kept, name_of, read_json, words

Capture = pytest.CaptureFixture[str]


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
    facts = {} if kind == state else {"kind": kind}

    async def go_wrong(ledger: Ledger) -> None:
        if state == "ambiguous":
            await ledger.sending(name, OWNER)
        await getattr(ledger, state)(name, OWNER, "[it] went wrong", **facts)

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
