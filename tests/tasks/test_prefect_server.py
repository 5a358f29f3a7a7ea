"""The Prefect server of a render: told in a line where it does not answer, and without our key."""

from __future__ import annotations

import os
import sys

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from longtake.companion import Companion
from longtake.errors import OperatorError
from tasks.prefect_server import (
    OwnServer,
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
