"""``longtake ledger costs``: what was paid, what is reserved, what of it is in films."""

from __future__ import annotations

from datetime import timedelta

import pytest

from longtake.ledger import Ledger
from tests.cli.kept import OWNER, Kept, read_json, words

Capture = pytest.CaptureFixture[str]


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
