"""docs/python.md: every example runs, with a Prefect server and without one."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from prefect import flow, task

import longtake
from flows.render import render_storyboard
from longtake.errors import OperatorError, StoryboardError
from longtake.record import read_run
from tasks.blocks import image_to_video, join, last_frame, open_film, text_to_video
from tests.end_to_end.conftest import CALM, Harness
from tests.end_to_end.crash import PATIENT

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text("utf-8"), re.S)
STORYBOARD = f"""\
title: Two ways
look: {{seed: 7, {CALM}}}
scenes:
  - name: chained
    shots:
      - {{prompt: a lighthouse at dusk, seconds: 1}}
      - {{prompt: the lamp is lit, seconds: 1}}
"""
CALM_LOOK = {"continuity": {"colour": "off", "deflash": False, "gate": "off"}}


def example(words: str) -> str:
    """The example that has these words."""
    (found,) = (each for each in EXAMPLES if words in each)
    return found


def names(code: str) -> str:
    """What an example is called in the list of tests: its first line that is its own."""
    lines = (line for line in code.splitlines() if line and "import" not in line)
    return next(lines).strip("@ :")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples: what one has made the next one finds."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "storyboard.yaml").write_text(STORYBOARD, encoding="utf-8")
    return folder


@pytest.mark.thorough
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            code, id=names(code), marks=() if "async def two_clips" in code else pytest.mark.slow
        )
        for code in EXAMPLES
    ],
)
def test_an_example_runs_with_a_server(
    code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    file = folder / "example.py"
    file.write_text(code, encoding="utf-8")
    runpy.run_path(str(file), run_name="__main__")
    said = capsys.readouterr().out
    assert "film.mp4" in said or "USD to pay" in said or "print(" not in code


@pytest.mark.slow
@pytest.mark.parametrize("words", ["async def two_clips", "longtake.render(", "\ndef nightly("])
def test_an_example_runs_without_a_server(words: str, tmp_path: Path) -> None:
    (tmp_path / "storyboard.yaml").write_text(STORYBOARD, encoding="utf-8")
    (tmp_path / "example.py").write_text(example(words), encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PREFECT_API_URL": "",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    }
    ended = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "film.mp4" in ended.stdout


def test_the_film_of_two_clips_takes_a_flow_of_15_lines_at_most() -> None:
    flow = example("async def two_clips").partition("\n\n\n")[2].partition("\n\n\n")[0]
    assert flow.startswith("@flow")
    assert len(flow.splitlines()) <= 15


def test_an_error_of_a_render_is_one_of_the_tree(folder: Path) -> None:
    with pytest.raises(StoryboardError):
        longtake.render("title: nothing\nscenes: []\n", emulated=True, out=folder / "none")


async def test_a_block_outside_of_a_film_is_reported_where_it_belongs() -> None:
    with pytest.raises(OperatorError, match="inside of `async with open_film"):
        await text_to_video.fn("a harbour")


@pytest.mark.thorough
async def test_blocks_share_ledger_and_store_and_pay_once(harness: Harness) -> None:
    with harness.emulator() as emulator:
        profile = str(harness.profile(emulator.base_url, PATIENT))

        @flow
        async def once() -> str:
            async with open_film("Once", out=harness.folder / "out", profile=profile):
                first = await text_to_video("a harbour", **CALM_LOOK)
                frame = await last_frame(first)
                second = await image_to_video("a boat leaves", frame, **CALM_LOOK)
                return str(await join([first, second], "short.mp4"))

        assert await once() == await once() == str(harness.folder / "out/short.mp4")
        assert len(emulator.emulator.requests) == 2
    run = read_run(harness.folder / "out/run.json")
    assert run is not None
    assert (run.state, run.totals.reused) == ("completed", 2)


@pytest.mark.slow
async def test_a_repeated_block_asks_for_the_same_clip(harness: Harness) -> None:
    """A block that fails after its clip was paid for, and is repeated by Prefect."""
    with harness.emulator() as emulator:
        profile = str(harness.profile(emulator.base_url, PATIENT))
        made: list[str] = []

        @task(retries=1, persist_result=False)
        async def twice(prompt: str) -> str:
            clip = await text_to_video.fn(prompt, **CALM_LOOK)
            made.append(clip.sha256)
            if len(made) == 1:
                raise RuntimeError("after it was paid for")
            return clip.sha256

        @flow
        async def repeating() -> str:
            async with open_film("Again", out=harness.folder / "out", profile=profile):
                return await twice("a harbour")

        assert await repeating() == made[0]
        assert len(made) == 2
        assert len(emulator.emulator.requests) == 1


@pytest.mark.slow
async def test_a_plain_flow_inside_an_asynchronous_one_has_the_film_in_the_next_line(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        profile = str(harness.profile(emulator.base_url))
        out = str(harness.folder / "out")

        @flow
        def plain() -> str:
            film: str = render_storyboard.with_options(name="mine")(STORYBOARD, out, profile)
            assert Path(film).is_file()
            return film

        @flow
        async def outer() -> str:
            return plain()

        assert await outer() == str(Path(out) / "film.mp4")
