"""Two processes on one ledger."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import anyio

from longtake.ledger import Ledger, Slate, TakeState

RACER = Path(__file__).with_name("racer.py")


def racer(place: str, owner: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(RACER), place, owner]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_two_processes_send_each_take_once_and_share_one_budget(ledger_place: str) -> None:
    racers = [racer(ledger_place, owner) for owner in ("left", "right")]
    sent: list[str] = []
    for each in racers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in racers:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    for each in racers:
        printed, _ = each.communicate(timeout=120)
        assert each.returncode == 0
        sent += printed.split()

    assert len(sent) == len(set(sent)) == 16  # as many as 1.65 USD pay for
    async with Ledger.open(ledger_place) as ledger:
        slates = await ledger.slates()
        [costs] = await ledger.costs("all")
    assert {slate.state for slate in slates} == {TakeState.SUBMITTED}
    assert len({slate.request_id for slate in slates}) == 16
    assert costs.reserved_usd == 1.6
    for slate in slates:
        assert slate.request_id is not None
        assert slate.request_id.startswith(str(slate.owner))


def test_a_process_killed_after_sending_leaves_a_take_that_is_not_sent_again(
    tmp_path: Path,
) -> None:
    place = str(tmp_path / "ledger.db")
    script = f"""
import os, signal, sys, anyio
sys.path.insert(0, {str(RACER.parent)!r})
from racer import take
from longtake.ledger import Ledger
async def die():
    async with Ledger.open({place!r}) as ledger:
        await ledger.intend(take(1), owner="dead", run="r1", lease_seconds=600)
        await ledger.sending(take(1).fingerprint, "dead")
        os.kill(os.getpid(), signal.SIGKILL)
anyio.run(die)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == -9

    async def found() -> list[Slate]:
        async with Ledger.open(place) as ledger:
            return await ledger.slates()

    [slate] = anyio.run(found)
    assert slate.may_have_been_sent
    assert slate.owner == "dead"
