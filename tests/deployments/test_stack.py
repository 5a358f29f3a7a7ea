"""The real stack: it comes up, renders by its workers, pays nothing the second night, and goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tasks.run_page.index import NOTICES
from tests.deployments.stack import KEY, ROOT, Stack, StackMissing, running_stack

pytestmark = pytest.mark.slow

AUTOMATIONS = YAML(typ="safe").load(ROOT / "deployments/automations.yaml")["automations"]

STORYBOARD = """\
title: {title}
scenes:
  - name: Harbour
    shots:
      - prompt: a red boat leaves the harbour
        seconds: 5
  - name: Hill
    shots:
      - prompt: a hill in the evening
        seconds: 5
"""


def storyboard(folder: Path, title: str) -> str:
    path = folder / "storyboard.yaml"
    path.write_text(STORYBOARD.format(title=title), "utf-8")
    return str(path)


def test_every_part_is_up_and_bringing_it_up_again_changes_nothing(stack: Stack) -> None:
    before = stack.status()
    assert set(before) == {
        "postgres", "s3", "emulator", "prefect",
        "storyboards-1", "scenes-1", "storyboards-2", "scenes-2",
    }  # fmt: skip
    assert all(before.values())
    stack.script("up")
    assert stack.status() == before
    names = Counter(each["name"] for each in stack.api("POST", "/automations/filter"))
    assert names == Counter(each["name"] for each in AUTOMATIONS)


def test_the_deployments_are_there_with_schedules_that_are_off(stack: Stack) -> None:
    found = {each["name"]: each for each in stack.api("POST", "/deployments/filter")}
    ours = set(found) - {"serve", "serve-schedule"}  # those are another test's
    assert ours == {"longtake-process", "nightly", "longtake-scenes"}
    schedules = found["nightly"]["schedules"]
    assert {each["slug"] for each in schedules} == {"lighthouse", "vertical"}
    assert not any(each["active"] for each in schedules)


def test_only_pools_that_somebody_works_for_are_there(stack: Stack) -> None:
    pools = {each["name"]: each for each in stack.api("POST", "/work_pools/filter")}
    assert set(pools) - {"default-agent-pool"} == {"longtake-process", "longtake-scenes"}
    assert {pools[name]["status"] for name in ("longtake-process", "longtake-scenes")} == {"READY"}


def test_a_run_from_the_form_is_rendered_by_the_workers_and_paid_once(
    stack: Stack, tmp_path: Path
) -> None:
    before = len(stack.accepted())
    run = stack.run_deployment(
        "render-storyboard/longtake-process",
        storyboard=storyboard(tmp_path, "On request"),
        out=str(tmp_path / "film"),
    )
    ended = stack.ended(run)
    assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
    assert (tmp_path / "film/film.mp4").stat().st_size > 10_000
    assert len(stack.accepted()) == before + 2
    scenes = [
        each
        for each in stack.api("POST", "/flow_runs/filter")
        if each["work_pool_name"] == "longtake-scenes" and run in str(each["parameters"])
    ]
    assert [each["state_type"] for each in scenes] == ["COMPLETED"] * 2


def test_the_second_night_pays_nothing_and_says_so(stack: Stack, tmp_path: Path) -> None:
    parameters = {
        "storyboard": storyboard(tmp_path, "By night"),
        "out": str(tmp_path / "film"),
    }
    first = stack.ended(stack.run_deployment("render-storyboard/nightly", **parameters))
    assert first["state_type"] == "COMPLETED", first["state"]["message"]
    paid, before = len(stack.accepted()), seconds_of_runs(stack)
    second = stack.ended(stack.run_deployment("render-storyboard/nightly", **parameters))
    assert second["state_type"] == "COMPLETED", second["state"]["message"]
    assert len(stack.accepted()) == paid
    assert second["state_name"] == "Reused", second["state"]
    took, imports = seconds_of_runs(stack) - before, seconds_of_imports()
    told = f"{second['total_run_time']:.1f} s, {took:.1f} s of a processor"
    print(f"a night with nothing to do: {told}; its imports alone: {imports:.1f} s of a processor")
    assert took < 5 * imports


def seconds_of_imports() -> float:
    """What a process takes of the processor to be ready to render at all, on this machine today."""
    before = os.times()
    subprocess.run([sys.executable, "-c", "import prefect.engine, flows.render"], check=True)
    after = os.times()
    return after.children_user + after.children_system - before[2] - before[3]


def seconds_of_runs(stack: Stack) -> float:
    """What the processes of all runs have taken of the processor, once there are none."""
    workers = {pid for name, pid in stack.status().items() if pid and "-" in name}
    stack.eventually(lambda: not any(int(each[1]) in workers for each in stats().values()))
    ours = [stat for pid, stat in stats().items() if pid in workers]
    return sum(int(stat[13]) + int(stat[14]) for stat in ours) / os.sysconf("SC_CLK_TCK")


def stats() -> dict[int, list[str]]:
    """Of each process of this machine its state, parent, ..., as in /proc/PID/stat."""
    found = {}
    for at in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            found[int(at.name)] = (at / "stat").read_text().rpartition(")")[2].split()
    return found


def test_a_budget_that_is_reached_is_told_on_the_artifacts_page(stack: Stack) -> None:
    emit = (
        "from prefect.events import emit_event\n"
        "emit_event('longtake.budget.reached', {'prefect.resource.id': 'longtake.film.test'}, "
        "payload={'storyboard': 'A film', 'reason': '12.34 USD are spent'})"
    )
    subprocess.run([sys.executable, "-c", emit], env=stack.env, check=True, timeout=120)

    def notice() -> Any:
        told = stack.api("POST", "/artifacts/filter")
        return [each for each in told if "12.34 USD are spent" in str(each["data"])]

    (artifact, *_) = stack.eventually(notice)
    assert artifact["key"] == NOTICES


def test_of_the_notices_the_latest_are_kept(stack: Stack) -> None:
    for number in range(5):
        notice = {"key": NOTICES, "type": "markdown", "data": f"notice {number}"}
        stack.api("POST", "/artifacts/", **notice)
    keep = (
        "import asyncio; from prefect.client.orchestration import get_client\n"
        "from tasks.run_page.index import clear_notices\n"
        "async def main():\n"
        "    async with get_client() as client:\n"
        "        await clear_notices(client, most=2)\n"
        "asyncio.run(main())"
    )
    words = [sys.executable, "-c", keep]
    subprocess.run(words, env=stack.env, cwd=ROOT, check=True, timeout=900)
    left = stack.api("POST", "/artifacts/filter", artifacts={"key": {"any_": [NOTICES]}})
    assert {each["data"] for each in left} == {"notice 3", "notice 4"}


@pytest.mark.parametrize("folder", [ROOT, ROOT / "deployments"])
def test_deploying_by_habit_finds_its_file(stack: Stack, folder: Path) -> None:
    deploy = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    subprocess.run(deploy, env=stack.env, cwd=folder, check=True, timeout=900, capture_output=True)
    (step,) = stack.api("GET", "/deployments/name/render-storyboard/nightly")["pull_steps"]
    assert step["prefect.deployments.steps.set_working_directory"]["directory"] == str(ROOT)


def test_a_part_that_is_killed_comes_back_by_restart(stack: Stack) -> None:
    before = stack.status()
    stack.kill("storyboards-2")
    assert stack.status()["storyboards-2"] is None
    stack.restart("storyboards-2")
    after = stack.status()
    assert after.pop("storyboards-2") not in (None, before.pop("storyboards-2"))
    assert after == before


def test_a_database_that_is_killed_has_lost_nothing(stack: Stack) -> None:
    before = len(stack.api("POST", "/deployments/filter"))
    stack.kill("postgres")
    stack.restart("postgres")

    def as_before() -> bool:
        with suppress(httpx.HTTPError):  # the server needs a moment to notice
            return len(stack.api("POST", "/deployments/filter")) == before
        return False

    stack.eventually(as_before)


def test_the_key_is_on_no_disk_but_in_its_own_file(stack: Stack) -> None:
    files = (path for path in stack.folder.rglob("*") if path.is_file())
    found = [path for path in files if KEY.encode() in path.read_bytes()]
    assert found == [stack.folder / "segmind.key"]
    assert (stack.folder / "segmind.key").stat().st_mode & 0o077 == 0


def test_down_leaves_no_process_and_no_port_behind() -> None:
    try:
        with running_stack(machines="1") as mine:
            mine.kill("storyboards-1", main_only=True)
            assert len(mine.processes()) >= 5
            mine.script("down")
            assert mine.processes() == set()
            assert set(mine.status().values()) == {None}
    except StackMissing as missing:
        pytest.skip(str(missing))


def test_runs_are_brought_to_the_clone_that_they_were_deployed_from(stack: Stack) -> None:
    (step,) = stack.api("GET", "/deployments/name/render-scene/longtake-scenes")["pull_steps"]
    assert step["prefect.deployments.steps.set_working_directory"]["directory"] == str(ROOT)
