"""The clips are looked at with PyAV alone: nothing of our media room is trusted here."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from longtake.emulator import ColourDrift, Dials
from longtake.emulator.drawing import clips
from longtake.emulator.drawing.ground import extended
from longtake.emulator.drawing.landscape import draw_landscape
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.drawing.pictures import NotAPicture, decode_picture, stretch
from longtake.emulator.drawing.scenery import scenery
from longtake.emulator.drawing.stage import Margins
from longtake.emulator.validation import I2V, T2V, Parameters, read_parameters

Frames = npt.NDArray[np.uint8]
PROMPT = "a lighthouse on a cliff at dusk"


def luma(clip: bytes) -> list[Frames]:
    """Every frame's luma plane, as it is in the file."""
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        return [
            np.asarray(frame.to_ndarray())[: frame.height] for frame in container.decode(video=0)
        ]


def rgb(clip: bytes, frame_index: int) -> Frames:
    """One frame as RGB, converted exactly with the BT.601 matrix."""
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == frame_index % container.streams.video[0].frames:
                how = "BICUBIC|ACCURATE_RND|FULL_CHR_H_INT|FULL_CHR_H_INP"
                flags = av.video.reformatter.Interpolation(0)
                for name in how.split("|"):
                    flags |= av.video.reformatter.Interpolation[name]
                return np.asarray(
                    frame.reformat(
                        format="rgb24", src_colorspace="ITU601", interpolation=flags
                    ).to_ndarray()
                )
    raise AssertionError("no such frame")


