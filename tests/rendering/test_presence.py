"""Whether a render is at work in a folder, and what became of those before it."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from longtake.record import RunRecord
from longtake.rendering.history import HISTORY, TOLD_BYTES, past_renders, remember_render
from longtake.rendering.presence import MARK, at_work, beginning_work, is_at_work
from tests.review.renders import small_plan

HOLD = """
import sys
from pathlib import Path
from longtake.rendering.presence import at_work
with at_work(Path(sys.argv[1])):
    print("there", flush=True)
    sys.stdin.read()
"""


def test_a_render_is_at_work_until_its_block_ends(tmp_path: Path) -> None:
    assert not is_at_work(tmp_path)
    with at_work(tmp_path):
        assert is_at_work(tmp_path)
        with at_work(tmp_path):  # renders may share a folder
            assert is_at_work(tmp_path)
        assert is_at_work(tmp_path)
    assert not is_at_work(tmp_path)
    assert not (tmp_path / MARK).exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_whatever_ends_the_process_ends_it(tmp_path: Path, how: signal.Signals) -> None:
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holding:
        assert holding.stdout is not None
        assert holding.stdout.readline() == b"there\n"
        assert is_at_work(tmp_path)
        holding.send_signal(how)
        holding.wait()
        assert not is_at_work(tmp_path)


def test_a_process_that_is_still_starting_is_at_work_already(tmp_path: Path) -> None:
    with beginning_work(tmp_path) as inherited:
        starting = subprocess.Popen([sys.executable], stdin=subprocess.PIPE, pass_fds=inherited)
    with starting:
        assert is_at_work(tmp_path)
        with at_work(tmp_path):
            pass  # what another render tidies up is not the mark that is still held
        assert is_at_work(tmp_path)
        starting.kill()
        starting.wait()
        assert not is_at_work(tmp_path)
    assert not (tmp_path / MARK).exists()


def test_a_folder_that_takes_no_mark_is_rendered_into_all_the_same(tmp_path: Path) -> None:
    with at_work(tmp_path / "nowhere"):
        assert not is_at_work(tmp_path / "nowhere")
    with beginning_work(tmp_path / "nowhere") as inherited:
        assert inherited == ()


def test_every_render_that_has_ended_is_told_of_even_if_it_made_nothing(tmp_path: Path) -> None:
    run = RunRecord.of(small_plan(), storyboard="film.yaml", folder="f", run_name="night 1")
    remember_render(tmp_path, run)  # it has not ended
    run.state, run.ended_at = "completed", datetime.now(UTC)
    remember_render(tmp_path, run)
    (past,) = past_renders(tmp_path)
    assert (past.run_name, past.state, past.made, past.usd) == ("night 1", "completed", 0, 0.0)


def test_a_long_or_damaged_history_gives_its_latest_renders(tmp_path: Path) -> None:
    run = RunRecord.of(small_plan(), storyboard="film.yaml", folder="f")
    run.ended_at = datetime.now(UTC)
    (tmp_path / HISTORY).write_bytes(b"x" * TOLD_BYTES + b"\n{}\n")
    remember_render(tmp_path, run)
    assert len(past_renders(tmp_path)) == 1
    assert past_renders(tmp_path / "nowhere") == ()
    assert (tmp_path / HISTORY).stat().st_size > TOLD_BYTES
