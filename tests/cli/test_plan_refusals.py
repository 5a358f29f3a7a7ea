"""``plan`` with a limit, kept in a file, as JSON: what a script goes by."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from longtake.cli import run
from longtake.rendering.plan_document import schema_text

ROOT = Path(__file__).parents[2]
FILM = """\
title: Harbour
scenes:
  - {name: One, shots: [a quay, {prompt: a crane turns, takes: {up_to: 3}}]}
  - {name: Two, shots: [a ship]}
"""


@pytest.fixture
def film(tmp_path: Path) -> str:
    path = tmp_path / "film.yaml"
    path.write_text(FILM, encoding="utf-8")
    return str(path)


def test_the_committed_schema_is_the_models() -> None:
    """If not: python -m longtake.rendering.plan_document > configs/schema/plan.schema.json."""
    committed = ROOT / "configs/schema/plan.schema.json"
    assert committed.read_text(encoding="utf-8") == schema_text()


def test_a_plan_as_json_is_what_its_schema_says(
    film: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", film, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(plan)
    assert plan["decisions"]["one/1.1"]["because"] == "new"
    assert plan["decisions"]["one/2.1"]["takes_at_most"] == 3


def test_too_dear_a_plan_is_refused_with_the_ways_on(
    film: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", film, "--max-usd", "0.2", "--json"]) == 3
    refused = json.loads(capsys.readouterr().out)["refused"]
    assert (refused["error"], refused["exit_code"], refused["usd"]) == ("OverMaxUsd", 3, 0.29)
    assert refused["go_on"] == [
        {"do": "allow what it costs", "max_usd": 0.29, "usd": 0.29},
        {"do": "allow the most it may cost", "max_usd": 0.47, "usd": 0.47},
        {"do": "render some shots", "only": ["one/1", "one/2"], "usd": 0.19},
    ]
    assert run(["plan", film, "--max-usd", "0.2", "--only", "one/1", "one/2"]) == 0


def test_a_plan_is_kept_with_seeds_that_are_drawn(film: str, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert run(["plan", film, "--out", str(out)]) == 0
    kept = json.loads(out.read_text("utf-8"))
    assert kept["seeds_drawn"]
    assert kept["basis"]["storyboard"] == film


def test_a_stale_plan_is_refused_before_anything_is_started(
    film: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    folder = str(tmp_path / "film")
    assert run(["plan", film, "--emulated", "--folder", folder, "--out", str(out)]) == 0
    Path(film).write_text(FILM.replace("a ship", "a tug"), encoding="utf-8")
    capsys.readouterr()
    assert run(["render", "--plan", str(out), "--json"]) == 6
    refused = json.loads(capsys.readouterr().out)["refused"]
    assert refused["changed"] == {"storyboard": "edited since the plan was made"}


def test_a_render_needs_a_storyboard_or_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render"]) == 2
    assert "name a storyboard, or a plan with --plan" in capsys.readouterr().err


def test_a_shot_that_is_not_there_is_named(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", film, "--only", "one/7"]) == 2
    assert "no shot 'one/7'" in capsys.readouterr().err
