"""prefect.yaml and images.yaml: what they offer exists, and fits what it is offered for."""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

from longtake.settings import load_settings
from tasks.nights import NIGHTLY
from tests.deployments.stack import ROOT

FILES = [ROOT / "deployments/prefect.yaml", ROOT / "deployments/images.yaml"]
OFFERED: list[dict[str, Any]] = [
    deployment for file in FILES for deployment in YAML(typ="safe").load(file)["deployments"]
]
NAMES = [deployment["name"] for deployment in OFFERED]
every = pytest.mark.parametrize("deployment", OFFERED, ids=NAMES)


@pytest.fixture(autouse=True)
def _in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))


@cache
def flow_at(entrypoint: str) -> Flow[..., Any]:
    return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)


def test_prefect_reads_the_files() -> None:
    models = [PrefectYamlModel.model_validate(YAML(typ="safe").load(file)) for file in FILES]
    assert [each.name for model in models for each in model.deployments] == NAMES


def test_prefect_finds_its_file_in_the_root_and_in_the_folder() -> None:
    assert (ROOT / "prefect.yaml").samefile(FILES[0])


def test_what_is_deployed_without_a_word_needs_process_workers_only(setup: ModuleType) -> None:
    offered = YAML(typ="safe").load(FILES[0])["deployments"]
    assert {setup.POOLS[each["work_pool"]["name"]] for each in offered} == {"process"}


def test_both_files_offer_the_same_but_for_where_it_runs() -> None:
    ours = ("entrypoint", "tags", "parameters", "description", "schedules")
    kinds = {"-docker", "-kubernetes", "-process"}
    found: dict[str, list[dict[str, Any]]] = {}
    for each in OFFERED:
        name = each["name"]
        for kind in kinds:
            name = name.removesuffix(kind)
        found.setdefault(name, []).append({key: each.get(key) for key in ours})
    assert set(found) == {"longtake", "nightly", "longtake-scenes"}
    assert all(len(same) == 3 and same[0] == same[1] == same[2] for same in found.values())


def test_there_is_each_flow_for_each_kind_of_pool(setup: ModuleType) -> None:
    kinds = [(setup.POOLS[each["work_pool"]["name"]], each["tags"][-1]) for each in OFFERED]
    assert sorted(kinds) == sorted(
        (kind, flow) for kind in setup.KINDS for flow in ("storyboard", "nightly", "scene")
    )


@every
def test_the_parameters_are_the_flows_own(deployment: dict[str, Any]) -> None:
    flow = flow_at(deployment["entrypoint"])
    known = set(inspect.signature(flow.fn).parameters)
    given = [deployment.get("parameters", {})]
    given += [schedule.get("parameters", {}) for schedule in deployment.get("schedules", [])]
    assert all(set(parameters) <= known for parameters in given)


@every
def test_the_form_explains_every_parameter(deployment: dict[str, Any]) -> None:
    flow = flow_at(deployment["entrypoint"])
    properties = parameter_schema(flow).properties
    assert [name for name, about in properties.items() if not about.get("description")] == []


@every
def test_the_job_variables_are_the_pools_own(deployment: dict[str, Any], setup: ModuleType) -> None:
    pool = deployment["work_pool"]
    template = setup.job_template(setup.POOLS[pool["name"]])
    assert set(pool["job_variables"]) <= set(template["variables"]["properties"])


@every
def test_no_deployment_has_a_limit_whose_lease_a_pause_would_lose(
    deployment: dict[str, Any],
) -> None:
    assert "concurrency_limit" not in deployment


@every
def test_nights_bear_the_tag_by_which_they_leave_each_other_alone(
    deployment: dict[str, Any],
) -> None:
    assert (NIGHTLY in deployment["tags"]) == bool(deployment.get("schedules"))


@every
def test_the_automations_mind_it(deployment: dict[str, Any]) -> None:
    assert "longtake" in deployment["tags"]


def test_schedules_can_be_read_have_slugs_and_cost_nothing_until_switched_on() -> None:
    schedules = [each for deployment in OFFERED for each in deployment.get("schedules", [])]
    assert len(schedules) == 6
    for each in schedules:
        CronSchedule(cron=each["cron"], timezone=each["timezone"])
        assert DeploymentScheduleCreate.model_fields["slug"]
        assert each["slug"]
        assert each["active"] is False
        assert each["parameters"]["budget_usd"] > 0


def test_a_nights_storyboards_are_in_the_repository() -> None:
    named = {each["parameters"]["storyboard"] for each in OFFERED if "nightly" in each["tags"]}
    named |= {
        schedule["parameters"]["storyboard"]
        for each in OFFERED
        for schedule in each.get("schedules", [])
        if "storyboard" in schedule["parameters"]
    }
    assert len(named) == 2
    assert all((ROOT / storyboard).is_file() for storyboard in named)


def test_a_pool_of_scenes_has_the_deployment_that_a_profile_finds_by_its_name() -> None:
    scenes = [each for each in OFFERED if "scene" in each["tags"]]
    assert [each["name"] for each in scenes] == [each["work_pool"]["name"] for each in scenes]


def test_scenes_never_share_a_pool_with_the_storyboards_that_wait_for_them() -> None:
    scenes = {each["work_pool"]["name"] for each in OFFERED if "scene" in each["tags"]}
    storyboards = {each["work_pool"]["name"] for each in OFFERED if "scene" not in each["tags"]}
    assert scenes.isdisjoint(storyboards)


def test_the_stacks_profile_names_what_is_deployed_and_set_up(setup: ModuleType) -> None:
    fleet = load_settings(str(ROOT / "configs/profiles/stack.yaml")).fleet
    assert fleet.pool in NAMES
    assert (fleet.jobs_limit, fleet.requests_limit) == (setup.JOBS, setup.REQUESTS)


def test_nothing_here_names_the_machine_it_was_written_on() -> None:
    for file in sorted((ROOT / "deployments").glob("*.*")):
        assert str(Path.home()) not in file.read_text("utf-8"), file
        assert str(ROOT) not in file.read_text("utf-8"), file
