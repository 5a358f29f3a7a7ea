"""The stack that the slow tests here share."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.deployments.stack import ROOT, Stack, StackMissing, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole stack, started once; skipped where the machine lacks a part of it."""
    try:
        with running_stack() as running:
            yield running
    except StackMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def unhurried() -> Iterator[Stack]:
    """Another one, whose clips take ten to twenty seconds: time to kill something amid one."""
    try:
        with running_stack(pace="6") as running:
            yield running
    except StackMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def setup() -> ModuleType:
    """deployments/setup.py, which is a script and no package's module."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "deployments/setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
