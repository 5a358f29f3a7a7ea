"""Sound and caption files are examined before anything is paid for."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from longtake.cli import run
from longtake.documents import load_plan
from longtake.errors import StoryboardError
from longtake.sound_files import listen
from tests.media.sounds import tone, write_sound

FILM = """title: T
{top}
scenes:
  - name: One
    shots:
      - prompt: a
        seconds: 5
        {shot}
"""


def problem_of(folder: Path, *, top: str = "", shot: str = "") -> str:
    path = folder / "film.yaml"
    path.write_text(FILM.format(top=top, shot=shot), encoding="utf-8")
    with pytest.raises(StoryboardError) as caught:
        load_plan(path)
    (problem,) = caught.value.problems
    assert run(["check", str(path)]) == 2
    return str(problem)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def test_a_sound_that_is_not_there_is_reported_with_its_line(tmp_path: Path) -> None:
    said = problem_of(tmp_path, shot="voice: v.wav")
    assert said.endswith(
        "film.yaml:8: scenes.0.shots.0.voice: there is no sound `v.wav` in the storyboard's folder"
    )


def test_silence_is_told_and_taken_where_it_is_meant(tmp_path: Path) -> None:
    write_sound(tmp_path / "v.wav", np.zeros(48_000, np.float32))
    assert "`v.wav` is silent" in problem_of(tmp_path, shot="voice: v.wav")
    path = tmp_path / "film.yaml"
    path.write_text(FILM.format(top="", shot="voice: {file: v.wav, as_is: true}"))
    assert load_plan(path)[1].sound.cues[0].seconds == 1.0


def test_clipping_is_reported(tmp_path: Path) -> None:
    write_sound(tmp_path / "v.wav", tone(1, level=4.0))
    assert "is clipped: " in problem_of(tmp_path, shot="sound: {file: v.wav}")


def test_a_loud_sound_that_only_touches_full_scale_is_fine(tmp_path: Path) -> None:
    heard = listen(write_sound(tmp_path / "v.wav", tone(1, level=1.0, hertz=997)))
    assert heard.trouble is None
    assert heard.clipped_share < 1e-3


@pytest.mark.parametrize(
    ("name", "codec"), [("v.wav", "pcm_s16le"), ("v.flac", "flac"), ("v.m4a", "aac")]
)
def test_a_file_that_was_cut_short_is_damaged(tmp_path: Path, name: str, codec: str) -> None:
    path = write_sound(
        tmp_path / name, tone(4) + np.random.default_rng(1).normal(0, 0.05, 192_000), codec=codec
    )
    assert listen(path).trouble is None
    cut(path, path.stat().st_size // 2)
    assert "damaged" in problem_of(tmp_path, shot=f"sound: {name}")


@pytest.mark.parametrize("content", [b"", b"no sound at all", b"#EXTM3U\nv.flac\n"])
def test_what_is_no_sound_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.mp3").write_bytes(content)
    assert "`v.mp3` " in problem_of(tmp_path, shot="sound: v.mp3")


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_samples_that_are_no_numbers_are_damage(tmp_path: Path, odd: float) -> None:
    samples = tone(1)
    samples[24_000] = odd
    floats, rate = samples.astype("<f4").tobytes(), 48_000
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, 4 * rate, 4, 32)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(floats)) + floats
    (tmp_path / "v.wav").write_bytes(struct.pack("<4sI", b"RIFF", len(body)) + body)
    assert "is damaged" in problem_of(tmp_path, shot="sound: v.wav")


@pytest.mark.parametrize("name", ["https://x.example/v.wav", "s/https://x/v.wav", "file:///v.wav"])
def test_a_sound_with_an_address_is_refused(tmp_path: Path, name: str) -> None:
    assert "fetches no sounds" in problem_of(tmp_path, shot=f"sound: {name}")


def test_music_that_is_too_short_is_reported(tmp_path: Path) -> None:
    write_sound(tmp_path / "m.flac", tone(3), codec="flac")
    said = problem_of(tmp_path, top="soundtrack: m.flac")
    assert "3.00 seconds of music for a film of 5.00" in said


def test_every_format_that_the_reference_names_can_be_heard(tmp_path: Path) -> None:
    for name, codec in (
        ("a.wav", "pcm_s24le"),
        ("a.flac", "flac"),
        ("a.mp3", "mp3"),
        ("a.m4a", "aac"),
        ("a.aac", "aac"),
        ("a.ogg", "flac"),
        ("a.opus", "libopus"),
        ("a.aiff", "pcm_s16be"),
    ):
        heard = listen(write_sound(tmp_path / name, tone(2), codec=codec))
        assert heard.trouble is None, name
        assert heard.seconds == pytest.approx(2, abs=0.06), name


CAPTIONS = "1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i>\nthere\n"


def test_captions_are_read_with_their_times(tmp_path: Path) -> None:
    (tmp_path / "c.srt").write_text(CAPTIONS)
    path = tmp_path / "film.yaml"
    path.write_text(FILM.format(top="captions: c.srt", shot=""))
    (line,) = load_plan(path)[1].captions.lines
    assert (line.begin_seconds, line.end_seconds, line.text) == (1.0, 2.5, "Hello\nthere")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no caption file `c.vtt`"),
        (b"", "has no captions in it"),
        (b"\xff\xfe\x00", "save it as UTF-8"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nback\n", "ends before it begins"),
        (b"WEBVTT\n\n00:02.000 --> 00:03.000\n" + b"word " * 999, "of 4994 letters"),
    ],
)
def test_captions_that_cannot_be_used_are_reported(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "c.vtt").write_bytes(content)
    assert said in problem_of(tmp_path, top="captions: c.vtt")


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("c.srt", b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\na \x1b[31mb\r\n", ["a b"]),
        (
            "c.vtt",
            (
                b"WEBVTT\n\nSTYLE\n::cue {}\n\n00:01.000 --> 00:02.000\n<v Al>a &amp; b\n\n"
                b"NOTE no\nword\n\n00:03.000 --> 00:04.000\nc\n\nNOTE at the end\n"
            ),
            ["a & b", "c"],
        ),
    ],
    ids=["a mark at the beginning, escapes", "notes, styles, voices and entities"],
)
def test_only_what_is_said_is_read(
    tmp_path: Path, name: str, content: bytes, texts: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    path = tmp_path / "film.yaml"
    path.write_text(FILM.format(top=f"captions: {name}", shot=""))
    assert [line.text for line in load_plan(path)[1].captions.lines] == texts


@pytest.mark.parametrize("top", ["soundtrack", "captions"])
def test_a_name_that_no_file_can_have_is_reported(tmp_path: Path, top: str) -> None:
    suffix = ".wav" if top == "soundtrack" else ".srt"
    assert "there " in problem_of(tmp_path, top=f"{top}: {'a' * 5000}{suffix}")
