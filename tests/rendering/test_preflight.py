"""What words in the picture need is there before anything is paid for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longtake.errors import MissingFfmpeg, OperatorError
from longtake.media import find_ffmpeg
from longtake.media.binary import Ffmpeg, require_lettering
from longtake.rendering.preflight import preflight


def storyboard(folder: Path, **film: object) -> Path:
    path = folder / "film.yaml"
    scenes = [{"name": "One", "shots": ["a boat"]}]
    path.write_text(json.dumps({"title": "T", "scenes": scenes} | film), encoding="utf-8")
    return path


def profile(folder: Path, font: str) -> str:
    path = folder / "profile.yaml"
    path.write_text(json.dumps({"font": font}), encoding="utf-8")
    return str(path)


def test_a_font_that_cannot_be_used_is_reported_where_words_are_drawn(tmp_path: Path) -> None:
    named = profile(tmp_path, str(tmp_path / "no.ttf"))
    silent = storyboard(tmp_path)
    assert preflight(silent, tmp_path / "out", profile=named, emulated=True).folder.is_dir()
    worded = storyboard(tmp_path, titles={"opening": "T"})
    with pytest.raises(OperatorError, match="no font that can be used"):
        preflight(worded, tmp_path / "out", profile=named, emulated=True)


def test_an_ffmpeg_without_libass_is_reported(tmp_path: Path) -> None:
    require_lettering(find_ffmpeg())
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho ' ... scale V->V'\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(MissingFfmpeg, match="without libass"):
        require_lettering(Ffmpeg(str(program), "5.1", "named", frozenset()))
