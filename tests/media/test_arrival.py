"""The last frame of a clip against the picture that it was sent to end on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longtake.errors import MediaError
from longtake.media import fit_arrival, read_arrival
from longtake.media.measure.correcting import apply, grade_at
from longtake.media.measure.fitting import IDENTITY
from longtake.media.measure.pixels import decode_rgb, delta_e, write_png
from longtake.media.measure.registering import reduced
from longtake.story.readings import Calibration
from tests.media.test_colour import DRIFT, Rgb, drifted, encode, returned, rows, view

__all__ = ["encode", "returned"]  # fixtures

Returned = Callable[[list[Rgb]], Path]
UNTOUCHED = Calibration(applied=False, reason="nothing to do")
START, END = view(), view(32)


def drifting(count: int = 9, drift: np.ndarray = DRIFT) -> list[Rgb]:
    """From one view to the other, while colours go astray more and more."""
    way = np.linspace(0, 1, count)
    return [
        drifted(view(round(32 * at)), IDENTITY + at * (drift - IDENTITY), seed=None) for at in way
    ]


def unlike(one: Rgb, other: Rgb) -> float:
    return float(delta_e(reduced(one, 4), reduced(other, 4)).mean())


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """The picture that the clip is to end on."""
    write_png(END, tmp_path / "end.png")
    return tmp_path / "end.png"


async def test_a_clip_that_ends_on_its_picture_arrived(sent: Path, returned: Returned) -> None:
    found = await read_arrival(sent, returned([START, view(16), END]))
    assert found.repeats
    assert found.colour_step < 3  # what coding takes


@pytest.mark.parametrize("last", [START, view(seed=2), np.full_like(END, 128)])
async def test_a_clip_that_ends_elsewhere_did_not(
    last: Rgb, sent: Path, returned: Returned
) -> None:
    assert not (await read_arrival(sent, returned([END, view(16), last]))).repeats


async def test_a_picture_of_another_shape_is_stretched_as_the_service_does(
    tmp_path: Path, returned: Returned
) -> None:
    write_png(np.repeat(END, 2, axis=1), tmp_path / "wide.png")
    assert (await read_arrival(tmp_path / "wide.png", returned([START, END]))).repeats


async def test_what_the_end_needs_grows_over_the_clip(sent: Path, returned: Returned) -> None:
    clip = returned(drifting())
    fitted = await fit_arrival(UNTOUCHED, sent, clip)
    came = decode_rgb(clip)
    assert fitted.applied
    assert np.allclose(grade_at(fitted, 0).transform, IDENTITY)
    assert unlike(came[-1], END) > 4
    assert unlike(apply(came[-1], grade_at(fitted, -1)), END) < 1.2  # coding alone takes 1.0
    half = apply(came[4], grade_at(fitted, 4))
    assert unlike(half, view(16)) < 0.5 * unlike(came[4], view(16))


async def test_what_the_beginning_needs_stays_as_it_is(sent: Path, returned: Returned) -> None:
    at_start = np.array([[0.96, 0, 0, 0.01], [0, 1.03, 0, 0], [0, 0, 0.98, -0.01]])
    found = Calibration(applied=True, reason="drift", transform=rows(at_start))
    clip = returned([drifted(frame, seed=None) for frame in (START, view(16), END)])
    fitted = await fit_arrival(found, sent, clip)
    assert np.allclose(grade_at(fitted, 0).transform, at_start)
    last = decode_rgb(clip)[-1]
    assert unlike(apply(last, grade_at(fitted, -1)), END) < 1.2
    assert unlike(apply(last, grade_at(found, -1)), END) > 2


async def test_an_end_that_needs_nothing_is_left_alone(sent: Path, returned: Returned) -> None:
    fitted = await fit_arrival(UNTOUCHED, sent, returned([START, view(16), END]))
    assert (fitted.applied, fitted.transform, fitted.ramp) == (False, None, ())
    assert fitted.reason.startswith("nothing to do; at its end: ")


async def test_no_colours_are_fitted_on_a_picture_that_was_not_reached(
    sent: Path, returned: Returned
) -> None:
    fitted = await fit_arrival(UNTOUCHED, sent, returned([*drifting()[:-1], view(seed=3)]))
    assert (fitted.applied, fitted.ramp) == (False, ())
    assert "last frame" in fitted.reason


async def test_a_clip_that_cannot_be_read_is_an_error(tmp_path: Path, sent: Path) -> None:
    (tmp_path / "came.mp4").write_bytes(b"no clip")
    with pytest.raises(MediaError):
        await read_arrival(sent, tmp_path / "came.mp4")
