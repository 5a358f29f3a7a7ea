"""The stack that the slow tests here share."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import pytest

from tests.deployments.stack import ROOT, Stack, StackMissing, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole stack, started once."""
    with stack_or_skip() as running:
        yield running


@pytest.fixture(scope="session")
def unhurried() -> Iterator[Stack]:
    """Another one, whose clips take ten to twenty seconds: time to kill something during one."""
    with stack_or_skip(pace="6") as running:
        yield running


@pytest.fixture(scope="session", params=["postgres", "sqlite"])
def on_either_database(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The unhurried stack, and the same whose server and ledger keep to files."""
    if request.param == "postgres":
        yield request.getfixturevalue("unhurried")
    else:
        with stack_or_skip(pace="6", database="sqlite") as running:
            yield running


@contextmanager
def stack_or_skip(environ: Mapping[str, str] | None = None, **options: str) -> Iterator[Stack]:
    """A stack; a machine that lacks a part of it, such as PostgreSQL, skips what needs it."""
    try:
        with running_stack(environ, **options) as running:
            yield running
    except StackMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def setup() -> ModuleType:
    """deployments/setup.py, which is a script and no package's module."""
    sys.path.insert(0, str(ROOT / "deployments"))  # where a script finds its neighbours
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "deployments/setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
