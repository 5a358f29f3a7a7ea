"""A program of our own that runs next to this one."""

from __future__ import annotations

import signal
import sys

from longtake.companion import Companion


def test_a_companion_is_heard_line_by_line_and_ends_when_it_is_told_to() -> None:
    says = "import sys; print('one', flush=True); print('two', flush=True); sys.stdin.read()"
    companion = Companion([sys.executable, "-c", says], {})
    lines = companion.lines()
    assert [next(lines), next(lines)] == ["one", "two"]
    assert companion.stop(60) == 0
    assert list(lines) == []
    assert companion.stop(60) == 0
    companion.close()


def test_a_companion_that_does_not_care_is_killed() -> None:
    deaf = "import signal; print('deaf', flush=True); signal.pause()"
    companion = Companion([sys.executable, "-c", deaf], {})
    assert next(companion.lines()) == "deaf"
    assert companion.stop(0.1) == -signal.SIGKILL
    companion.close()
