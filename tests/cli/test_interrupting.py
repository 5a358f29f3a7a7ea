"""SIGTERM does what Ctrl-C does, and neither can be kept waiting forever."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

from longtake.cli.interrupting import INTERRUPTED, TERMINATED


def ended(program: str) -> tuple[int, str]:
    """Exit code and words of a process that runs this."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", TERMINATED), ("SIGINT", INTERRUPTED)])
def test_a_signal_cancels_what_runs_and_closes_it_in_order(name: str, code: int) -> None:
    program = f"""
        import asyncio, os, signal, sys
        from longtake.cli.interrupting import interrupted_code, terminable

        async def work():
            try:
                os.kill(os.getpid(), signal.{name})
                await asyncio.Event().wait()
            finally:
                print("closed")

        with terminable():
            try:
                asyncio.run(work())
            except KeyboardInterrupt:
                sys.exit(interrupted_code())
    """
    assert ended(program) == (code, "closed\n")


def test_what_hangs_after_the_renders_end_is_left() -> None:
    program = """
        import os, signal, threading
        from longtake.cli import interrupting

        interrupting.REPORT_SECONDS = 0.0
        with interrupting.terminable(), interrupting.ending(lambda: True, lambda: print("left")):
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                threading.Event().wait()
            except KeyboardInterrupt:
                threading.Event().wait()  # a report to a server that has gone
    """
    code, said = ended(program)
    assert code == TERMINATED
    assert "Traceback" not in said


def test_processes_that_are_started_shielded_do_not_hear_ctrl_c() -> None:
    program = """
        import signal, subprocess, sys
        from tasks.prefect_server import shielded_children

        child = "import signal; print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))"
        with shielded_children():
            subprocess.run([sys.executable, "-c", child])
        print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
    """
    code, said = ended(program)
    assert (code, said.splitlines()[-1]) == (0, "[]")
    assert str(int(signal.SIGINT)) in said.splitlines()[0]
