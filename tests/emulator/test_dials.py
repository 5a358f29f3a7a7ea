from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from longtake.emulator import ColourDrift, Dials, FaultScript, load_faults
from longtake.emulator.drawing import clips, motion
from longtake.emulator.drawing.dials import FAULTLESS
from longtake.emulator.drawing.landscape import draw_landscape
from longtake.emulator.drawing.pictures import Planes, to_planes
from longtake.emulator.validation import I2V, T2V, read_parameters
from tests.emulator.doc_tables import dial_table
from tests.emulator.service import BODY, Service, service

DOCS = Path(__file__).parents[2] / "docs" / "emulator.md"
WIDTH, HEIGHT = 96, 64
FLAT = Planes(
    np.full((HEIGHT, WIDTH), 100, np.uint8),
    np.full((HEIGHT // 2, WIDTH // 2), 120, np.uint8),
    np.full((HEIGHT // 2, WIDTH // 2), 140, np.uint8),
)
IMAGE = draw_landscape("a harbour at noon", 5, 832, 464, 832)

Frames = npt.NDArray[np.int16]


def flat(count: int) -> Iterator[Planes]:
    return iter([FLAT] * count)


def continued(**dials: Any) -> Frames:
    """Every frame's luma of an i2v clip that starts at IMAGE, at a quarter of its size."""
    parameters = read_parameters(I2V, {"prompt": "a harbour at noon", "image": "data:"})
    clip = clips.image_to_video(parameters, 7, IMAGE, dials=Dials(**dials))
    return frames_of(clip)


def frames_of(clip: bytes) -> Frames:
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        lumas = [one.to_ndarray()[: one.height : 4, ::4] for one in container.decode(video=0)]
    return np.stack(lumas).astype(np.int16)


def steps(frames: Frames) -> npt.NDArray[np.float64]:
    """Mean change from each frame to the next."""
    return np.asarray(np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2)), np.float64)


@pytest.fixture(scope="module")
def faultless() -> Frames:
    return continued()


def test_a_drift_may_ramp_in() -> None:
    dial = ColourDrift(gain=0.5, from_frame_index=1, over_frames=4)
    lumas = [int(frame.luma[0, 0]) for frame in motion.drift(flat(7), dial)]
    assert lumas == [100, 100, 110, 121, 132, 142, 142]


def test_a_constant_drift_holds_from_its_first_frame_on() -> None:
    dial = ColourDrift(tint_red=6, saturation=0.5)
    frames = list(motion.drift(flat(3), dial))
    assert [int(one.red[0, 0]) for one in frames] == [152] * 3
    assert [int(one.blue[0, 0]) for one in frames] == [116] * 3


def test_a_flash_fades() -> None:
    lit = motion.flare(flat(6), Dials(flash=25.5, flash_frames=4))
    assert [int(one.luma[0, 0]) - 100 for one in lit] == [22, 16, 11, 5, 0, 0]


def test_a_shift_moves_luma_and_chroma_together() -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[20:30, 40:60] = (200, 40, 40)
    planes = to_planes(picture)
    moved = next(motion.shift(iter([planes]), 4, -2))
    assert np.array_equal(moved.luma[18:28, 44:64], planes.luma[20:30, 40:60])
    assert np.array_equal(moved.red[9:14, 22:32], planes.red[10:15, 20:30])


def test_softness_blurs_and_keeps_the_light() -> None:
    stripes = FLAT.luma.copy()
    stripes[:, ::4] = 200
    (soft,) = motion.soften(iter([Planes(stripes, FLAT.blue, FLAT.red)]), 1.5)
    assert soft.luma.std() < 0.4 * stripes.std()
    assert abs(float(soft.luma.mean()) - float(stripes.mean())) < 0.6


def test_grain_is_as_strong_as_told_and_another_on_every_frame() -> None:
    one, other = motion.grain(flat(2), 3.0, seed=1)
    assert 2.8 < one.luma.std() < 3.2
    assert not np.array_equal(one.luma, other.luma)


def test_dials_at_rest_change_no_frame() -> None:
    frames = motion.shift(motion.soften(motion.drift(flat(2), ColourDrift()), 0), 0, 0)
    frames = motion.grain(motion.flare(frames, FAULTLESS), 0, 1)
    assert all(frame is FLAT for frame in frames)


@pytest.mark.parametrize(
    ("dials", "times"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"duplicate_frames": 2}, [0, 0, 0, 1, 2, 3]),
        ({"standstill_frames": 3}, [0, 0.25, 0.75, 1.5, 2.5, 3.5]),
        ({"freeze_frame_index": 2, "freeze_frames": 3}, [0, 1, 2, 2, 2, 3]),
    ],
)
def test_dials_say_which_moment_a_frame_shows(dials: dict[str, Any], times: list[float]) -> None:
    assert Dials(**dials).times(6) == times


