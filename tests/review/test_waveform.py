"""The film's sound is drawn below it."""

from __future__ import annotations

from longtake.record import FilmRecord, RunRecord
from longtake.review import Material, render_review
from longtake.review.curves import waveform_path
from longtake.story import Storyboard, build_plan

DATA = {"title": "T", "look": {"seed": 1}, "scenes": [{"name": "One", "shots": ["a"]}]}


def page(*levels: float) -> str:
    plan = build_plan(Storyboard.model_validate(DATA))
    record = RunRecord.of(plan, storyboard="x.yaml", folder="x")
    record.film = FilmRecord(
        file="film.mp4",
        sha256="",
        size_bytes=1,
        frame_count=81,
        seconds=5,
        fps=16,
        width=832,
        height=480,
    )
    return render_review(record, Material(waveform=levels))


def test_a_film_with_sound_has_its_waveform_and_is_not_muted() -> None:
    drawn = page(0.0, 1.0, 0.5)
    assert f'<path d="{waveform_path([0.0, 1.0, 0.5])}"/>' in drawn
    assert 'id="film-player" class="frame" controls playsinline' in drawn


def test_a_silent_film_has_none() -> None:
    assert 'class="wave"' not in page()
    assert 'id="film-player" class="frame" controls muted playsinline' in page()


def test_the_path_goes_there_above_and_back_below() -> None:
    assert waveform_path([0.0, 1.0]) == "M0 50.0L1 2.0L1 98.0L0 50.0Z"
