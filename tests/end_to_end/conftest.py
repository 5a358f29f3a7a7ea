"""Whole renders: a real Prefect server for the session, a real emulator for each test."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect._internal.concurrency.threads import get_global_loop, get_run_sync_loop

from flows.render import render_storyboard
from longtake.emulator import (
    EmulatedRequest,
    EmulatorConfig,
    Fault,
    FaultScript,
    RunningEmulator,
    serve_emulator,
)
from longtake.errors import LongtakeError
from longtake.record import RunRecord, read_run

CALM = 'continuity: {colour: "off", deflash: false, gate: "off"}'
"""In a look: for tests of something else, the clips' pictures are neither read nor corrected."""

STORYBOARD = f"""\
title: Two ways
look: {{seed: 7, {CALM}}}
scenes:
  - name: chained
    shots: [a lighthouse at dusk, the lamp is lit]
  - name: alone
    shots: [a sailing boat at dawn]
"""

MODELS = ("wan-2.2-t2v-fast", "wan-2.2-i2v-fast")


@pytest.fixture(scope="package", autouse=True)
def prefect_server() -> Iterator[None]:
    """One server for all of these tests: it takes some ten seconds to start.

    It ends with the last of them, and with it Prefect's threads in this process: they draw from
    `random`, which property tests of other rooms must not see.
    """
    # Only here: it imports the whole server, which each process would do that collects tests.
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=300):
        yield
    for loop in (get_global_loop(), get_run_sync_loop()):
        loop.shutdown()
        loop.thread.join(60)
    with warnings.catch_warnings():  # what the last test left, while it may still be passed over
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
        _close_what_is_left()


def _close_what_is_left() -> None:
    """Close the sockets to servers that are gone: this one, and those of renders of their own.

    The collector would find what is left of Prefect's clients in the middle of any other room's
    test, which then fails for it.
    """
    for each in gc.get_objects():
        if issubclass(type(each), socket.socket) and each.fileno() >= 0:  # asks no proxy
            with suppress(OSError):
                if each.family == socket.AF_INET and each.getpeername()[0] == "127.0.0.1":
                    each.close()


@dataclass(frozen=True)
class Ending:
    """How a render ended: its record, what the emulator accepted, the error if there was one."""

    folder: Path
    run: RunRecord
    accepted: Sequence[EmulatedRequest]
    error: LongtakeError | None

    @property
    def film(self) -> Path:
        """The film's path."""
        return self.folder / "film.mp4"

    @property
    def missing(self) -> set[str]:
        """The clips that are not in the film."""
        return {clip.id for clip in self.run.clips.values() if clip.stage.ended_badly}


class Harness:
    """Renders storyboards in a folder, with one ledger and one store, on emulators of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def render(
        self,
        storyboard: str = STORYBOARD,
        *,
        faults: Sequence[Fault] = (),
        profile: Mapping[str, Any] | None = None,
        render: Mapping[str, Any] | None = None,
        **config: Any,
    ) -> Ending:
        """Render on a fresh emulator to the end, whatever it is."""
        script = FaultScript(faults=tuple(faults))
        with self.emulator(faults=script, **config) as emulator:
            return await self.render_on(emulator, storyboard, profile=profile, **(render or {}))

    async def render_on(
        self,
        emulator: RunningEmulator,
        storyboard: str = STORYBOARD,
        *,
        profile: Mapping[str, Any] | None = None,
        **render: Any,
    ) -> Ending:
        """Render on a running emulator; ``accepted`` holds what it took in this render alone."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        settings = self.profile(emulator.base_url, profile)
        out = self.folder / "out"
        before = len(emulator.emulator.requests)
        error: LongtakeError | None = None
        try:
            await render_storyboard(str(path), str(out), str(settings), **render)
        except LongtakeError as caught:
            error = caught
        run = read_run(out / "run.json")
        assert run is not None
        return Ending(out, run, list(emulator.emulator.requests)[before:], error)

    async def refused(
        self,
        emulator: RunningEmulator,
        storyboard: str,
        *,
        profile: Mapping[str, Any] | None = None,
    ) -> LongtakeError:
        """Why a render on a running emulator does not even begin; nothing is asked of it."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        settings = self.profile(emulator.base_url, profile)
        with pytest.raises(LongtakeError) as caught:
            await render_storyboard(str(path), str(self.folder / "out"), str(settings))
        assert not emulator.emulator.requests
        return caught.value

    @contextmanager
    def emulator(self, **config: Any) -> Iterator[RunningEmulator]:
        """An emulator that is as fast as it can draw."""
        with serve_emulator(EmulatorConfig(pace=1e6, **config)) as emulator:
            yield emulator

    def profile(self, url: str, changes: Mapping[str, Any] | None = None) -> Path:
        """A profile for the emulator at ``url``, patient for moments only, as a file."""
        settings: dict[str, Any] = {
            **dict.fromkeys(("api_url", "upload_url", "history_url"), url),
            "requests_per_minute": 100_000,
            "rates": {"expected_seconds": dict.fromkeys(MODELS, 0.2)},
            "picture": {"preset": "ultrafast"},
            "review": False,
            "waiting": {
                "read_seconds": 2,
                "generate_seconds": 9,
                "job_seconds": 45,
                "retry_seconds": [0.01, 0.02, 0.05],
            },
            "keeping": {
                "ledger": str(self.folder / "ledger.sqlite"),
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
        return path


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    """Somewhere to render, with a key that the emulator takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        yield Harness(tmp_path)


@pytest.fixture(scope="package")
def plain(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """One render where nothing goes wrong, for every test that only looks at what it left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        return asyncio.run(Harness(tmp_path_factory.mktemp("plain")).render())


@pytest.fixture
def rendered(plain: Ending, harness: Harness) -> Harness:
    """Somewhere with a ledger and a store that know the plain render already."""
    shutil.copytree(plain.folder.parent, harness.folder, dirs_exist_ok=True)
    return harness
