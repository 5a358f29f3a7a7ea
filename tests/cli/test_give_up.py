"""``longtake ledger give-up``: a take that nobody can tell of ends, and counts as paid."""

from __future__ import annotations

import pytest

from tests.cli.kept import OWNER, Kept, read_json, words

Capture = pytest.CaptureFixture[str]


def test_a_take_that_nobody_can_tell_of_is_given_up_and_counts_as_paid(
    kept: Kept, capsys: Capture
) -> None:
    name = kept.intend("a")
    kept.tell(lambda ledger: ledger.sending(name, OWNER))
    kept.tell(lambda ledger: ledger.ambiguous(name, OWNER, "no answer"))
    kept.tell(lambda ledger: ledger.release(OWNER))
    for _ in range(2):
        assert kept.call("give-up", name[:8]) == 0
        assert "given up, counted as paid: --retake-lost looks for it again" in words(capsys)
    assert kept.call("costs", "--json") == 0
    assert read_json(capsys.readouterr().out)["total"]["lost_usd"] == 0.1


def test_what_is_paid_or_certainly_not_is_not_given_up(kept: Kept, capsys: Capture) -> None:
    unsent = kept.intend("a")
    kept.tell(lambda ledger: ledger.release(OWNER))
    assert kept.call("give-up", unsent) == 2
    assert "take 1 of scene/a.1 is intended: nothing to give up" in words(capsys)
    paid = kept.submit("b")
    kept.tell(lambda ledger: ledger.release(OWNER))
    assert kept.call("give-up", paid) == 2
    assert "is submitted: nothing to give up" in words(capsys)