@pytest.mark.thorough
def test_a_frozen_clip_stands_still_and_goes_on(faultless: Frames) -> None:
    usual = float(np.median(steps(faultless)))
    frozen = steps(continued(freeze_frame_index=30, freeze_frames=10))
    assert frozen[31:38].max() < 0.35 * usual
    assert np.median(frozen[42:]) > 0.6 * usual


def test_repeated_first_frames_are_the_image_again(faultless: Frames) -> None:
    repeated = continued(duplicate_frames=3)
    assert np.abs(repeated[3] - faultless[0]).mean() < 1.5
    assert np.abs(repeated[13] - faultless[10]).mean() < 2.5


def test_an_unprompted_cut_is_one_great_step(faultless: Frames) -> None:
    cut = steps(continued(cut_frame_index=40))
    assert int(cut.argmax()) == 39
    assert cut[39] > 5 * np.median(steps(faultless))


def test_a_wrong_start_shows_another_picture(faultless: Frames) -> None:
    assert np.abs(continued(wrong_start=True)[0] - faultless[0]).mean() > 5


def test_last_image_may_be_overlooked(faultless: Frames) -> None:
    parameters = read_parameters(I2V, {"prompt": "a harbour at noon", "image": "data:"})
    end = draw_landscape("a forest at dusk", 9, 832, 464, 832)
    deaf = clips.image_to_video(parameters, 7, IMAGE, end, Dials(ignores_last_image=True))
    assert np.array_equal(frames_of(deaf), faultless)


def test_a_t2v_clip_may_be_cut_but_starts_from_nothing() -> None:
    parameters = read_parameters(T2V, {"prompt": "a harbour at noon"})
    cut = frames_of(clips.text_to_video(parameters, 7, Dials(cut_frame_index=20, flash=40)))
    assert int(steps(cut).argmax()) == 19
    assert abs(float(cut[0].mean()) - float(cut[15].mean())) < 4


@pytest.mark.thorough
def test_the_first_take_may_be_bad_and_the_second_good() -> None:
    rule = {"on": "job", "times": 1, "do": "bad_take", "dials": {"cut_frame_index": 20}}
    script = FaultScript.model_validate({"faults": [rule]})
    with service(faults=script) as emulated:
        first, second = (_clip(emulated, seed) for seed in (11, 12))
    assert steps(first).max() > 5 * np.median(steps(first))
    assert steps(second).max() < 3 * np.median(steps(second))


def test_the_dials_of_a_script_hold_for_every_clip(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text("dials:\n  cut_frame_index: 30\n")
    with service(faults=load_faults(tmp_path / "faults.yaml")) as emulated:
        assert int(steps(_clip(emulated, 11)).argmax()) == 29


def test_a_bad_take_must_say_what_is_bad() -> None:
    with pytest.raises(ValueError, match="`bad_take` needs `dials`"):
        FaultScript.model_validate({"faults": [{"on": "job", "do": "bad_take"}]})
    with pytest.raises(ValueError, match="multiple of 2"):
        Dials(shift_x=3)


def test_every_dial_is_documented_as_it_is() -> None:
    assert all(f"| `{name}" in dial_table() for name in Dials.model_fields)
    assert "|  |" not in dial_table()
    assert dial_table() in DOCS.read_text(), "docs/emulator.md: put in the text of dial_table()"


def _clip(emulated: Service, seed: int) -> Frames:
    request_id = emulated.accepted(BODY | {"seed": seed})
    emulated.finish()
    request = emulated.emulator.find(request_id)
    assert request is not None
    assert request.usd == 0.10
    return frames_of(request.content)


def test_a_file_may_be_another_than_was_asked_for() -> None:
    asked = read_parameters(T2V, {"prompt": "a harbour at noon"})
    dials = Dials(more_frames=-76, more_fps=8, lower_by=16, colour_tags="bt709")
    with av.open(io.BytesIO(clips.text_to_video(asked, 7, dials)), "r", format="mov") as made:
        stream = made.streams.video[0]
        context = stream.codec_context
        assert (stream.frames, stream.average_rate) == (5, 24)
        assert (context.width, context.height) == (832, 464)
        assert (int(context.colorspace), int(context.color_trc)) == (1, 1)


def test_a_seed_may_be_overlooked() -> None:
    with service(dials=Dials(ignores_seed=True, more_frames=-76)) as emulated:
        for _ in range(2):
            emulated.accepted(BODY | {"seed": 7})
        emulated.finish()
        one, two = (request.clip.result() for request in emulated.emulator.requests if request.clip)
    assert one != two
