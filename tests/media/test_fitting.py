"""A transform of colours is fitted to two pictures, undone and written as a cube."""

from __future__ import annotations

import numpy as np

from longtake.media.measure.correcting import cube
from longtake.media.measure.fitting import IDENTITY, applied, composed, fit, inverted
from longtake.media.measure.grading import UNCHANGED
from tests.media.drifts import DRIFT, view


def test_a_fit_is_not_weakened_by_grain() -> None:
    truth = view().reshape(-1, 3)[::3] / 255
    rng = np.random.default_rng(5)
    one, other = (truth + rng.normal(0, 0.03, truth.shape) for _ in range(2))
    matrix = fit(one.astype(np.float32), other.astype(np.float32))[:, :3]
    assert np.allclose(matrix, np.eye(3), atol=0.02)


def test_what_was_redrawn_counts_little() -> None:
    truth = (view().reshape(-1, 3)[::3] / 255).astype(np.float32)
    came = applied(DRIFT, truth).astype(np.float32)
    came[::8] = 0.9
    found = composed(fit(came, truth), DRIFT)
    assert np.abs(applied(found, truth) - truth).mean() < 0.01


def test_gains_and_shifts_are_clamped() -> None:
    truth = (view().reshape(-1, 3)[::3] / 255).astype(np.float32)
    found = fit(truth * 0.4 + 0.3, truth)
    assert np.linalg.svd(found[:, :3])[1].max() <= 1.25 + 1e-9
    moved = applied(fit(np.clip(truth + 0.3, 0, 2), truth), np.full(3, 0.5)) - 0.5
    assert np.abs(moved).max() <= 0.10 + 1e-9


def test_where_there_is_no_colour_nothing_is_believed_of_it() -> None:
    grey = np.repeat(np.linspace(0.1, 0.9, 4000, dtype=np.float32)[:, None], 3, axis=1)
    came = grey + np.random.default_rng(1).normal(0, 0.002, grey.shape).astype(np.float32)
    found = fit(came, grey)
    assert np.abs(applied(found, np.array([0.9, 0.2, 0.1])) - [0.9, 0.2, 0.1]).max() < 0.05


def test_a_transform_can_be_undone() -> None:
    assert np.allclose(composed(inverted(DRIFT), DRIFT), IDENTITY)


def test_a_cube_lists_red_fastest() -> None:
    lines = cube(UNCHANGED).splitlines()
    assert lines[0] == "LUT_3D_SIZE 33"
    assert len(lines) == 1 + 33**3
    assert lines[33].split() == ["1.0000000", "0.0000000", "0.0000000"]
    assert lines[1].split() == ["0.0000000"] * 3
