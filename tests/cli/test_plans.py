"""What ``plan`` says of takes, dissolves and handles, to a person and to a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longtake.cli import run

FILM = """\
title: Harbour
look: {handover: best}
scenes:
  - name: One
    shots:
      - {prompt: a, seconds: 10, takes: {up_to: 3}}
      - {prompt: b, takes: 2}
      - {prompt: c, start: {dissolve: 1}}
"""


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "120")  # so that no cell is broken into lines
    path = tmp_path / "film.yaml"
    path.write_text(FILM, encoding="utf-8")
    return str(path)


def shown(film: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["plan", film, "--fresh"]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_takes_are_shown_with_what_they_cost_at_least_and_at_most(
    film: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shown(film, capsys)
    assert "1 to 3 0.10 to 0.30" in out
    assert "2 0.18" in out
    assert "0.47 to 0.85 USD" in out


def test_dissolves_are_shown_where_they_begin_and_counted(
    film: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shown(film, capsys)
    assert "one/3.1 text, dissolving" in out
    assert "seams: 2 continuous, 0 cut, 1 dissolve (16 frames)" in out


def test_handles_are_shown_with_their_share_of_the_price(
    film: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shown(film, capsys)
    assert "about frame 92 of one/1.1" in out
    assert "handles: up to 12 frames on either side of 1 seam, 6% of the price" in out


def test_a_script_gets_the_same_figures(film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", film, "--fresh", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["usd"], plan["usd_at_most"]) == (0.47, 0.85)
    assert (plan["usd_to_pay"], plan["usd_to_pay_at_most"]) == (0.47, 0.85)
    assert plan["frame_count"] == sum(part["frame_count"] for part in plan["segments"])
    first, second = plan["chains"][0]["clips"][:2]
    assert first["takes"] == {"count": 3, "adaptive": True}
    assert (first["handle_frame_count"], second["handle_frame_count"]) == (12, 0)


def test_check_tells_a_price_that_is_not_certain_as_a_range(
    film: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", film]) == 0
    assert "0.47 to 0.85 USD" in capsys.readouterr().err.replace("\n", " ")
