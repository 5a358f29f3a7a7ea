"""The page of what may go wrong says what the tests say."""

from __future__ import annotations

from tests.reliability import BEGIN, END, PAGE, page


def test_the_page_of_reliability_is_made_from_the_tests() -> None:
    known = PAGE.read_text(encoding="utf-8")
    assert (known.count(BEGIN), known.count(END)) == (1, 1)
    assert known == page(known), "run `python -m tests.reliability`"
