"""First clips are sent before the flow is there; what the flow then pays for is only the rest."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from longtake.emulator import Action, Endpoint, Fault, RunningEmulator
from longtake.errors import BudgetReached
from longtake.ledger import Ledger
from longtake.rendering.early_submits import may_submit_early, submit_early
from longtake.rendering.host import Host
from longtake.rendering.preflight import preflight
from longtake.rendering.render_identity import current_identity, one_render
from longtake.rendering.requests import RenderRequest
from longtake.settings import Settings
from tests.rendering.plain import Ended, Workshop

CALM = {"colour": "off", "deflash": False, "gate": "off"}
TWO_CHAINS = json.dumps(
    {
        "title": "Two chains",
        "look": {"seed": 7, "continuity": CALM},
        "scenes": [
            {"name": "one", "shots": [{"prompt": "a pier"}, {"prompt": "the lamp is lit"}]},
            {"name": "two", "shots": [{"prompt": "a boat"}]},
        ],
    }
)


class Early(Workshop):
    """A workshop whose renders begin before they are opened."""

    async def begun(
        self, emulator: RunningEmulator, *, may_send: bool = True, **request: Any
    ) -> tuple[list[str], Ended]:
        """The prompts that were accepted early, and how the render ended."""
        path = self.folder / "storyboard.yaml"
        path.write_text(TWO_CHAINS, encoding="utf-8")
        profile = self.profile(emulator.base_url)
        asked = RenderRequest(str(path), self.folder / "out", profile=profile, **request)
        ready = await asyncio.to_thread(preflight, path, self.folder / "out", profile=profile)
        with one_render(Host(), pace=1, emulated=False, captions=False):
            before = len(emulator.emulator.requests)
            await submit_early(ready, asked, Host(), lambda: may_send)
            early = [one.body["prompt"] for one in emulator.emulator.requests[before:]]
            ended = await self.render(emulator, TWO_CHAINS, **request)
        return early, ended


@pytest.fixture
def early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Early:
    monkeypatch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
    return Early(tmp_path)


async def test_first_clips_are_accepted_early_and_each_clip_is_paid_for_once(early: Early) -> None:
    with early.emulator() as emulator:
        sent, ended = await early.begun(emulator)
        assert sorted(sent) == ["a boat", "a pier"]
        assert ended.error is None
        assert len(emulator.emulator.requests) == 3
        assert emulator.emulator.billed_usd == ended.run.totals.usd
    assert ended.run.totals.reused == 0  # they are this render's own
    async with Ledger.open(early.ledger) as ledger:
        slates = [await ledger.get(str(one.fingerprint)) for one in ended.run.clips.values()]
    assert {slate.run for slate in slates} == {ended.run.run_id}


async def test_a_budget_holds_over_both(early: Early) -> None:
    with early.emulator() as emulator:
        sent, ended = await early.begun(emulator, budget_usd=0.15)
        assert len(sent) == 1
        assert isinstance(ended.error, BudgetReached)
        assert len(emulator.emulator.requests) == 1


@pytest.mark.thorough
async def test_what_is_known_is_not_sent_again(early: Early) -> None:
    with early.emulator() as emulator:
        await early.begun(emulator)
        sent, ended = await early.begun(emulator)
        assert sent == []
        assert ended.error is None
        assert len(emulator.emulator.requests) == 3


@pytest.mark.thorough
async def test_nothing_is_sent_where_it_may_not_be(early: Early) -> None:
    with early.emulator() as emulator:
        sent, ended = await early.begun(emulator, may_send=False)
        assert sent == []
        assert ended.error is None


@pytest.mark.thorough
async def test_what_stayed_without_an_answer_is_found_and_not_paid_twice(early: Early) -> None:
    lost = Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET, times=1)
    with early.emulator(lost) as emulator:
        _, ended = await early.begun(emulator)
        assert ended.error is None
        assert len(emulator.emulator.requests) == 3
        assert emulator.emulator.billed_usd == ended.run.totals.usd


def test_limits_that_several_processes_share_are_asked_by_the_flow_alone() -> None:
    assert may_submit_early(Settings())
    assert not may_submit_early(Settings(endpoint="v1"))
    for limit in ({"jobs_limit": "jobs"}, {"requests_limit": "requests"}, {"pool": "scenes"}):
        assert not may_submit_early(Settings.model_validate({"fleet": limit}))


def test_outside_of_a_beginning_nothing_has_begun() -> None:
    assert current_identity() is None


def test_nothing_that_decodes_or_measures_is_loaded_before_first_clips_are_sent() -> None:
    code = (
        "import longtake.cli, longtake.rendering.early_submits, sys; "
        "print({'numpy', 'av', 'PIL', 'jinja2', 'prefect'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
