"""Captions: a film that is read as a rehearsal."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from longtake.emulator.drawing import clips
from longtake.emulator.drawing.captions import GROUND, band, band_height, without_band
from longtake.emulator.drawing.landscape import draw_landscape
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.drawing.pictures import Picture
from longtake.emulator.validation import I2V, T2V, read_parameters

PROMPT = "A lighthouse at dusk. The camera holds."
NOTES = ClipNotes("dusk/1.1", "Dusk", "A lighthouse at dusk", "The camera holds")
LATER = ClipNotes("dusk/1.2", "Dusk", "A lighthouse at dusk", "It pushes in, and waves break")
ROWS = band_height(832, 480)


def frames(clip: bytes) -> list[Picture]:
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        return [np.asarray(one.to_ndarray(format="rgb24")) for one in container.decode(video=0)]


def unlike(one: Picture, other: Picture) -> float:
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


@pytest.mark.thorough
def test_each_clip_says_its_own_words_under_one_picture() -> None:
    first = frames(
        clips.text_to_video(read_parameters(T2V, {"prompt": PROMPT}), 3, notes=NOTES, captions=True)
    )
    assert unlike(first[0][-ROWS:], band(NOTES, PROMPT, 832, 480)) < 4
    wanted = read_parameters(I2V, {"prompt": PROMPT, "image": "data:"})
    after = frames(clips.image_to_video(wanted, 4, first[-1], notes=LATER, captions=True))
    assert unlike(after[0], first[-1]) < 2, "frame 0 is the image, with the words that it came with"
    assert unlike(after[1][-ROWS:], band(LATER, PROMPT, 832, 480)) < 4
    picture = after[40][: 480 - ROWS]
    plain = np.abs(picture.astype(np.int16) - np.asarray(GROUND)).max(axis=2) < 8
    assert plain.mean(axis=1).max() < 0.5, "the old band has not moved into the picture"


def test_a_picture_without_a_band_is_whole() -> None:
    picture = draw_landscape("a boat at night", 2, 320, 180, 320)
    assert without_band(picture) is picture


def test_letters_that_the_font_lacks_are_spelled_without_accents() -> None:
    plain = band(ClipNotes(shot="Cafe in Malmo"), "Cafe in Malmo", 832, 480)
    accented = band(ClipNotes(shot="Café in Malmö"), "Café in Malmö", 832, 480)
    assert unlike(plain[40:], accented[40:]) < 1
