"""Whether the process that holds a take has exited."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import pytest

from longtake.rendering.lease_owner import is_dead, owner_name


def test_this_process_is_alive_and_has_another_name_each_time() -> None:
    chance = secrets.SystemRandom()
    one, other = owner_name(chance), owner_name(chance)
    assert one != other
    assert not is_dead(one)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody is taken for dead by a look")
def test_a_process_of_this_machine_that_has_exited_is_dead() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert is_dead(owner_name(secrets.SystemRandom()).replace(f"/{os.getpid()}/", f"/{ended.pid}/"))


@pytest.mark.parametrize("owner", ["elsewhere/boot/space/1/aa", "", "no-slash", "a/b"])
def test_of_other_machines_nothing_can_be_told(owner: str) -> None:
    assert not is_dead(owner)
