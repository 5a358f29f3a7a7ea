"""A power cut: what was told to last is there; the rest is made or fetched again, and unpaid."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from longtake.files import make_folder, move_into_place, write_synced
from tests.simulation.disk import Disk
from tests.simulation.found import ONE
from tests.simulation.play import play
from tests.simulation.stage import Parts
from tests.simulation.world import MOMENTS, Run, World


def cut(moment: str, seed: int = 1) -> World:
    run = Run(at_seconds=0, dies_on=moment, cuts_power=True)
    return World(seed=seed, boards=(ONE,), runs=(run, Run(at_seconds=700)))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_power_cut_at_any_moment_of_a_take_pays_once_and_loses_nothing(moment: str) -> None:
    played = play(cut(moment))
    assert (played.violations, played.ended) == ([], "film"), "\n".join(played.history)
    assert "power cut" in "\n".join(played.history)


def test_a_ledger_whose_commits_do_not_last_would_pay_twice() -> None:
    played = play(cut("known"), Parts(ledger_lags=4))
    assert played.violations[0].startswith("paid 2 times")


def test_a_file_and_a_name_last_once_they_are_synced(tmp_path: Path) -> None:
    lost = 0
    for seed in range(8):
        folder = tmp_path / str(seed) / "store"
        folder.parent.mkdir()
        disk = Disk(folder.parent, random.Random(seed))
        with disk.heeding():
            make_folder(folder / "deep")
            write_synced(folder / "a.part", lambda file: file.write(b"all of it"))
            move_into_place(folder / "a.part", folder / "deep/kept")
            (folder / "deep/unsynced").write_bytes(b"some")
        disk.power_cut()
        assert (folder / "deep/kept").read_bytes() == b"all of it"
        unsynced = folder / "deep/unsynced"
        lost += not unsynced.exists() or unsynced.read_bytes() == b""
    assert lost > 0


def test_a_rename_that_was_not_synced_may_not_have_happened(tmp_path: Path) -> None:
    names = set()
    for seed in range(8):
        folder = tmp_path / str(seed) / "clips"
        folder.mkdir(parents=True)
        disk = Disk(folder.parent, random.Random(seed))
        with disk.heeding(), (folder / "before").open("wb") as file:
            os.fsync(file.fileno())
            move_into_place(folder / "before", folder / "checked")
            (folder / "checked").replace(folder / "after")
        disk.power_cut()
        names |= {each.name for each in folder.iterdir()}
    assert names == {"checked", "after"}
