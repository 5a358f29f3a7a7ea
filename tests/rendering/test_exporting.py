"""A render's folder as a timeline: only a finished one, with files that are found from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.errors import OperatorError
from longtake.record import RunRecord
from longtake.rendering.exporting import export_run
from tests.rendering.taken import plan_of


def test_a_folder_without_a_render_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="no render's folder"):
        export_run(tmp_path, tmp_path / "film.otio", "otio")


def test_a_render_without_a_film_is_reported(tmp_path: Path) -> None:
    RunRecord.of(plan_of("a boat"), storyboard="x", folder="x").write(tmp_path / "run.json")
    with pytest.raises(OperatorError, match="no film yet"):
        export_run(tmp_path, tmp_path / "film.otio", "otio")
