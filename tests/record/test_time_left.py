"""How long a render still takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from longtake.record import RunRecord, Stage, seconds_left
from tests.review.renders import small_plan

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def run() -> RunRecord:
    """Five clips: a chain of four and one after a cut."""
    return RunRecord.of(small_plan(), storyboard="film.yaml", folder="f", started_at=NOW)


def test_the_time_left_is_that_of_the_longest_chain_with_what_has_passed_taken_off(
    run: RunRecord,
) -> None:
    each = {clip.id: clip.expected_seconds for clip in run.clips.values()}
    chain = [clip.id for clip in run.clips.values() if clip.chain == 1]
    whole = sum(each[name] for name in chain)
    assert seconds_left(run, NOW, 8) == pytest.approx(whole)
    submitted_at = NOW - timedelta(seconds=10)
    run.note(chain[0], stage=Stage.GENERATING, submitted_at=submitted_at)
    assert seconds_left(run, NOW, 8) == pytest.approx(whole - 10)
    for name in run.clips:
        run.note(name, stage=Stage.STORED)
    assert seconds_left(run, NOW, 8) == 0


def test_with_one_job_at_a_time_it_is_the_sum_of_all(run: RunRecord) -> None:
    whole = sum(clip.expected_seconds for clip in run.clips.values())
    assert seconds_left(run, NOW, 1) == pytest.approx(whole)
