"""Joins in whole renders: what hands over, dissolves and drifts, and the seams of the examples."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from longtake.documents import load_plan
from longtake.emulator import ColourDrift, Dials, FaultScript
from longtake.rendering.outlook import Outlook
from tests.end_to_end.conftest import Harness
from tests.end_to_end.continuity import (
    PATIENT,
    REVIEWED,
    apart,
    board,
    foreseen,
    frames,
    image_sent,
    no_frame_twice,
    picture,
    step_ratios,
)

pytestmark = pytest.mark.slow


TWO = ("a lighthouse at dusk", "the lamp is lit")


async def test_the_best_handover_keeps_every_frame_of_the_plan(harness: Harness) -> None:
    shot = {"prompt": "a lighthouse at dusk", "seconds": 12, "handover": "best"}
    text = board(shot, "the lamp is lit", gate="flag")
    first = await harness.render(text, profile=REVIEWED)
    assert first.error is None
    film = frames(first.film)
    assert len(film) == 12 * 16 + 80
    assert no_frame_twice(film)
    ratios = step_ratios(first)
    assert len(ratios) == len(first.run.clips) - 1
    assert all(ratio is not None and 0.5 < ratio < 2 for ratio in ratios.values()), ratios
    assert set((await foreseen(harness, text)).clips.values()) == {Outlook.THERE}
    before = first.film.read_bytes()
    again = await harness.render(text, profile=REVIEWED)
    assert again.accepted == []
    assert again.film.read_bytes() == before


async def test_a_dissolve_is_as_long_as_it_was_planned(harness: Harness) -> None:
    second = {"prompt": "a boat at dawn", "start": {"dissolve": 0.5}, "seconds": 4}
    ending = await harness.render(
        board({"prompt": TWO[0], "seconds": 4}, second, gate="flag"), profile=PATIENT
    )
    assert ending.error is None
    film = frames(ending.film)
    assert len(film) == 2 * 64
    left, right = film[64 - 5], film[64 + 4]
    shares = [apart(left, film[at]) / apart(left, right) for at in range(60, 68)]
    assert shares == sorted(shares)
    assert 0.25 < shares[4] < 0.75


async def test_with_paired_colours_a_drifting_chain_ends_nearer_to_one_that_does_not_drift(
    tmp_path: Path, harness: Harness
) -> None:
    shots = [f"a lighthouse, part {number}" for number in range(1, 6)]
    drift = Dials(colour_drift=ColourDrift(gain=0.025, saturation=0.04))
    last: dict[str, np.ndarray] = {}
    for name, colour, dials in (
        ("undrifted", "off", Dials()),
        ("off", "off", drift),
        ("paired", "paired", drift),
    ):
        (tmp_path / name).mkdir()
        with harness.emulator(faults=FaultScript(dials=dials)) as emulator:
            ending = await Harness(tmp_path / name).render_on(
                emulator, board(*shots, gate="off", colour=colour), profile=PATIENT
            )
        assert ending.error is None
        last[name] = np.stack(frames(ending.film)[-40::8])
    left_off = apart(last["off"], last["undrifted"])
    paired = apart(last["paired"], last["undrifted"])
    assert paired < 0.5 * left_off, (paired, left_off)


DRIFTING = FaultScript(dials=Dials(colour_drift=ColourDrift(gain=0.058, saturation=0.115)))
"""About ΔE 1.4 a hop beyond noise: the limit of 5 breaks at hop 4, give or take one."""


FIVE = [f"a lighthouse, part {number}" for number in range(1, 6)]


@pytest.mark.parametrize("mode", ["flag", "reanchor", "cut"])
async def test_before_drift_breaks_the_limit_a_chain_is_flagged_or_starts_over(
    harness: Harness, mode: str
) -> None:
    text = board(*FIVE, gate="flag", colour="off", drift=mode)
    with harness.emulator(faults=DRIFTING) as emulator:
        first = await harness.render_on(emulator, text, profile=REVIEWED)
        assert first.error is None
        film = first.film.read_bytes()
        opening = frames(first.folder / str(next(iter(first.run.clips.values())).file))[0]
        shown = len(frames(first.film))
        after = await foreseen(harness, text)
        again = await harness.render_on(emulator, text, profile=REVIEWED)
    assert shown == 81 + 4 * 80
    clips = list(first.run.clips.values())
    due = next(clip for clip in clips if clip.remark)
    found = [finding for finding in first.run.findings if finding.rule == "drift"]
    assert found[0].place == due.id
    assert found[0].says.startswith((due.remark or "").rpartition(":")[0])
    asked = next(r for r in first.accepted if r.body["prompt"] == due.prompt)
    seam = next(seam for seam in first.run.seams if seam.right == due.id)
    if mode == "flag":
        assert (found[0].severity, seam.kind, due.start) == ("bad", "continuous", "handover")
    elif mode == "reanchor":
        assert (found[0].severity, seam.kind, due.start) == ("note", "cut", "anchor")
        assert due.start_image is not None
        assert image_sent(asked) == due.start_image.sha256
        assert apart(picture(first.folder / str(due.start_image.file)), opening) < 3
    else:
        assert (found[0].severity, seam.kind, due.start) == ("note", "cut", "cut")
        assert (asked.model, due.model, due.usd) == ("wan-2.2-t2v-fast", "wan-2.2-t2v-fast", 0.1)
        assert "image" not in asked.body
    if mode != "flag":
        assert (due.skip_frames, due.kept_frame_count) == (0, 80)
        # Drift is counted up to the clip that starts over, and from there on if others follow it.
        at = clips.index(due)
        stretches = [part for part in (clips[:at], clips[at:]) if len(part) > 1]
        assert [drift.clip_ids for drift in first.run.drift] == [
            tuple(clip.id for clip in part) for part in stretches
        ]
    # It follows from what was measured: foreseen, and the same again.
    assert set(after.clips.values()) == {Outlook.THERE}
    assert after.drift[due.id] in {finding.says for finding in found}
    assert again.accepted == []
    assert again.film.read_bytes() == film
    assert [clip.remark for clip in again.run.clips.values()] == [clip.remark for clip in clips]


@pytest.mark.parametrize("example", ["lighthouse", "vertical", "stills"])
async def test_no_seam_of_the_examples_is_seen(harness: Harness, example: str) -> None:
    folder = Path(__file__).parents[2] / "configs/storyboards"
    shutil.copytree(folder / "stills", harness.folder / "stills")
    text = (folder / f"{example}.yaml").read_text(encoding="utf-8")
    ending = await harness.render(text, profile=REVIEWED)
    assert ending.error is None
    film = [frame[::4, ::4] for frame in frames(ending.film)]
    _, plan = load_plan(harness.folder / "storyboard.yaml")
    assert len(film) == plan.frame_count
    seams = [seam.frame_index for seam in plan.seams if seam.kind == "continuous"]
    assert all(no_frame_twice(film[at - 12 : at + 12]) for at in seams)
    ratios = step_ratios(ending)
    assert len(ratios) == len(seams)
    assert all(ratio is not None and 0.5 < ratio < 2 for ratio in ratios.values()), ratios
