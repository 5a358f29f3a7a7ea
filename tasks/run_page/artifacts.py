"""Artifacts that follow a render: each is created once, then written again when its content moved.

The server's CPU is what is scarce, so nothing is sent that the server has already, and each panel
has its own shortest time between two writes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate

from longtake.record import RunRecord
from longtake.rendering.run_page.clip_table import table
from longtake.rendering.run_page.contact_sheet import sheet
from longtake.rendering.run_page.progress import chain_progress, film_progress
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.summary import summary

Data = str | float

CALM_SECONDS = 5.0
"""The shortest time between two writes of what is read rather than glanced at."""

SHEET_SECONDS = 20.0
"""The same for the contact sheet, by far the largest."""

MAX_RINGS = 6
"""Films of more chains have the film's ring only: many would bury the summary."""


@dataclass
class Panel:
    """One artifact. ``paint`` gives its data, None while there is nothing to show yet.

    A ``chain``'s artifact is attached to one of its task runs: the run graph shows it there.
    """

    what: str
    kind: str
    description: str
    paint: Callable[[Snapshot], Data | None]
    every_seconds: float = 0
    chain: int | None = None
    id: UUID | None = None
    written: Data | None = None
    written_at: float = -math.inf


class ArtifactStore(Protocol):
    """Where artifacts go. Each call is one request; whatever goes wrong is raised."""

    async def create(self, panel: Panel, data: Data, task_run_id: UUID | None) -> UUID:
        """Make a new version of the panel's artifact and return its id."""

    async def update(self, artifact: UUID, data: Data) -> None:
        """Replace the artifact's data."""


class PrefectArtifacts:
    """Prefect's API, for one flow run; ``key`` makes an artifact's key from its short name."""

    def __init__(self, client: PrefectClient, flow_run_id: UUID, key: Callable[[str], str]) -> None:
        self._client = client
        self._flow_run_id = flow_run_id
        self._key = key

    async def create(self, panel: Panel, data: Data, task_run_id: UUID | None) -> UUID:
        """One request, and an event of a few hundred bytes."""
        artifact = await self._client.create_artifact(
            ArtifactCreate(
                key=self._key(panel.what),
                type=panel.kind,
                description=panel.description,
                data=data,
                flow_run_id=self._flow_run_id,
                task_run_id=task_run_id,
            )
        )
        return artifact.id

    async def update(self, artifact: UUID, data: Data) -> None:
        """One request. `update_artifact` would send all of the data a second time, as an event."""
        await self._client.request(
            "PATCH", "/artifacts/{id}", path_params={"id": artifact}, json={"data": data}
        )


def panels(run: RunRecord) -> list[Panel]:
    """All that a run's page shows, in the order of importance."""
    chains = sorted({clip.chain for clip in run.clips.values()})
    slowly = max(CALM_SECONDS, len(run.clips) / 20)
    fixed = [
        Panel("summary", "markdown", "The render in short", summary, CALM_SECONDS),
        Panel("film", "progress", f"The film: {run.title}", film_progress),
        Panel("clips", "table", "The storyboard, clip by clip", table, slowly),
    ]
    rings = [_ring(run, chain) for chain in chains if 1 < len(chains) <= MAX_RINGS]
    return [
        *fixed,
        *rings,
        Panel("sheet", "markdown", "Contact sheet", sheet, max(SHEET_SECONDS, slowly)),
    ]


def _ring(run: RunRecord, chain: int) -> Panel:
    clips = [clip.id for clip in run.clips.values() if clip.chain == chain]
    span = clips[0] if len(clips) == 1 else f"{clips[0]} to {clips[-1]}"
    return Panel(
        f"chain-{chain}",
        "progress",
        f"Chain {chain}: {span}",
        lambda snapshot: chain_progress(snapshot, chain),
        chain=chain,
    )


class ArtifactWriter:
    """The panels of one run, and the store that they are written to.

    ``requests`` counts what was sent, by panel. ``task_runs`` has the task run that a chain's
    ring is attached to.
    """

    def __init__(self, panels: Sequence[Panel], store: ArtifactStore) -> None:
        self.panels = panels
        self.requests: Counter[str] = Counter()
        self.task_runs: dict[int, UUID] = {}
        self._store = store

    async def write(self, snapshot: Snapshot, *, at_seconds: float, force: bool = False) -> None:
        """Send every panel that has moved and may be written again at ``at_seconds``.

        ``force`` is for the last word: no panel waits for its time. Raises the first failure,
        after every panel was tried; what was not written is due again.
        """
        failure: Exception | None = None
        for panel in self.panels:
            if not force and at_seconds - panel.written_at < panel.every_seconds:
                continue
            try:
                await self._write(panel, snapshot, at_seconds)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    async def _write(self, panel: Panel, snapshot: Snapshot, at_seconds: float) -> None:
        data = panel.paint(snapshot)
        if data is None or data == panel.written:
            return
        self.requests[panel.what] += 1
        if panel.id is None:
            task_run_id = None if panel.chain is None else self.task_runs.get(panel.chain)
            panel.id = await self._store.create(panel, data, task_run_id)
        else:
            await self._store.update(panel.id, data)
        panel.written, panel.written_at = data, at_seconds
