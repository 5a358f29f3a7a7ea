"""Small pictures of clips."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from longtake.errors import DamagedClip
from longtake.media.thumbnails import thumbnail
from tests.media.conftest import FRAME_COUNT, HEIGHT, WIDTH, Draw, read_barcode, write_clip


def decoded(jpeg: bytes) -> np.ndarray:
    with av.open(io.BytesIO(jpeg), mode="r", format="mjpeg") as picture:
        return next(picture.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize("frame_index", [0, 7, FRAME_COUNT - 1])
def test_a_thumbnail_shows_the_frame_that_was_asked_for(draw: Draw, frame_index: int) -> None:
    assert read_barcode(decoded(thumbnail(draw(), frame_index, width=WIDTH))) == frame_index


def test_beyond_the_end_it_shows_the_last_frame(draw: Draw) -> None:
    assert read_barcode(decoded(thumbnail(draw(), 999, width=WIDTH))) == FRAME_COUNT - 1


def test_it_keeps_the_shape_and_is_small(draw: Draw) -> None:
    jpeg = thumbnail(draw(), 3, width=96)
    assert decoded(jpeg).shape == (round(HEIGHT / 2), 96, 3)
    assert len(jpeg) < 4000


def test_it_has_the_clips_colours(tmp_path: Path) -> None:
    orange = np.full((112, 192, 3), (200, 120, 40), np.uint8)
    jpeg = thumbnail(write_clip(tmp_path / "orange.mp4", [orange] * 3), 1, width=96)
    assert np.abs(decoded(jpeg).mean(axis=(0, 1)) - (200, 120, 40)).max() < 5


def test_what_is_no_clip_gives_none(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"no clip at all")
    with pytest.raises(DamagedClip, match="gives no thumbnail"):
        thumbnail(tmp_path / "no.mp4", 0, width=96)
