"""Every clip that was paid for is held against what is assumed of the service."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from longtake.story import PairReading
from longtake.story.contract import (
    ASSUMPTIONS,
    ArrivedFile,
    PaidClip,
    PaidEnds,
    departures,
    finding_of,
    is_departure,
    observed,
)
from longtake.story.contract_table import Row, table
from longtake.story.wan import WAN_FAST

FILE = ArrivedFile(
    request_id="r1",
    sha256="a" * 64,
    width=832,
    height=480,
    frame_count=81,
    fps=16.0,
    codec="h264",
    pixel_format="yuv420p",
)
PAIR = PairReading(psnr_db=40, ssim=0.99, colour_step=0.8, softness=1, repeats=True, block_step=0.4)
ELSEWHERE = PairReading(psnr_db=9, ssim=0.2, colour_step=31, softness=1, repeats=False)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CLIP = PaidClip(
    clip_id="dusk/1.2",
    model="wan-2.2-i2v-fast",
    parameters={
        "num_frames": 81,
        "frames_per_second": 16,
        "resolution": "480p",
        "aspect_ratio": "16:9",
    },
    request_id="r1",
    at=NOON,
    usual_usd=0.09,
    usual_seconds=54,
    usd=0.09,
    seconds=60,
    queue_seconds=5,
    arrived=(FILE,),
    ends=PaidEnds(PAIR, PAIR),
)


def file(**changes: Any) -> PaidClip:
    return replace(CLIP, arrived=(FILE.model_copy(update=changes),))


def test_a_clip_that_is_as_assumed_departs_in_nothing() -> None:
    assert departures(CLIP) == []
    told = [one.name for one in observed(CLIP)]
    assert set(told) == set(ASSUMPTIONS) - {"same seed", "handed frame"}


@pytest.mark.parametrize(
    ("clip", "name"),
    [
        (replace(CLIP, ends=PaidEnds(ELSEWHERE, PAIR)), "first frame"),
        (replace(CLIP, ends=PaidEnds(ELSEWHERE, PAIR, handed=True)), "handed frame"),
        (replace(CLIP, ends=PaidEnds(PAIR, ELSEWHERE)), "last image"),
        (file(frame_count=85), "frame count"),
        (file(width=832, height=464), "size"),
        (file(fps=24.0), "frame rate"),
        (file(codec="hevc"), "codec"),
        (file(pixel_format="yuv420p10le"), "pixel format"),
        (file(colour_tags=("bt709",)), "colour tags"),
        (replace(CLIP, trouble="is coded as mpeg4"), "usable"),
        (replace(CLIP, usd=0.18), "price"),
        (replace(CLIP, usd=0.03), "price"),
        (replace(CLIP, seconds=200), "time"),
        (replace(CLIP, queue_seconds=200), "queue"),
    ],
)
def test_each_way_of_departing_is_reported_by_its_name(clip: PaidClip, name: str) -> None:
    assert [one.name for one in departures(clip)] == [name]


@pytest.mark.parametrize(
    "clip",
    [
        file(fps=16.001),
        replace(CLIP, usd=0.1),
        replace(CLIP, usd=None, seconds=None, queue_seconds=None),
        replace(CLIP, usd=-3.0),
        replace(CLIP, seconds=100),
        replace(CLIP, arrived=(), ends=PaidEnds()),
    ],
)
def test_what_is_near_or_not_known_is_no_departure(clip: PaidClip) -> None:
    assert departures(clip) == []


def test_a_seed_is_only_judged_where_its_request_was_paid_for_twice() -> None:
    before = FILE.model_copy(update={"request_id": "r0"})
    twice = replace(CLIP, arrived=(before, FILE))
    assert [one.holds for one in observed(twice) if one.name == "same seed"] == [True]
    other = replace(CLIP, arrived=(before.model_copy(update={"sha256": "b" * 64}), FILE))
    assert [one.name for one in departures(other)] == ["same seed"]


def test_a_request_of_unsaid_shape_may_have_any_of_the_familys_sizes() -> None:
    asked = {key: value for key, value in CLIP.parameters.items() if key != "aspect_ratio"}
    upright = replace(file(width=480, height=832), parameters=asked)
    assert departures(upright) == []


def test_a_finding_says_what_came_and_what_was_assumed() -> None:
    (departure,) = departures(file(fps=24.0))
    finding = finding_of("dusk/1.2", departure)
    assert finding.severity == "warning"
    assert is_departure(finding)
    assert "24; assumed: 16." in finding.says


def rows(*clips: PaidClip) -> dict[tuple[str, str], Row]:
    return {(row.model, row.name): row for row in table(clips, [WAN_FAST])}


def test_the_table_has_every_assumption_whether_it_was_seen_or_not() -> None:
    found = rows()
    assert {row.state for row in found.values()} == {"never seen"}
    assert len(found) == 2 * len(ASSUMPTIONS) - 3  # no picture is sent for a clip from text


def test_the_latest_clip_decides_and_earlier_departures_are_counted() -> None:
    dear = replace(CLIP, usd=0.18, request_id="r0", at=NOON - timedelta(hours=1))
    price = rows(CLIP, dear)["wan-2.2-i2v-fast", "price"]
    assert (price.state, price.clip_count, price.departed_count) == ("holds", 2, 1)
    assert (price.range, price.request_id, price.departed_request_id) == (
        "0.09 to 0.18 USD",
        "r1",
        "r0",
    )
    changed = rows(dear, replace(CLIP, at=NOON - timedelta(hours=2)))["wan-2.2-i2v-fast", "price"]
    assert changed.state == "changed"
