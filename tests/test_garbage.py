"""What a start imports is not searched for garbage again and again."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator

import pytest

from longtake.garbage import IMPORTED_OBJECTS, begin_with_imports, imports_are_done


@pytest.fixture
def usual_thresholds() -> Iterator[tuple[int, int, int]]:
    usual = gc.get_threshold()
    yield usual
    gc.set_threshold(*usual)
    gc.unfreeze()
    atexit.unregister(gc.freeze)


def test_imports_are_searched_seldom_and_no_more_once_they_are_there(
    usual_thresholds: tuple[int, int, int],
) -> None:
    begin_with_imports()
    assert gc.get_threshold()[0] == IMPORTED_OBJECTS
    imports_are_done()
    assert gc.get_threshold() == usual_thresholds
    assert gc.get_freeze_count() > len(gc.get_objects())