def unlike(one: Frames, other: Frames) -> float:
    """Mean absolute difference in levels."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def parameters(model: str, **given: Any) -> Parameters:
    base: dict[str, Any] = {"prompt": PROMPT}
    if model == I2V:
        base["image"] = "data:"
    return read_parameters(model, base | given)


@pytest.fixture(scope="module")
def first_clip() -> bytes:
    return clips.text_to_video(parameters(T2V), 42)


@pytest.fixture(scope="module")
def handed_over(first_clip: bytes) -> Frames:
    return rgb(first_clip, -1)


@pytest.fixture(scope="module")
def second_clip(handed_over: Frames) -> bytes:
    return clips.image_to_video(parameters(I2V), 43, handed_over)


def test_a_clip_is_what_the_service_sends(first_clip: bytes) -> None:
    with av.open(io.BytesIO(first_clip), "r", format="mov") as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        frames = list(container.decode(video=0))
    assert (stream.codec.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
    assert (context.width, context.height) == (832, 480)
    assert (len(frames), stream.average_rate) == (81, 16)
    assert any(int(frame.pict_type) == int(av.video.frame.PictureType.B) for frame in frames)


def test_a_clip_carries_no_colour_tags(first_clip: bytes) -> None:
    with av.open(io.BytesIO(first_clip), "r", format="mov") as container:
        context = container.streams.video[0].codec_context
        tags = (
            context.colorspace,
            context.color_primaries,
            context.color_trc,
            context.color_range,
        )
    assert [int(tag) for tag in tags] == [2, 2, 2, 0]  # 2 and 0: unspecified
    assert b"colr" not in first_clip


def test_the_index_stands_at_the_end_of_the_file(first_clip: bytes) -> None:
    assert first_clip.index(b"mdat") < first_clip.index(b"moov")


def test_the_requested_rate_and_count_are_kept() -> None:
    clip = clips.text_to_video(parameters(T2V, frames_per_second=24, num_frames=100), 1)
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        stream = container.streams.video[0]
        assert (stream.average_rate, stream.frames) == (24, 101)


def test_the_same_words_and_seed_give_the_same_bytes(first_clip: bytes) -> None:
    assert clips.text_to_video(parameters(T2V), 42) == first_clip


def test_another_seed_or_prompt_gives_another_picture() -> None:
    def draw(prompt: str, seed: int) -> Frames:
        return draw_landscape(prompt, seed, 400, 240, 400)

    assert unlike(draw(PROMPT, 42), draw(PROMPT, 43)) > 2
    assert unlike(draw("a wood at night", 42), draw("a wood at noon", 42)) > 20


def test_frame_0_is_the_image_that_was_given(handed_over: Frames, second_clip: bytes) -> None:
    assert unlike(rgb(second_clip, 0), handed_over) < 1.5


def test_an_image_of_another_shape_is_stretched_not_cropped() -> None:
    halves = np.zeros((1080, 1920, 3), np.uint8)
    halves[:, :960] = (200, 40, 40)
    halves[:, 960:] = (40, 40, 200)
    halves[:60] = halves[-60:] = 255
    first = rgb(clips.image_to_video(parameters(I2V), 1, halves), 0)
    assert first.shape == (464, 832, 3)
    assert unlike(first, stretch(halves, 832, 464)) < 3
    assert first[5, 400].min() > 230
    assert first[-6, 400].min() > 230


def test_the_step_across_a_seam_is_like_every_other_step(
    first_clip: bytes, second_clip: bytes
) -> None:
    before, after = luma(first_clip), luma(second_clip)
    at_seam = unlike(before[-1], after[1])
    inner = [unlike(before[k - 1], before[k]) for k in range(60, 81)]
    inner += [unlike(after[k - 1], after[k]) for k in range(2, 20)]
    assert 0.5 < at_seam / float(np.median(inner)) < 2


def best_shift(one: Frames, other: Frames) -> int:
    """By how many columns ``other`` shows the same things further left."""
    width = one.shape[1]
    unlikeness = [unlike(one[:, s : s + width - 8], other[:, : width - 8]) for s in range(9)]
    return int(np.argmin(unlikeness))


def test_the_camera_moves_two_pixels_a_frame_on_both_sides_of_a_seam(
    first_clip: bytes, second_clip: bytes
) -> None:
    before, after = luma(first_clip), luma(second_clip)
    pairs = [
        (before[39], before[40]),
        (before[79], before[80]),
        (before[80], after[1]),
        (after[1], after[2]),
        (after[79], after[80]),
    ]
    assert [best_shift(one, other) for one, other in pairs] == [2] * 5


@pytest.mark.thorough
def test_it_arrives_exactly_at_the_last_image(handed_over: Frames) -> None:
    end = draw_landscape("mountains at noon", 8, 832, 480, 832)
    clip = clips.image_to_video(parameters(I2V), 3, handed_over, end)
    assert unlike(rgb(clip, 0), handed_over) < 1.5
    assert unlike(rgb(clip, -1), end) < 2.5
    frames = luma(clip)
    steps = [unlike(one, other) for one, other in pairwise(frames)]
    assert max(steps) < 4 * float(np.median(steps)), "a cut, not a morph"


@pytest.mark.thorough
def test_colour_drift_is_none_unless_it_is_asked_for(
    handed_over: Frames, second_clip: bytes
) -> None:
    brighter = ColourDrift(gain=0.05)
    drifted = clips.image_to_video(
        parameters(I2V), 43, handed_over, dials=Dials(colour_drift=brighter)
    )
    gained = luma(drifted)[0].mean() - 16.0
    assert gained / (luma(second_clip)[0].mean() - 16.0) == pytest.approx(1.05, abs=0.01)


@pytest.mark.thorough
def test_colour_drift_may_leave_the_first_frame_alone(
    handed_over: Frames, second_clip: bytes
) -> None:
    later = ColourDrift(gain=0.05, from_frame_index=1)
    drifted = luma(
        clips.image_to_video(parameters(I2V), 43, handed_over, dials=Dials(colour_drift=later))
    )
    plain = luma(second_clip)
    assert unlike(drifted[0], plain[0]) < 1
    assert drifted[10].mean() > plain[10].mean() + 2


def test_a_picture_continues_without_changing_what_was_there() -> None:
    picture = draw_landscape(PROMPT, 2, 320, 180, 320)
    around = Margins(left=160, right=160, top=60, bottom=60)
    wide = extended(picture, around, scenery(ClipNotes.of_prompt(PROMPT)), 1)
    assert wide.shape == (300, 640, 3)
    assert np.array_equal(wide[60:240, 160:480], picture)
    edges = [
        unlike(wide[60:240, 159], wide[60:240, 160]),
        unlike(wide[60:240, 479], wide[60:240, 480]),
        unlike(wide[59, 160:480], wide[60, 160:480]),
        unlike(wide[239, 160:480], wide[240, 160:480]),
    ]
    assert max(edges) < 6, "a line stands at the old edge"


def test_new_ground_holds_no_second_lighthouse() -> None:
    picture = draw_landscape(PROMPT, 42, 832, 480, 832)
    scene = scenery(ClipNotes.of_prompt(PROMPT))
    wide = extended(picture, Margins(right=600), scene, 1)
    assert reds(picture) > 200, "the bands of the tower"
    assert reds(wide[:, 832:]) == 0


def reds(picture: Frames) -> int:
    """How many pixels are as red as the bands of the lighthouse."""
    red, green, blue = (picture[..., band].astype(np.int16) for band in range(3))
    return int(((red > 110) & (red > 2.2 * green) & (red > 2.2 * blue)).sum())


def test_a_picture_narrower_than_what_is_asked_for_still_continues() -> None:
    picture = draw_landscape(PROMPT, 2, 96, 180, 96)
    wide = extended(picture, Margins(right=320), scenery(ClipNotes.of_prompt(PROMPT)), 1)
    assert wide.shape == (180, 416, 3)


def test_png_comes_back_as_it_went() -> None:
    picture = draw_landscape(PROMPT, 2, 64, 48, 64)
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG")
    assert np.array_equal(decode_picture(png.getvalue()), picture)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x89PNG\r\n\x1a\nbroken", b"#EXTM3U\n"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        decode_picture(content)


def test_half_size_is_a_sound_smaller_clip(first_clip: bytes) -> None:
    frames = luma(clips.half_size(first_clip))
    assert (len(frames), frames[0].shape) == (81, (240, 416))


def test_a_lit_window_at_the_edge_is_no_line_that_goes_on() -> None:
    picture = np.full((480, 200, 3), 60, np.uint8)
    picture[240:] = 15
    picture[300:306, 188:] = (255, 206, 128)
    wide = extended(picture, Margins(right=200), scenery(ClipNotes.of_prompt("hills at night")), 1)
    assert wide[295:312, 260:].max() < 40


def test_clouds_of_a_storm_at_night_do_not_go_on_as_streaks() -> None:
    words = "the open sea at night in a storm"
    picture = draw_landscape(words, 1, 832, 480, 832)
    wide = extended(picture, Margins(right=600), scenery(ClipNotes.of_prompt(words)), 1)
    rows = wide[: int(0.55 * 480), 1000:].mean(axis=(1, 2))
    assert np.abs(np.diff(rows)).max() < 2
