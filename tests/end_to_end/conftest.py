"""Whole renders: a real Prefect server for the session, a real emulator for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

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

STORYBOARD = """\
title: Two ways
look: {seed: 7}
scenes:
  - name: chained
    shots: [a lighthouse at dusk, the lamp is lit]
  - name: alone
    shots: [a sailing boat at dawn]
"""

PROFILE = """\
api_url: {url}
upload_url: {url}
history_url: {url}
requests_per_minute: 100000
rates: {{expected_seconds: {{wan-2.2-t2v-fast: 0.2, wan-2.2-i2v-fast: 0.2}}}}
picture: {{preset: ultrafast}}
waiting:
  read_seconds: 2
  generate_seconds: 9
  job_seconds: {job_seconds}
  retry_seconds: [0.01, 0.02, 0.05]
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prefect's client leaves its sockets to the garbage collector: no warning of ours."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


@pytest.fixture(scope="session", autouse=True)
def prefect_server() -> Iterator[None]:
    """One server for the session: it takes some ten seconds to start."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


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


class Studio:
    """Renders storyboards on an emulator of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def render(
        self,
        storyboard: str = STORYBOARD,
        *,
        faults: Sequence[Fault] = (),
        profile: str = "",
        job_seconds: float = 9,
        **config: object,
    ) -> Ending:
        """Render to the end, whatever it is."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        script = FaultScript(faults=tuple(faults))
        with self.emulator(job_seconds, faults=script, **config) as (emulator, profile_path):
            with profile_path.open("a", encoding="utf-8") as file:
                file.write(profile)
            error: LongtakeError | None = None
            try:
                await render_storyboard(str(path), str(self.folder / "out"), str(profile_path))
            except LongtakeError as caught:
                error = caught
            accepted = list(emulator.emulator.requests)
        run = read_run(self.folder / "out/run.json")
        assert run is not None
        return Ending(self.folder / "out", run, accepted, error)

    @contextmanager
    def emulator(
        self, job_seconds: float = 9, **config: object
    ) -> Iterator[tuple[RunningEmulator, Path]]:
        """A fast emulator, and a profile that points at it."""
        with serve_emulator(EmulatorConfig(pace=1e6, **config)) as emulator:  # type: ignore[arg-type]
            profile = self.folder / "profile.yaml"
            values = {"url": emulator.base_url, "job_seconds": job_seconds}
            profile.write_text(PROFILE.format_map(values), encoding="utf-8")
            yield emulator, profile


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """Somewhere to render, with a key that the emulator takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        yield Studio(tmp_path)


@pytest.fixture(scope="session")
def plain(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """One render where nothing goes wrong, for every test that only looks at what it left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        return asyncio.run(Studio(tmp_path_factory.mktemp("plain")).render())
