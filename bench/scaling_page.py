"""The tables of docs/scaling.md, made of what ``bench/fleet.py --page`` measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.page import rows

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"
BEGIN, END = "<!-- begin: python bench/fleet.py --page, {} -->\n", "<!-- end of the table -->\n"
MILLION_A_SECOND = 1e6 / 86_400
"""Clips a second."""

Measured = Mapping[str, Any]


def write(found: Sequence[Measured]) -> None:
    """Put both tables into the page; the last one's arithmetic goes by the first row measured."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in ("one clip", one_clip(found)), ("a million", a_million(found[0])):
        before, begin, rest = text.partition(BEGIN.format(name))
        if not begin:
            raise ValueError(f"{PAGE} has no mark for the table of {name}")
        text = f"{before}{begin}{table}\n{END}{rest.partition(END)[2]}"
    PAGE.write_text(text, encoding="utf-8")


def one_clip(found: Sequence[Measured]) -> str:
    """A column for each render that was measured."""
    first, *names = found[0]
    lines = [[name, *(each[name] for each in found)] for name in names]
    return rows(["", *(each[first] for each in found)], lines)


def a_million(one: Measured) -> str:
    """What a million clips a day need, by what one of them took."""

    def cores(name: str) -> str:
        return f"{one[name] / 1000 * MILLION_A_SECOND:.1f} cores"

    transactions = one["ledger transactions a clip"] * MILLION_A_SECOND
    lines = [
        ("money", "90,000 to 100,000 USD a day", "daily budgets in the ledger"),
        (
            "the service",
            f"{MILLION_A_SECOND:.1f} submits a second, and every look at a job",
            "many accounts, each with its own limit of requests a minute",
        ),
        (
            "render processes",
            f"{cores('render CPU a clip, ms')}, 900 in flight",
            "scenes on workers (`fleet.pool`), 100 to 300 clips in flight in each",
        ),
        (
            "ffmpeg",
            f"{cores('ffmpeg CPU a clip, ms')} at 480p",
            "the same machines; by pixels 2.3 times that at 720p",
        ),
        (
            "Prefect's server",
            f"{cores('server and database CPU a clip, ms')} with its database",
            "several replicas, Redis for events, PostgreSQL of its own; old runs deleted daily",
        ),
        (
            "ledger",
            f"{transactions:.0f} transactions a second, one after another",
            "a ledger for each account",
        ),
        ("store", "2 to 4 TB a day, if a clip has 2 to 4 MB", "S3, `longtake ledger gc` daily"),
        (
            "scheduling",
            "a run for each scene, not for each clip",
            f"30 clips a scene make {MILLION_A_SECOND / 30:.1f} runs a second",
        ),
    ]  # fmt: skip
    return rows(("what", "by the figures above", "so"), lines)
