"""The Prefect server of a render: told in a line where it does not answer, and without our key."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from longtake.companion import Companion
from longtake.errors import OperatorError
from tasks.prefect_server import (
    OwnServer,
    is_set_nowhere,
    own_server,
    reach_server,
    reached_server,
    without_secrets,
)


def test_a_server_that_does_not_answer_is_reported_in_one_line_with_both_ways_on() -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}),
        pytest.raises(OperatorError) as caught,
    ):
        reach_server()
    (line,) = str(caught.value).splitlines()
    assert "the Prefect server at http://127.0.0.1:1/api does not answer" in line
    assert "prefect server start" in line
    assert "prefect config unset PREFECT_API_URL" in line


def test_what_is_started_meanwhile_inherits_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"PREFECT_API_DATABASE_PASSWORD": "x", "HOME_SWEET_HOME": "y"}
    for name, value in {"SEGMIND_API_KEY": "SG_x", "AWS_SECRET_ACCESS_KEY": "z", **kept}.items():
        monkeypatch.setenv(name, value)
    with without_secrets():
        assert "SEGMIND_API_KEY" not in os.environ
        assert "AWS_SECRET_ACCESS_KEY" not in os.environ
        assert {name: os.environ[name] for name in kept} == kept
    assert os.environ["SEGMIND_API_KEY"] == "SG_x"


def test_a_server_that_only_comes_up_ends_as_soon_as_nobody_waits_for_it() -> None:
    server = Companion([sys.executable, "-P", "-m", "tasks.own_server"], {})
    assert server.stop(60) == 0
    assert list(server.lines()) == []
    server.close()


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment and a working folder in which nothing is said of Prefect's server."""
    for name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["prefect"]\n')
    (tmp_path / ".env").write_text("SEGMIND_API_KEY=x\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_where_prefects_server_is_set_nowhere_that_is_told_without_prefect(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_set_nowhere()
    monkeypatch.setenv("PREFECT_API_URL", "")
    assert is_set_nowhere()


@pytest.mark.parametrize("name", ["PREFECT_API_URL", "prefect_api_url", "PREFECT_PROFILE"])
def test_a_variable_that_may_name_a_server_leaves_it_to_prefect_to_tell(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1/api")
    assert not is_set_nowhere()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("home/profiles.toml", 'active = "mine"'),
        ("prefect.toml", "[api]\nurl = 'http://127.0.0.1:1/api'"),
        (".env", "PREFECT_API_URL=http://127.0.0.1:1/api"),
        ("pyproject.toml", "[tool.prefect.api]\nurl = 'http://127.0.0.1:1/api'"),
    ],
)
def test_a_file_that_may_name_a_server_leaves_it_to_prefect_to_tell(
    nowhere: Path, name: str, says: str
) -> None:
    (nowhere / name).write_text(says)
    assert not is_set_nowhere()


@pytest.mark.thorough
def test_a_server_of_our_own_finds_out_by_itself_that_another_one_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    server = OwnServer()
    try:
        assert not server.is_needed()
        assert not server.is_needed()
        assert server.url is None
    finally:
        server.stop()


@pytest.mark.slow
async def test_prefect_is_set_as_before_when_the_last_of_overlapping_renders_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "")
    with temporary_settings({PREFECT_API_URL: ""}):
        async with reached_server():
            ours = os.environ["PREFECT_API_URL"]
            async with reached_server():
                assert os.environ["PREFECT_API_URL"] == ours
            assert os.environ["PREFECT_API_URL"] == ours
        assert ours.startswith("http://127.0.0.1:")
        assert not os.environ["PREFECT_API_URL"]
    own_server().stop()
    own_server.cache_clear()
