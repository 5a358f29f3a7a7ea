"""An animatic has the film's timing, sound, titles and captions, and costs nothing."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.cli import run
from longtake.documents import load_plan
from tests.media.sounds import read_sound
from tests.rendering.ninety import SECONDS, write_ninety
from tests.rendering.plain import board
from tests.rendering.test_own_clips import film


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety seconds with everything, and the animatic of it."""
    folder = tmp_path_factory.mktemp("ninety")
    path = write_ninety(folder)
    assert run(["animatic", str(path)]) == 0
    return folder


def pictures(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="gray")[::8, ::8] for frame in container.decode(video=0)]


@pytest.mark.thorough
def test_every_cut_and_dissolve_is_at_its_frame(folder: Path) -> None:
    _, plan = load_plan(folder / "ninety.yaml")
    shown = pictures(folder / "ninety.animatic.mp4")
    assert len(shown) == plan.frame_count == SECONDS * 16
    steps = np.array([np.abs(b.astype(int) - a).mean() for a, b in pairwise(shown)])
    moving = set((np.flatnonzero(steps > 0.25) + 1).tolist())
    cuts = {seam.frame_index for seam in plan.seams if seam.kind == "cut"}
    assert cuts <= moving
    spans = {
        frame
        for seam in plan.seams
        for frame in range(seam.frame_index, seam.frame_index + seam.frame_count + 1)
    }
    titled = {
        frame
        for title in plan.titles
        for frame in range(round(title.begin_seconds * 16), round(title.end_seconds * 16) + 1)
    }
    assert moving <= spans | titled
    assert len(moving & titled) > 16  # cards come up and go


@pytest.mark.thorough
def test_its_sound_is_the_films(folder: Path) -> None:
    heard = np.abs(read_sound(folder / "ninety.animatic.mp4"))
    assert len(heard) / 48_000 <= SECONDS
    loud = np.flatnonzero(heard > 0.6) / 48_000
    assert loud[0] < 1 / 16
    assert SECONDS - 0.5 <= loud[-1] < SECONDS - 0.5 + 1 / 16


def test_it_has_captions_and_chapters(folder: Path) -> None:
    with av.open(str(folder / "ninety.animatic.mp4")) as container:
        assert container.streams.subtitles[0].language == "eng"
        assert len(container.chapters()) == 9
        assert "animatic" in container.metadata["comment"]


@pytest.mark.parametrize("fps", [16, 24])
def test_a_still_stands_for_the_clip_that_begins_from_it(tmp_path: Path, fps: int) -> None:
    from PIL import Image

    Image.new("RGB", (400, 400), (255, 0, 0)).save(tmp_path / "red.png")
    shots: list[Any] = [{"prompt": "a", "seconds": 1, "start": "red.png"}]
    film = {"title": "T", "look": {"frames_per_second": fps}}
    path = tmp_path / "t.yaml"
    path.write_text(json.dumps(film | {"scenes": [{"name": "One", "shots": shots}]}))
    assert run(["animatic", str(path), "--out", str(tmp_path / "a" / "t.mp4")]) == 0
    with av.open(str(tmp_path / "a" / "t.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == fps
    red, green, _ = frames[-1][240, 600]
    assert red > 200
    assert green < 40


def test_a_clip_of_ones_own_is_shown_by_its_middle_frame(tmp_path: Path) -> None:
    film(tmp_path / "own.mp4", seconds=1)
    (tmp_path / "film.yaml").write_text(board({"clip": "own.mp4"}, "a boat"), encoding="utf-8")
    assert run(["animatic", str(tmp_path / "film.yaml")]) == 0
    shown = pictures(tmp_path / "film.animatic.mp4")
    assert shown[0].std() > 1.5 * shown[-1].std()  # bars and colours, not a card's two shades
