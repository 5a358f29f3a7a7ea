from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from longtake.emulator import Action, Endpoint, Fault, FaultScript, load_faults
from longtake.emulator.faults import FaultPlayer, Happening
from longtake.errors import StoryboardError
from tests.emulator.doc_tables import fault_table, shape_table

DOCS = Path(__file__).parents[2] / "docs" / "emulator.md"


def fired(rules: list[dict[str, Any]], happenings: list[Happening]) -> list[str | None]:
    """What the script does at each happening."""
    player = FaultPlayer(FaultScript.model_validate({"faults": rules}))
    due = [player.due(happening) for happening in happenings]
    return [fault.do.value if fault is not None else None for fault in due]


def submits(count: int, **fields: Any) -> list[Happening]:
    return [Happening(Endpoint.SUBMIT, now=float(index), **fields) for index in range(count)]


def test_nth_counts_from_one_and_happens_once() -> None:
    assert fired([{"on": "submit", "nth": 2, "do": "reset"}], submits(4)) == [
        None,
        "reset",
        None,
        None,
    ]


def test_nth_with_times_goes_on_from_there() -> None:
    rule = {"on": "submit", "nth": 2, "times": 2, "do": "reset"}
    assert fired([rule], submits(4)) == [None, "reset", "reset", None]


def test_without_nth_it_holds_every_time_or_as_often_as_told() -> None:
    assert fired([{"on": "submit", "do": "reset"}], submits(3)) == ["reset"] * 3
    rule = {"on": "submit", "do": "reset", "times": 2}
    assert fired([rule], submits(3)) == ["reset", "reset", None]


def test_for_seconds_runs_from_the_first_time() -> None:
    rule = {"on": "submit", "nth": 2, "do": "rate_limit", "for_seconds": 2}
    assert fired([rule], submits(6)) == [None, "rate_limit", "rate_limit", "rate_limit", None, None]


def test_other_operations_are_neither_hit_nor_counted() -> None:
    happenings = [Happening(Endpoint.STATUS, 0.0), *submits(1), Happening(Endpoint.STATUS, 1.0)]
    assert fired([{"on": "status", "nth": 2, "do": "expire"}], happenings) == [
        None,
        None,
        "expire",
    ]


@pytest.mark.parametrize(
    "match",
    [
        {"prompt": "SEA"},
        {"model": "t2v"},
        {"seed": 7},
        {"request": 2},
        {"prompt": "sea", "seed": 7},
    ],
)
def test_a_match_must_agree_in_everything_it_names(match: dict[str, Any]) -> None:
    mine = Happening(
        Endpoint.JOB, 0.0, "wan-2.2-t2v-fast", {"prompt": "the sea", "seed": 7}, number=2
    )
    other = Happening(
        Endpoint.JOB, 0.0, "wan-2.2-i2v-fast", {"prompt": "a wood", "seed": 8}, number=3
    )
    rule = {"on": "job", "match": match, "do": "fail"}
    assert fired([rule], [other, mine, other]) == [None, "fail", None]


def test_after_usd_waits_until_that_much_was_accepted() -> None:
    happenings = [Happening(Endpoint.SUBMIT, 0.0, committed_usd=usd) for usd in (0.0, 0.3, 0.4)]
    rule = {"on": "submit", "after_usd": 0.4, "do": "out_of_credits"}
    assert fired([rule], happenings) == [None, None, "out_of_credits"]


def test_of_two_rules_that_hold_the_first_is_done_and_both_count() -> None:
    rules = [
        {"on": "submit", "nth": 1, "do": "reset"},
        {"on": "submit", "nth": 1, "times": 2, "do": "html"},
    ]
    assert fired(rules, submits(3)) == ["reset", "html", None]


def test_a_script_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(
        "faults:\n"
        "  - {on: submit, nth: 2, do: accept_then_reset}\n"
        "  - {on: job, match: {prompt: storm}, do: content_block}\n"
    )
    first, second = load_faults(path).faults
    assert (first.on, first.nth, first.do) == (Endpoint.SUBMIT, 2, Action.ACCEPT_THEN_RESET)
    assert second.match.prompt == "storm"


def test_a_mistake_in_the_script_is_reported_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("faults:\n  - {on: submit, do: reset}\n  - {on: balance, do: truncate}\n")
    with pytest.raises(StoryboardError, match="truncate") as refused:
        load_faults(path)
    (problem,) = refused.value.problems
    assert problem.line == 3


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"on": "download", "do": "fail"}, "cannot happen on download"),
        ({"on": "submit", "do": "reset", "status": 500}, "does not read status"),
        ({"on": "result", "do": "reshape"}, "needs a `shape`"),
        ({"on": "result", "do": "reshape", "shape": "cube"}, "one of string, video"),
        ({"on": "history", "do": "odd_rows", "shape": "video"}, "one of no_zone"),
        ({"on": "submit", "do": "redirect"}, "needs a `location`"),
        ({"on": "result", "do": "address"}, "needs a `location` or `size_bytes`"),
        ({"on": "job", "do": "bad_take"}, "needs `dials`"),
        ({"on": "job", "do": "price"}, "needs a `usd`"),
        ({"on": "job", "do": "price", "usd": float("nan")}, "finite"),
        ({"on": "submit", "do": "slow", "seconds": -1}, "cannot last -1"),
        ({"on": "submit", "do": "skew", "seconds": float("nan")}, "less than or equal"),
        ({"on": "submit", "do": "reset", "nth": 0}, "greater than or equal to 1"),
        ({"on": "submit", "do": "reset", "often": 1}, "Extra inputs"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fault.model_validate(rule)


def test_each_request_can_be_counted_by_itself() -> None:
    rule = {"on": "download", "do": "not_found", "times": 1, "each": True}
    happenings = [Happening(Endpoint.DOWNLOAD, 0.0, number=number) for number in (1, 1, 2, 1, 2)]
    assert fired([rule], happenings) == ["not_found", None, "not_found", None, None]


def test_every_shape_is_documented_as_it_is() -> None:
    assert shape_table() in DOCS.read_text(), "docs/emulator.md: put in the text of shape_table()"


def test_every_action_is_documented_as_it_is() -> None:
    table = fault_table()
    assert all(f"`{action.value}`" in table for action in Action)
    assert table in DOCS.read_text(), "docs/emulator.md: put in the text of fault_table()"
