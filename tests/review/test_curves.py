"""Drift as curves, and numbers as words."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from longtake.review.curves import HEIGHT, WIDTH, chain_views, curve
from longtake.review.wording import address, in_short, lasting, number, timecode
from longtake.story import Drift

MEASURES = ("colour_step", "luma", "contrast", "saturation", "sharpness", "motion")


def points(svg: str) -> list[list[tuple[float, float]]]:
    lines = re.findall(r'points="([^"]*)"', svg)
    pairs = [[at.partition(",") for at in line.split()] for line in lines]
    return [[(float(x), float(y)) for x, _, y in line] for line in pairs]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314  our own


def test_a_curve_runs_from_the_lower_left_to_the_upper_right_as_its_values_rise() -> None:
    ((first, middle, last),) = points(curve("Luma", ["a", "b", "c"], [1, 2, 3], None))
    assert first[0] < middle[0] < last[0]
    assert first[1] > middle[1] > last[1]
    assert 0 <= last[1] < first[1] <= HEIGHT


def test_what_is_no_number_leaves_a_gap() -> None:
    values = [1.0, 2.0, math.nan, 3.0, math.inf]
    svg = curve("Luma", list("abcde"), values, None)
    assert [len(run) for run in points(svg)] == [2, 1]
    assert svg.count("<circle") == 3
    assert "nan" not in svg


def test_values_that_hardly_differ_make_no_mountain() -> None:
    ((first, second),) = points(curve("Luma", ["a", "b"], [100.0, 100.1], None))
    assert abs(first[1] - second[1]) < HEIGHT / 50


def test_a_break_beyond_the_last_clip_is_drawn_within_the_chart() -> None:
    svg = parsed(curve("Colour", ["a", "b"], [0, 1], 6))
    (line,) = [each for each in svg.iter("line") if each.get("class") == "break"]
    assert float(str(line.get("x1"))) < WIDTH


def test_a_curve_says_its_values_to_those_who_do_not_see_it() -> None:
    svg = parsed(curve("Luma", ["a<b", "c"], [1, 2], None))
    assert svg.get("aria-label") == "Luma: 1.00, 2.00"
    assert [title.text for title in svg.iter("title")] == ["a<b: 1.00", "c: 2.00"]


def test_chains_of_one_clip_have_no_curves() -> None:
    def drift(*ids: str) -> Drift:
        values = dict.fromkeys(MEASURES, (1.0,) * len(ids))
        return Drift(chain=len(ids), clip_ids=ids, **values)

    (view,) = chain_views([drift("a"), drift("a", "b")])
    assert view.number == 2
    assert len(view.charts) == len(MEASURES)
    assert view.forecast == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00.0"), (5.06, "0:05.1"), (59.96, "1:00.0"), (3723.4, "1:02:03.4")],
)
def test_a_timecode_carries_over_into_minutes_and_hours(seconds: float, words: str) -> None:
    assert timecode(seconds) == words


def test_numbers_and_times_read_well() -> None:
    assert number(-0.5) == "\u22120.50"
    assert number(math.inf) == number(None) == "\u2013"
    assert (lasting(1.44), lasting(51), lasting(200)) == ("1.4 s", "51 s", "3 min 20 s")
    assert in_short("one two three four", 10) == "one two…"
    assert address("/clips/a b#1?.mp4") == "clips/a%20b%231%3F.mp4"
    assert address("javascript:alert(1)") == "javascript%3Aalert%281%29"
