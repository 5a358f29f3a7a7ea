"""The door for Python: what it costs to open, and what it gives without rendering."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import longtake
from longtake import media
from longtake.errors import SettingsError, StoryboardError
from longtake.media import door

STORYBOARD = """\
title: Two ways
scenes:
  - name: chained
    shots: [a lighthouse at dusk, the lamp is lit]
"""


@pytest.fixture
def storyboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = tmp_path / "storyboard.yaml"
    path.write_text(STORYBOARD, encoding="utf-8")
    return path


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded once the code has run, in a Python of its own."""
    said = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {name.partition(".")[0] for name in said.split()}


def test_importing_longtake_loads_nothing_but_the_standard_library() -> None:
    new = loaded_by("import longtake") - loaded_by("pass")
    assert {name for name in new if name not in sys.stdlib_module_names} == {"longtake"}
    assert "asyncio" not in new


@pytest.mark.parametrize("name", ["probe", "segments", "measure.pixels"])
def test_any_file_of_the_media_room_can_be_the_first(name: str) -> None:
    assert "longtake" in loaded_by(f"import longtake.media.{name}")


def test_the_media_room_gives_what_its_door_names_and_not_a_file_of_that_name() -> None:
    files = {path.stem for path in Path(media.__path__[0]).glob("*.py")}
    assert not files & set(door.__all__)
    assert {name: getattr(media, name) for name in door.__all__} == {
        name: getattr(door, name) for name in door.__all__
    }


def test_checking_and_planning_load_no_prefect(storyboard: Path) -> None:
    code = (
        f"import longtake; longtake.check({str(storyboard)!r}); longtake.plan({str(storyboard)!r})"
    )
    assert not {"prefect", "httpx", "sqlalchemy"} & loaded_by(code)


def test_a_plan_says_what_is_to_be_paid(storyboard: Path) -> None:
    planned = longtake.plan(storyboard)
    assert planned.usd == planned.usd_at_most == pytest.approx(0.19)
    assert planned.outlook == {"chained/1.1": "new", "chained/2.1": "new"}
    assert [clip.id for clip in planned.plan.clips] == list(planned.outlook)


def test_every_problem_of_a_storyboard_is_raised_at_once(storyboard: Path) -> None:
    storyboard.write_text(STORYBOARD.replace("title", "titel") + "    loook: 1\n", encoding="utf-8")
    with pytest.raises(StoryboardError) as caught:
        longtake.check(storyboard)
    assert len(caught.value.problems) >= 2
    assert all(problem.line for problem in caught.value.problems)


def test_advice_is_given_where_it_is_asked_for(storyboard: Path) -> None:
    text = STORYBOARD.replace("the lamp is lit", "cut to the same man, he leaves")
    storyboard.write_text(text, encoding="utf-8")
    assert len(longtake.check(storyboard, lint=True)) > len(longtake.check(storyboard))


def test_what_the_door_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'rendr'"):
        _ = longtake.rendr


async def test_a_proxy_that_no_client_can_use_is_reported_before_anything_is_started(
    storyboard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks://proxy.example:1080")
    with pytest.raises(SettingsError, match="HTTPS_PROXY"):
        await longtake.arender(storyboard, emulated=True)
