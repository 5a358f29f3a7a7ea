"""Models of colour errors, with the sizes that were measured on clips that models made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from longtake.media import calibrate
from longtake.media.grade_filters import WHITE
from longtake.media.measure.correcting import apply, cube, grade_at
from longtake.media.measure.grading import AT, FLAT, LUMA, Grade, graded, held
from longtake.media.measure.models import choose, luma_curve
from longtake.media.measure.pairing import Pair, distance, pair_of
from longtake.media.measure.pixels import write_png
from longtake.media.measure.registering import Shift, luma_of, reduced
from longtake.media.measure.sharpening import (
    MOST,
    blurred,
    sharpened,
    sharpening_for,
)
from tests.media.test_colour import DRIFT, HEIGHT, WIDTH, Encode, Rgb, drifted, encode, view

__all__ = ["encode"]  # the fixture, for pytest

LIFT = np.interp(AT, [0, 0.25, 0.75, 1], [5, 14, -3, -7]) / 255


def lifted(picture: Rgb, share: float = 1.0) -> Rgb:
    """Black raised and white lowered, as four steps of distillation do."""
    levels = picture + 255 * share * np.interp(picture @ LUMA / 255, AT, LIFT)[..., None]
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def red(picture: Rgb) -> Rgb:
    """The same view with its colours nearly on one line."""
    grey = (picture @ LUMA)[..., None]
    return np.clip(np.rint(grey * [1.0, 0.25, 0.2] + [20, 12, 10]), 0, 255).astype(np.uint8)


def chosen(pair: Pair) -> tuple[str, Grade]:
    sent, came = pair.samples
    choice = choose(came, sent, pair.tiles)
    return choice.name, choice.grade


def test_lost_contrast_is_a_curve_and_comes_back() -> None:
    pair = pair_of(view(), lifted(view()))
    name, grade = chosen(pair)
    before, after = distance(pair), distance(pair, grade)
    assert name in ("a curve of luma, and gains", "mixtures of colours")
    assert after.colour < before.colour / 4
    assert after.bias < 0.3


async def test_a_curve_is_undone_on_fine_detail_across_its_bends(
    tmp_path: Path, encode: Encode
) -> None:
    checkers = np.indices((HEIGHT, WIDTH)).sum(axis=0) // 2 % 2
    grey = np.linspace(20, 150, WIDTH) + 100 * checkers
    sent = np.repeat(np.rint(grey)[..., None], 3, axis=-1).astype(np.uint8)
    write_png(sent, tmp_path / "sent.png")
    came = encode(tmp_path / "came.mp4", [lifted(sent)] * 2)
    found = await calibrate(tmp_path / "sent.png", came)
    apart = apply(lifted(sent), grade_at(found, 0)).astype(float) - sent
    assert abs(float(apart.mean())) < 0.3


def test_white_that_was_sent_tells_what_was_lost_of_it() -> None:
    sent = view()
    sent[: sent.shape[0] // 3] = 255
    _, grade = chosen(pair_of(sent, lifted(sent)))
    assert 255 * graded(grade, lifted(sent)[5, 5] / 255) == pytest.approx([255] * 3, abs=1.5)


def test_on_a_picture_of_one_colour_nothing_is_invented_of_the_others() -> None:
    sent = red(view())
    came = drifted(sent, np.column_stack([np.diag([0.97, 1.02, 1.04]), [0.01, 0.02, 0.03]]))
    _, grade = chosen(pair_of(sent, came))
    mixed = grade.transform[:, :3] - np.diag(np.diag(grade.transform[:, :3]))
    assert np.abs(mixed).max() < 0.12
    assert distance(pair_of(sent, came), grade).colour < distance(pair_of(sent, came)).colour / 2


def test_a_cast_is_an_offset_and_a_faultless_pair_is_nothing() -> None:
    cast = np.column_stack([np.eye(3), [0.012, 0.0, -0.012]])
    assert chosen(pair_of(view(), drifted(view(), cast)))[0] == "offsets"
    assert chosen(pair_of(view(), drifted(view(), np.eye(3, 4))))[0] == "none"


def test_mixtures_are_found_where_the_picture_shows_them() -> None:
    name, grade = chosen(pair_of(view(), drifted(view())))
    assert name == "mixtures of colours"
    truth = view().reshape(-1, 3)[::7] / 255
    shown = graded(grade, truth @ DRIFT[:, :3].T + DRIFT[:, 3])
    assert np.abs(shown - truth).mean() < 0.01


def test_lost_contrast_and_gains_of_channels_are_found_together() -> None:
    """What is left is not a mixture of colours, which would be handed on."""
    gains = np.array([0.97, 1.0, 1.04])
    truth = view() / 255
    came = truth * gains
    came = came + np.interp(came @ LUMA, AT, LIFT)[..., None]
    pair = pair_of(view(), np.clip(np.rint(255 * came), 0, 255).astype(np.uint8))
    _, grade = chosen(pair)
    mixed = grade.transform[:, :3] - np.diag(np.diag(grade.transform[:, :3]))
    assert np.abs(mixed).max() < 0.01
    assert np.diag(grade.transform[:, :3]) == pytest.approx(1 / gains, abs=0.01)
    assert distance(pair, grade).bias < 0.2


@pytest.mark.parametrize("noise", [0.0, 0.04])
def test_a_curve_is_as_smooth_as_the_pair_is_noisy(noise: float) -> None:
    rng = np.random.default_rng(3)
    luma = rng.uniform(0.05, 0.95, 3000)
    kinked = np.interp(luma, [0, 0.25, 1], [0.01, 0.04, -0.02])
    came = luma + kinked + rng.normal(0, noise, luma.shape)
    own, smooth = (
        float(np.abs(np.interp(luma + kinked, AT, curve) + kinked).mean())
        for curve in (luma_curve(came, luma), luma_curve(came, luma, error=0.01))
    )
    assert own == smooth if noise else own < 0.9 * smooth


def test_a_curve_is_not_weakened_by_grain() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(0.1, 0.9, 6000)
    came = truth + np.interp(truth, AT, LIFT) + rng.normal(0, 0.02, truth.shape)
    found = luma_curve(came, truth + rng.normal(0, 0.02, truth.shape))
    back = truth + np.interp(truth, AT, LIFT)
    assert np.abs(back + np.interp(back, AT, found) - truth).mean() < 0.005


def test_a_curve_stays_within_its_slopes() -> None:
    slopes = np.diff(held(np.where(AT < 0.5, 0.09, -0.09))) * (len(AT) - 1)
    assert slopes.min() >= -0.2 - 1e-9


def test_the_lut_of_a_curve_does_what_the_frame_gets() -> None:
    grade = Grade(np.eye(3, 4), LIFT)
    lines = cube(grade).splitlines()
    size = int(lines[0].split()[1])
    greys: npt.NDArray[np.float64] = np.array(
        [[float(one) for one in lines[1 + at * (size**2 + size + 1)].split()] for at in range(size)]
    )
    steps = np.linspace(0, 1 / WHITE, size)
    assert np.allclose(greys[:, 0] / WHITE, steps + np.interp(steps, AT, LIFT), atol=1e-5)
    assert len(cube(Grade(np.eye(3, 4), FLAT)).splitlines()) == 1 + 33**3
    assert np.array_equal(apply(view(), Grade(np.eye(3, 4), FLAT)), view())


def softened(picture: Rgb, sigma: float) -> Rgb:
    soft = [blurred(picture[..., at].astype(np.float32), sigma) for at in range(3)]
    return np.clip(np.rint(np.stack(soft, -1)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sigma", [0.4, 0.6])
def test_what_a_hop_took_of_sharpness_is_given_back(sigma: float) -> None:
    came = softened(view(), sigma)
    amount = sharpening_for(view(), came)
    assert 0 < amount <= MOST
    assert sharpening_for(view(), sharpened(came, amount)) < amount / 4
    assert np.abs(sharpened(came, amount).astype(int) - came).max() < 60


def test_under_noise_as_much_sharpness_is_given_back_as_does_not_lead_away() -> None:
    rng = np.random.default_rng(3)
    soft = softened(view(), 0.6)
    wholly = sharpening_for(view(), soft)
    noisy = np.clip(soft + rng.normal(0, 9, soft.shape[:2])[..., None], 0, 255).astype(np.uint8)
    amount = sharpening_for(view(), noisy)
    assert amount < wholly
    sent, before, after = (
        reduced(luma_of(one), 2) for one in (view(), noisy, sharpened(noisy, amount))
    )
    assert ((after - sent) ** 2).mean() <= 1.001 * ((before - sent) ** 2).mean()


def test_a_shift_by_parts_of_a_pixel_is_not_taken_for_blur() -> None:
    came = softened(view(), 0.4)
    amount = sharpening_for(view(), came)
    assert sharpening_for(view(), came, Shift(0.3, 0.2, 1.0)) == pytest.approx(amount, rel=0.05)


def test_a_picture_that_is_as_sharp_and_grain_are_left_alone() -> None:
    assert sharpening_for(view(), view()) == 0
    flat = np.full((64, 96, 3), 120.0) + np.random.default_rng(1).normal(0, 1, (64, 96, 1))
    grain = np.rint(flat).astype(np.uint8)
    assert np.abs(sharpened(grain, 1.0).astype(int) - grain).mean() < 0.35
