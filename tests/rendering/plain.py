"""Whole renders without Prefect: the same walk, its steps as plain functions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longtake.documents import load_plan
from longtake.emulator import (
    EmulatedRequest,
    EmulatorConfig,
    Fault,
    FaultScript,
    RunningEmulator,
    serve_emulator,
)
from longtake.errors import LongtakeError
from longtake.ledger import Ledger
from longtake.profile_parts import Keeping
from longtake.record import RunRecord, read_run
from longtake.rendering.downloading import fetch
from longtake.rendering.host import Host
from longtake.rendering.images import make_images
from longtake.rendering.making import Maker
from longtake.rendering.opening import open_render
from longtake.rendering.outcomes import raise_first
from longtake.rendering.outlook import Foreseen, foresee
from longtake.rendering.polling import watch
from longtake.rendering.reconciling import look_for
from longtake.rendering.render import Render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.steps import People, Steps
from longtake.rendering.submitting import send
from longtake.rendering.walk import walk
from longtake.settings import Settings

STEPS = Steps(handover=make_images, submit=send, reconcile=look_for, poll=watch, download=fetch)
CALM = 'continuity: {colour: "off", deflash: false, gate: "off"}'
MODELS = ("wan-2.2-t2v-fast", "wan-2.2-i2v-fast")


def board(*shots: Any, title: str = "One take", **look: Any) -> str:
    """A storyboard of one scene (JSON is YAML), whose pictures are neither read nor corrected."""
    calm = {"colour": "off", "deflash": False, "gate": "off"}
    scene = {"name": "one", "shots": list(shots)}
    return json.dumps(
        {"title": title, "look": {"seed": 7, "continuity": calm} | look} | {"scenes": [scene]}
    )


@dataclass(frozen=True)
class Ended:
    """How a render ended: what it raised, its record, what the emulator took in it alone."""

    error: LongtakeError | None
    run: RunRecord
    accepted: Sequence[EmulatedRequest]


class Workshop:
    """A folder with one ledger and one store, to render in with plain functions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = folder / "ledger.sqlite"

    @contextmanager
    def emulator(self, *faults: Fault, **config: Any) -> Iterator[RunningEmulator]:
        """An emulator that is as fast as it can draw, unless it is told a ``pace``."""
        config = {"pace": 1e6, "faults": FaultScript(faults=faults), **config}
        with serve_emulator(EmulatorConfig(**config)) as running:
            yield running

    async def render(
        self,
        emulator: RunningEmulator,
        storyboard: str,
        *,
        profile: Mapping[str, Any] | None = None,
        steps: Steps = STEPS,
        host: Host | None = None,
        people: Callable[[Render], People] | None = None,
        **request: Any,
    ) -> Ended:
        """Render all chains of a storyboard; the film itself is not joined."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        out, before = self.folder / "out", len(emulator.emulator.requests)
        asked = RenderRequest(
            str(path), out, profile=self.profile(emulator.base_url, profile), **request
        )
        error: LongtakeError | None = None
        try:
            async with open_render(asked, host) as render:
                await make_all(render, steps, people and people(render))
        except LongtakeError as caught:
            error = caught
        run = read_run(out / "run.json")
        assert run is not None
        return Ended(error, run, list(emulator.emulator.requests)[before:])

    @asynccontextmanager
    async def opened(self, storyboard: str, **profile: Any) -> AsyncIterator[Render]:
        """A render that has begun, of a service where nobody answers."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        nowhere = self.profile("http://127.0.0.1:9", profile)
        request = RenderRequest(str(path), self.folder / "out", profile=nowhere)
        async with open_render(request) as render:
            yield render

    async def foreseen(self, storyboard: str, retakes: int = 0) -> Foreseen:
        """What a plan says of the storyboard now."""
        path = self.folder / "foreseen.yaml"
        path.write_text(storyboard, encoding="utf-8")
        _, plan = load_plan(path)
        async with Ledger.open(self.ledger) as ledger:
            return await foresee(
                ledger, plan, self.folder, Settings(keeping=Keeping(retakes=retakes))
            )

    def profile(self, url: str, changes: Mapping[str, Any] | None = None) -> str:
        """The path of a profile for the emulator at ``url``."""
        settings: dict[str, Any] = {
            **dict.fromkeys(("api_url", "upload_url", "history_url"), url),
            "requests_per_minute": 100_000,
            "rates": {"expected_seconds": dict.fromkeys(MODELS, 0.2)},
            "keeping": {
                "ledger": str(self.ledger),
                "store": str(self.folder / "store"),
                "ambiguous_seconds": 0.2,
                "retakes": 0,
            },
        }
        for name, value in (changes or {}).items():
            known = settings.get(name)
            settings[name] = known | value if isinstance(known, dict) else value
        path = self.folder / "profile.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        return str(path)


async def make_all(render: Render, steps: Steps = STEPS, people: People | None = None) -> None:
    """Walk along every chain of the render, side by side; raise what is missing."""
    walks = (walk(chain, Maker(render, steps, people)) for chain in render.plan.chains)
    outcomes = await asyncio.gather(*walks, return_exceptions=True)
    raise_first(each for each in outcomes if isinstance(each, BaseException))
    render.raise_missing()
