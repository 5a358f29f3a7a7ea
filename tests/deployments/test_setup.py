"""deployments/setup.py and automations.yaml: what a server is told to do by itself."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from ruamel.yaml import YAML

from tasks.run_states import ASSEMBLING, RENDERING
from tests.deployments.stack import ROOT, SCRIPT

SAID: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / "deployments/automations.yaml")[
    "automations"
]


def automation(ending: str) -> AutomationCore:
    """The automation whose name ends so, as Prefect understands it."""
    (said,) = [each for each in SAID if each["name"].endswith(ending)]
    actions = [
        action | ({"block_document_id": uuid4()} if "block_document_id" in action else {})
        for action in said["actions"]
    ]
    return AutomationCore.model_validate(said | {"actions": actions})


@pytest.mark.parametrize("said", SAID, ids=[each["name"] for each in SAID])
def test_every_word_of_an_automation_is_one_that_prefect_knows(said: dict[str, Any]) -> None:
    understood = automation(said["name"])
    assert set(said) <= set(AutomationCore.model_fields)
    assert set(said["trigger"]) <= set(EventTrigger.model_fields)
    for words, action in zip(said["actions"], understood.actions, strict=True):
        assert set(words) <= set(type(action).model_fields)


def test_a_run_is_a_zombie_only_after_three_missing_beats(setup: ModuleType) -> None:
    trigger = automation("crashes zombies").trigger
    assert isinstance(trigger, EventTrigger)
    beat = timedelta(seconds=int(setup.environment({})[setup.HEARTBEAT]))
    assert trigger.posture is Posture.Proactive
    assert trigger.within >= 3 * beat


def test_a_run_that_is_killed_before_its_first_beat_or_after_a_phases_name_is_missed() -> None:
    trigger = automation("crashes zombies").trigger
    assert isinstance(trigger, EventTrigger)
    alive = {"heartbeat", "Running", RENDERING, ASSEMBLING}
    assert trigger.after == {f"prefect.flow-run.{word}" for word in alive}


def test_every_worker_that_is_set_up_here_beats_as_often_as_that(setup: ModuleType) -> None:
    beat, patience = (setup.environment({})[name] for name in (setup.HEARTBEAT, setup.PATIENCE))
    assert f"{setup.PATIENCE}={patience}" in SCRIPT.read_text("utf-8")
    assert f"{setup.PATIENCE}={patience}" in (ROOT / "deployments/Dockerfile").read_text("utf-8")
    assert f"{setup.HEARTBEAT}={beat}" in SCRIPT.read_text("utf-8")
    assert f"{setup.HEARTBEAT}={beat}" in (ROOT / "deployments/Dockerfile").read_text("utf-8")
    assert f'{setup.HEARTBEAT}: "{beat}"' in (ROOT / "deployments/prefect.yaml").read_text("utf-8")


def test_a_crashed_run_is_scheduled_again() -> None:
    retries = automation("retries crashed runs")
    assert isinstance(retries.trigger, EventTrigger)
    # After a silence, so that a crash that is told twice is answered once.
    assert retries.trigger.posture is Posture.Proactive
    assert retries.trigger.after == {"prefect.flow-run.Crashed"}
    (action,) = retries.actions
    assert isinstance(action, ChangeFlowRunState)
    assert (action.state.value, action.name) == ("SCHEDULED", "AwaitingRetry")


@pytest.mark.parametrize(
    ("ending", "after", "becomes"),
    [
        ("that do not start", {"Pending", "Submitting", "InfrastructurePending"}, "CRASHED"),
        ("ends cancelled runs", {"Cancelling"}, "CANCELLED"),
    ],
)
def test_a_run_that_a_dead_worker_left_between_states_is_not_left_there(
    ending: str, after: set[str], becomes: str
) -> None:
    said = automation(ending)
    assert isinstance(said.trigger, EventTrigger)
    assert said.trigger.posture is Posture.Proactive
    assert said.trigger.after == {f"prefect.flow-run.{state}" for state in after}
    (action,) = said.actions
    assert isinstance(action, ChangeFlowRunState)
    assert action.state.value == becomes


def test_no_beat_of_a_run_that_is_being_cancelled_keeps_it_from_its_end() -> None:
    ends, silence = automation("ends cancelled runs").trigger, automation("crashes zombies").trigger
    assert isinstance(ends, EventTrigger)
    assert isinstance(silence, EventTrigger)
    assert not ends.expect & {"prefect.flow-run.*", *silence.after}
    assert ends.within < silence.within - timedelta(seconds=30)  # they are looked at now and then


@pytest.mark.parametrize(
    "of", ["films", "approvals", "failures", "budgets", "credits", "the service"]
)
def test_a_person_is_told_with_the_film_and_the_way_on(of: str) -> None:
    (action,) = automation(f"tells of {of}").actions
    assert isinstance(action, SendNotification)
    assert "flow_run.name" in action.subject or "event.payload.storyboard" in action.subject
    assert "flow_run|ui_url" in action.body


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise's
def test_a_notice_goes_wherever_its_address_says(setup: ModuleType) -> None:
    notices = sys.modules["notices"]
    assert type(notices.block_for("json://127.0.0.1:9/")).__name__ == "SlackWebhook"
    assert type(notices.block_for("mailto://u:p@example.org")).__name__ == "SlackWebhook"
    plain = notices.block_for("https://notices.example.org/longtake")
    assert type(plain).__name__ == "CustomWebhookNotificationBlock"
    with pytest.raises(SystemExit, match="nonsense"):
        notices.block_for("nonsense://x")


def test_only_pools_that_somebody_works_for_are_made(setup: ModuleType) -> None:
    assert setup.kinds("docker, process") == ["docker", "process"]
    with pytest.raises(SystemExit, match="ship"):
        setup.kinds("ship")


@given(per_minute=st.integers(1, 10_000))
def test_no_minute_sees_more_requests_than_were_allowed(setup: ModuleType, per_minute: int) -> None:
    limit = setup.requests_limit(per_minute)
    assert limit["limit"] >= 1
    assert limit["limit"] + 60 * limit["slot_decay_per_second"] <= max(per_minute, 2) + 1e-6


def test_containers_get_addresses_and_no_key(setup: ModuleType) -> None:
    ours = {
        "SEGMIND_API_KEY": "SG_x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_ENDPOINT_URL": "http://s3",
        "LONGTAKE_KEEPING__LEDGER": "postgresql://longtake@database/ledger",
        "LONGTAKE_CRF": "",
    }
    assert setup.environment(ours) == {
        setup.HEARTBEAT: "30",
        setup.PATIENCE: "500",
        "AWS_ENDPOINT_URL": "http://s3",
        "LONGTAKE_KEEPING__LEDGER": "postgresql://longtake@database/ledger",
    }


def test_a_ledgers_password_is_not_put_where_everybody_can_read_it(setup: ModuleType) -> None:
    with pytest.raises(SystemExit, match="PGPASSWORD"):
        setup.environment({"LONGTAKE_KEEPING__LEDGER": "postgresql://me:secret@database/ledger"})


def stack(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(SCRIPT), *words], capture_output=True, text=True, timeout=30)


def test_the_stack_explains_itself() -> None:
    said = stack("help")
    assert said.returncode == 0
    assert "restart NAME" in said.stdout
    assert not [line for line in said.stdout.splitlines() if line.startswith("#")]


def test_an_unknown_word_is_a_mistake() -> None:
    assert stack("start").returncode != 0


def test_a_stack_that_never_ran_says_so(tmp_path: Any) -> None:
    said = stack("--dir", str(tmp_path), "status")
    assert said.returncode == 3
    assert "say up first" in said.stderr
    assert stack("--dir", str(tmp_path), "down").returncode == 0
