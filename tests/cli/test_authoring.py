"""``init``, ``check`` and ``plan``: quick, offline, and of use to scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from longtake.cli import run

EXAMPLES = Path(__file__).parents[2] / "configs/storyboards"

WRONG = """\
title: Wrong
look: {resolutoin: 480p}
scenes:
  - name: one
    shots:
      - {prompt: a, seconds: -1}
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_check_tells_every_problem_with_its_line_and_place(
    wrong: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(wrong)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith(f"{wrong}:2: look.resolutoin:") for line in lines)
    assert any("resolution" in line for line in lines)
    assert any(line.startswith(f"{wrong}:6: scenes.0.shots.0.seconds:") for line in lines)
    assert lines[-1] == "2 problems"


def test_check_lists_problems_as_json(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(wrong), "--json"]) == 2
    problems = json.loads(capsys.readouterr().out)
    assert [(problem["line"], problem["place"][0]) for problem in problems] == [
        (2, "look"),
        (6, "scenes"),
    ]


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_without_problems(example: Path) -> None:
    assert run(["check", str(example)]) == 0


def test_the_starter_is_without_problems_and_never_replaces_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "film")]) == 0
    assert run(["check", str(tmp_path / "film/storyboard.yaml")]) == 0
    assert run(["init", str(tmp_path / "film")]) == 3
    assert "already there" in capsys.readouterr().err


def test_plan_shows_chains_frames_and_price(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(EXAMPLES / "lighthouse.yaml")]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "frame 80 of dusk/1.1" in out
    assert "5 continuous, 2 cut" in out
    assert "8 clips in 3 chains" in out
    assert "0.75 USD" in out


def test_plan_counts_with_as_many_jobs_at_once_as_the_profile_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wide.yaml"
    shots = "".join(f"  - {{prompt: boat {n}, start: cut}}\n" for n in range(36))
    path.write_text(f"title: Wide\nscenes:\n- name: A\n  shots:\n{shots}", encoding="utf-8")
    monkeypatch.setenv("LONGTAKE_CONCURRENCY", "12")
    assert run(["plan", str(path), "--json", "--fresh"]) == 0
    data = json.loads(capsys.readouterr().out)
    [seconds] = {clip["expected_seconds"] for chain in data["chains"] for clip in chain["clips"]}
    assert (data["concurrency"], data["wall_seconds"]) == (12, 3 * seconds)
    assert data["deepest_hop"] == 0


def test_plan_as_json_is_the_whole_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(EXAMPLES / "lighthouse.yaml"), "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["frame_count"] == sum(
        clip["kept_frame_count"] for chain in plan["chains"] for clip in chain["clips"]
    )
    assert {seam["kind"] for seam in plan["seams"]} == {"continuous", "cut"}


def test_plan_counts_with_the_prices_of_a_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "dear.yaml"
    profile.write_text("rates: {usd: {wan-2.2-t2v-fast: {480p: 1}}}", encoding="utf-8")
    example = str(EXAMPLES / "lighthouse.yaml")
    assert run(["plan", example, "--profile", str(profile), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["usd"] == pytest.approx(3.45)


def test_lint_gives_advice_with_its_line_and_the_storyboard_is_right_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "road.yaml"
    path.write_text(
        "title: Road\nscenes:\n- name: A\n  shots:\n  - A road\n  - The road again\n",
        encoding="utf-8",
    )
    assert run(["check", str(path), "--lint"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "road.yaml:6: scenes.0.shots.1.prompt: relative: `again`" in said
    assert run(["check", str(path), "--lint", "--json"]) == 0
    [advice] = json.loads(capsys.readouterr().out)
    assert advice["line"] == 6
    assert run(["check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("arguments", [["plan", str(EXAMPLES / "lighthouse.yaml")], ["--help"]])
def test_what_an_author_uses_imports_neither_prefect_nor_a_network(
    arguments: list[str], tmp_path: Path
) -> None:
    code = (
        "import sys; from longtake.cli import run; "
        f"code = run({arguments!r}); "
        "heavy = {'asyncio', 'prefect', 'httpx', 'av', 'numpy', 'sqlalchemy'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["rendr"], ["plan"], ["plan", "a", "b"], ["check", "--x"]])
def test_a_wrong_command_line_exits_with_2(arguments: list[str]) -> None:
    assert run(arguments) == 2


def test_a_missing_storyboard_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "nowhere.yaml"]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err


def test_check_opens_every_picture_next_to_the_storyboard_and_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    path = tmp_path / "film.yaml"
    shots = "[{prompt: a, start: a.png}, {prompt: b, start: 'data:image/png;base64,iVBORw=='}]"
    path.write_text(f"title: T\nscenes: [{{name: one, shots: {shots}}}]\n", encoding="utf-8")
    assert run(["check", str(path), "--json"]) == 2
    first, second = json.loads(capsys.readouterr().out)
    assert "`a.png` is a git-lfs pointer" in first["message"]
    assert "the data URL is a damaged PNG" in second["message"]
