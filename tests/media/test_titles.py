"""Titles are drawn where they are, whatever they say, and an animatic draws the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longtake.media import Ffmpeg, FilmShape, Side, normalise
from longtake.media.fonts import find_font
from longtake.media.lettering import Lettering, as_ass
from longtake.media.titles import draw_title, set_lines
from longtake.story import ShownTitle

ODD = [
    "100% \"true\": 'so'; [in] a,b=c\\N{\\b1} \\h",
    "\u0645\u0631\u062d\u0628 \u202e \u05e9\u05dc\u05d5\u05dd \U0001f47b\U0001f3f4\u200d\u2620",
    "\x1b[31mred\x1b[0m\rline\u2028line\x0bline",
    "Dialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,x",
    "long" * 400,
    "\ud83d alone",
]


def title(text: str = "WORDS", **more: Any) -> ShownTitle:
    facts = {"begin_seconds": 0.25, "end_seconds": 0.75, "ground": "picture", "kind": "scene"}
    facts |= {"fade_in_seconds": 0.0, "fade_out_seconds": 0.0}
    return ShownTitle.model_validate(facts | {"text": text} | more)


@pytest.fixture
def drawn(
    ffmpeg: Ffmpeg, encode: Callable[..., Path], tmp_path: Path, pictures: Any
) -> Callable[..., Any]:
    """The frames of a grey second that titles are drawn into."""

    async def draw(*titles: ShownTitle) -> list[np.ndarray]:
        clip = encode(tmp_path / "c.mp4", [np.full((112, 192, 3), 90, np.uint8)] * 16)
        words = Lettering((), 192, 112, find_font(), titles)
        into = tmp_path / "s.mp4"
        size = FilmShape(192, 112, 16)
        await normalise(
            Side(clip, 0), into, ffmpeg=ffmpeg, frame_count=16, lettering=words, shape=size
        )
        return list(pictures(into))

    return draw


async def test_words_are_there_for_their_frames_alone(drawn: Any) -> None:
    bright = [int(picture.max()) > 180 for picture in await drawn(title())]
    assert bright == [False] * 4 + [True] * 8 + [False] * 4


async def test_a_card_covers_the_picture_and_goes_on_from_the_piece_before(drawn: Any) -> None:
    """It began half a second before this piece and fades into the picture over its last half."""
    card = title(
        begin_seconds=-0.5,
        end_seconds=0.5,
        ground="black",
        fade_out_seconds=0.5,
        ground_fade_out_seconds=0.5,
        kind="opening",
    )
    corners = [float(picture[:8, :8].mean()) for picture in await drawn(card)]
    assert corners[0] < 20
    assert corners[:8] == sorted(corners[:8])
    assert 30 < corners[4] < 70
    assert corners[8] == pytest.approx(90, abs=3)


@pytest.mark.parametrize("text", ODD)
async def test_any_text_is_drawn(drawn: Any, text: str) -> None:
    shown = await drawn(title(text))
    assert int(shown[6].max()) > 150
    assert int(shown[0].max()) < 120


@pytest.mark.parametrize("text", ODD)
def test_no_text_can_become_a_command_or_an_event(text: str) -> None:
    events = as_ass(Lettering((), 192, 112, find_font(), (title(text),))).split("[Events]")[1]
    (line,) = [one for one in events.splitlines() if one.startswith("Dialogue:")]
    assert line.count("{") == 1
    assert "\x1b" not in line


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["opening", "scene", "credits"])
@pytest.mark.parametrize("text", ["a", "many words " * 180, "x" * 2000, "line\n" * 40])
def test_lines_fit_into_the_picture(text: str, kind: str) -> None:
    font = find_font()
    lines = set_lines(title(text, kind=kind), 832, 480, font)
    face = font.at(lines.points)
    assert max(face.getlength(one) for one in lines.texts) <= 832 * 0.85
    assert len(lines.texts) * lines.points < 480
    assert lines.points >= 8


def test_an_animatic_shows_what_the_film_will() -> None:
    grey = np.full((112, 192, 3), 90, np.uint8)
    overlay = draw_title(
        title(ground="white", fade_in_seconds=0.25, ground_fade_in_seconds=0.25),
        (192, 112),
        find_font(),
        16,
    )
    seen = [overlay.seen(at) for at in range(16)]
    assert [at for at, one in enumerate(seen) if one] == list(range(4, 12))
    assert seen[4] == (0, 0)
    assert np.array_equal(overlay.over(grey, seen[4]), grey)
    assert overlay.over(grey, seen[6])[0, 0].tolist() == [173] * 3
    last = overlay.over(grey, seen[11])
    assert last[0, 0].tolist() == [255] * 3
    assert last.min() < 40
