"""compose.yaml and the Dockerfile as they are read; test_containers.py runs them."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML

from longtake.cli import app
from tests.deployments.stack import ROOT, SCRIPT

COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "deployments/compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "longtake:latest"]
DOCKERFILE = (ROOT / "deployments/Dockerfile").read_text("utf-8")


def first_value(text: str) -> str:
    """The text as compose reads it where no variable is set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def commands(service: dict[str, Any]) -> list[list[str]]:
    """Every command that a service runs, as words, with the variables at what they are first."""
    words = shlex.split(first_value(service["command"]))
    if words[:2] == ["sh", "-c"]:
        return [shlex.split(part) for part in words[2].split("&&")]
    return [words]


def test_all_of_the_stack_is_there() -> None:
    assert set(SERVICES) == {
        "postgres", "redis", "s3", "emulator", "migrate", "prefect", "prefect-services",
        "setup", "storyboards", "scenes",
    }  # fmt: skip
    assert all(SERVICES[name]["deploy"] == {"replicas": 2} for name in ("storyboards", "scenes"))


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_our_image_exists(name: str, setup: ModuleType) -> None:
    for program, *words in commands(SERVICES[name]):
        if program == "longtake":
            app.parse_args(words, exit_on_error=False, print_error=False)
        elif program == "python":
            assert words[0] == "deployments/setup.py"
            setup.command_line().parse_args(words[1:])
        else:
            assert program == "prefect"
            _parses_as_prefect(words)


def _parses_as_prefect(words: list[str]) -> None:
    from prefect.cli._app import _app

    _app.parse_args([word for word in words if word != "--no-prompt"], exit_on_error=False)


@pytest.mark.parametrize("name", OURS)
def test_every_service_that_stays_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    once, worker = service["restart"] == "no", "worker" in service["command"]
    if worker:  # the image's own check
        assert "--with-healthcheck" in service["command"]
        assert "healthcheck" not in service
    elif not once:
        assert "test" in service["healthcheck"]


def test_workers_have_what_the_stack_of_processes_exports() -> None:
    said = SCRIPT.read_text("utf-8")
    (names,) = re.findall(r"^shared=\(([^)]*)\)", said, re.MULTILINE)
    # The emulator of the processes is on the workers' own machine, whose files are fetched anyway.
    expected = {*names.split(), "LONGTAKE_PRIVATE_ADDRESSES"}
    for service in ("storyboards", "scenes", "setup"):
        assert set(SERVICES[service]["environment"]) == expected


def test_replicas_of_the_server_share_all_that_they_must() -> None:
    for name in ("prefect", "prefect-services", "migrate"):
        environment = SERVICES[name]["environment"]
        assert environment["PREFECT_SERVER_DOCKET_URL"].startswith("redis://")
        assert environment["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] == "false"
        modules = {value for value in environment.values() if value.startswith("prefect_redis.")}
        assert modules == {
            "prefect_redis.messaging", "prefect_redis.ordering", "prefect_redis.lease_storage",
        }  # fmt: skip
        for module in modules:
            importlib.import_module(module)


def test_each_of_the_servers_settings_is_one_that_prefect_has() -> None:
    from prefect.settings import Settings

    known = Settings().to_environment_variables(exclude_unset=False)
    names = {name for name in SERVICES["prefect"]["environment"] if "SERVER" in name}
    assert len(names) == 10
    assert names <= set(known) | {"PREFECT_SERVER_DOCKET_URL"}


def test_a_service_that_is_waited_for_is_there_and_can_be_seen_to_be_healthy() -> None:
    for name, service in SERVICES.items():
        for other, want in service.get("depends_on", {}).items():
            awaited = SERVICES[other]
            if want["condition"] == "service_healthy":
                assert "test" in awaited["healthcheck"], (name, other)
            else:
                assert awaited["restart"] == "no", (name, other)


def test_only_this_machine_can_reach_the_stack() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert list(map(first_value, ports)) == ["127.0.0.1:4200:4200"]


def test_no_secret_is_written_down() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|API_KEY", variable):
                assert value.startswith("${"), (name, variable)
    assert not re.search("API_KEY|SECRET|PASSWORD", DOCKERFILE)


def test_the_image_runs_as_nobody_special_with_a_check_and_in_two_stages() -> None:
    lines = DOCKERFILE.splitlines()
    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert lines.index("USER longtake") < next(
        number for number, line in enumerate(lines) if line.startswith("CMD")
    )
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_the_image_is_built_from_files_that_are_there() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY") and "--from" not in line:
            *sources, _ = [word for word in line.split()[1:] if not word.startswith("--")]
            for source in sources:
                assert (ROOT / source).exists()
                assert f"!{source.split('/')[0]}" in ignored


def test_what_must_outlive_a_restart_lies_on_a_volume() -> None:
    named = {
        volume.split(":")[0] for name in SERVICES for volume in SERVICES[name].get("volumes", [])
    }
    assert {"postgres", "redis", "store"} <= named
    assert "--appendonly" in SERVICES["redis"]["command"]


def test_docker_compose_of_before_the_plugin_reads_it_too() -> None:
    assert set(COMPOSE) - {key for key in COMPOSE if key.startswith("x-")} == {
        "version", "services", "networks", "volumes",
    }  # fmt: skip


def test_containers_find_the_flows_where_the_deployments_say() -> None:
    text = (ROOT / "deployments/images.yaml").read_text("utf-8")
    (folder,) = re.findall(r"directory: (/opt/\S+)", text)
    assert f"WORKDIR {folder}" in DOCKERFILE
    assert f"renders:{folder}/renders" in text


def test_whatever_the_wheel_is_made_of_is_there_when_the_image_makes_it() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    made_of = wheel["targets"]["wheel"]
    first, rest = DOCKERFILE.split("RUN mkdir -p ")[1].split("\n", 1)
    build = rest.split("\nFROM ")[0]
    for place in (*made_of["packages"], *made_of["force-include"]):
        assert place in first.split(" && ")[0].split()
        assert f"COPY {place} {place}" in build
