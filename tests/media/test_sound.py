"""What is heard is heard where it was placed, as loud as it should be, and not beyond the film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longtake.errors import MediaError
from longtake.media import Ffmpeg
from longtake.media.mixing import SAMPLE_RATE, PlacedSound, film_samples, low_spans, mix
from longtake.media.sound import Loudness, SoundFacts, make_sound, measure, waveform
from longtake.story import SoundCue
from tests.media.sounds import clicks, read_sound, tone, write_sound

FPS = 16


def cue(path: Path, kind: Any, begin: float, seconds: float, **more: Any) -> PlacedSound:
    return PlacedSound(
        SoundCue(kind=kind, file=path.name, begin_seconds=begin, seconds=seconds, **more), path
    )


async def heard_of(made: SoundFacts, folder: Path, ffmpeg: Ffmpeg) -> tuple[float, float]:
    """How loud the first eight seconds of an encoded sound are, and their true peak."""
    again = folder / "again.f32"
    mix([cue(made.path, "music", 0, 8)], again, samples=made.samples, duck_db=0)
    return await measure(again, ffmpeg=ffmpeg)


def onsets(samples: np.ndarray) -> list[float]:
    """When sound begins after silence, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    gaps = np.flatnonzero(np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE // 20)
    return [round(float(loud[gap]) / SAMPLE_RATE, 4) for gap in gaps]


@pytest.mark.parametrize(("frames", "fps"), [(1440, 16), (97, 24), (81, 7), (1, 24), (16000, 16)])
def test_sound_is_never_longer_than_the_picture_and_ends_within_a_frame_of_it(
    frames: int, fps: int
) -> None:
    short = frames / fps - film_samples(frames, fps) / SAMPLE_RATE
    assert 0 <= short < 1 / fps


async def test_clicks_are_within_a_frame_at_both_ends(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    at = [0.25, 5.0, 9.9]
    music = write_sound(tmp_path / "m.flac", clicks(10, at), codec="flac")
    made = await make_sound(
        [cue(music, "music", 0, 10)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=160,
        fps=FPS,
        loudness=Loudness(),
    )
    heard = read_sound(made.path)
    assert len(heard) == made.samples <= 10 * SAMPLE_RATE
    assert onsets(heard) == pytest.approx(at, abs=0.005)


async def test_each_sound_is_at_its_place(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    voice = write_sound(tmp_path / "v.wav", tone(0.5))
    late = write_sound(
        tmp_path / "d.mp3", np.concatenate([tone(1, hertz=200), tone(1)]), codec="mp3"
    )
    made = await make_sound(
        [cue(voice, "voice", 1.5, 0.5), cue(late, "sound", 4.0, 1.0, from_seconds=1.0)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=96,
        fps=FPS,
    )
    assert onsets(read_sound(made.path)) == pytest.approx([1.5, 4.0], abs=0.01)
    assert (made.gain_db, made.limited) == (0.0, False)


@pytest.mark.parametrize("level", [0.01, 0.9])
async def test_the_film_is_as_loud_as_was_asked_for(
    ffmpeg: Ffmpeg, tmp_path: Path, level: float
) -> None:
    music = write_sound(tmp_path / "m.wav", tone(8, level=level, hertz=1000))
    made = await make_sound(
        [cue(music, "music", 0, 8)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=128,
        fps=FPS,
        loudness=Loudness(lufs=-14),
    )
    lufs, peak_db = await heard_of(made, tmp_path, ffmpeg)
    assert lufs == pytest.approx(-14, abs=0.5)
    assert peak_db < -1


async def test_peaks_are_limited_rather_than_clipped(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    rare = clicks(6, [1.0, 3.0, 5.0]) + tone(6, level=0.004)
    music = write_sound(tmp_path / "m.wav", rare)
    made = await make_sound(
        [cue(music, "music", 0, 6)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=96,
        fps=FPS,
        loudness=Loudness(lufs=-14, peak_db=-1),
    )
    assert made.limited
    heard = read_sound(made.path)
    assert np.abs(heard).max() < 1.0
    assert [round(at, 2) for at in onsets(heard) if round(at, 2) in (1.0, 3.0, 5.0)]


async def test_what_the_limiter_takes_away_is_made_up_for(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    syllables = np.concatenate([tone(0.04, level=0.9), tone(0.36, level=0.1)])
    voice = write_sound(tmp_path / "v.wav", np.tile(syllables, 20))
    made = await make_sound(
        [cue(voice, "voice", 0, 8)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=128,
        fps=FPS,
        loudness=Loudness(lufs=-11, peak_db=-1),
    )
    assert made.limited
    assert made.found_lufs + made.gain_db > -11  # of which the limiter takes some away
    lufs, peak_db = await heard_of(made, tmp_path, ffmpeg)
    assert lufs == pytest.approx(-11, abs=0.4)
    assert peak_db < -0.9


async def test_music_gives_way_under_voices_and_comes_back(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    music = write_sound(tmp_path / "m.wav", tone(10, hertz=1000))
    voice = write_sound(tmp_path / "v.wav", np.zeros(2 * SAMPLE_RATE, np.float32))
    made = await make_sound(
        [cue(music, "music", 0, 10), cue(voice, "voice", 4, 2)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=160,
        fps=FPS,
        duck_db=12,
    )
    heard = np.abs(read_sound(made.path))

    def level(begin: float, end: float) -> float:
        part = heard[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        return float(20 * np.log10(np.sqrt((part**2).mean())))

    assert level(4.2, 5.8) - level(1, 3) == pytest.approx(-12, abs=0.5)
    assert level(7, 9) == pytest.approx(level(1, 3), abs=0.3)


async def test_music_begins_again_where_it_is_too_short_and_fades_at_the_end(
    ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    music = write_sound(tmp_path / "m.wav", clicks(2, [0.5, 1.0]))
    made = await make_sound(
        [cue(music, "music", 0, 7, from_seconds=0.75, loop_seconds=1.25, fade_out_seconds=1)],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=112,
        fps=FPS,
    )
    heard = read_sound(made.path)
    assert onsets(heard)[:4] == pytest.approx([0.25, 1.5, 2.75, 4.0], abs=0.005)
    assert np.abs(heard[-480:]).max() < 0.02


@pytest.mark.slow
async def test_two_hundred_voices_are_all_at_their_places(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    voice = write_sound(tmp_path / "v.wav", tone(0.2))
    music = write_sound(tmp_path / "m.wav", tone(1, level=0.01))
    begins = [number * 1.5 + 0.25 for number in range(200)]
    made = await make_sound(
        [cue(music, "music", 0, 300, loop_seconds=1.0)]
        + [cue(voice, "voice", begin, 0.2) for begin in begins],
        tmp_path / "s.m4a",
        ffmpeg=ffmpeg,
        frame_count=4800,
        fps=FPS,
        duck_db=9,
    )
    assert onsets(read_sound(made.path)) == pytest.approx(begins, abs=0.005)


async def test_a_file_that_is_no_sound_is_reported(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    playlist = tmp_path / "m.wav"
    playlist.write_bytes(b"#EXTM3U\n/etc/passwd\n")
    with pytest.raises(MediaError, match="cannot be heard"):
        await make_sound(
            [cue(playlist, "music", 0, 1)],
            tmp_path / "s.m4a",
            ffmpeg=ffmpeg,
            frame_count=16,
            fps=FPS,
        )
    assert not (tmp_path / "s.m4a").exists()


def test_the_waveform_is_the_loudest_sample_of_each_part(tmp_path: Path) -> None:
    sound = np.concatenate([tone(1, level=0.1), tone(1, level=0.8)])
    drawn = waveform(write_sound(tmp_path / "m.wav", sound), 4)
    assert drawn == pytest.approx([0.1, 0.1, 0.8, 0.8], abs=0.08)


def test_between_voices_that_are_near_the_music_stays_low() -> None:
    voices = [
        SoundCue(kind="voice", file="v", begin_seconds=begin, seconds=1) for begin in (1, 2.5, 9)
    ]
    assert low_spans(voices) == [(1, 3.5), (9, 10)]
