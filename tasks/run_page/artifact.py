"""A film's page as an artifact: created once, then written again when it has changed.

The server's CPU is what is scarce, so nothing is sent that the server has already, and the heavier
the page is the longer it rests between two writes.
"""

from __future__ import annotations

import math
from typing import Protocol
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate

from longtake.rendering.run_page.film_page import film_page
from longtake.rendering.run_page.snapshot import Snapshot

CALM_SECONDS = 5.0
"""The shortest time between two writes."""

UNSEEN_SECONDS = 60.0
"""The same at a server of our own, which has no UI: a page is looked at once it has ended."""

BYTES_A_SECOND = 15_000
"""A page with a whole contact sheet (300 KB) rests for 20 s."""


class ArtifactStore(Protocol):
    """Where the page goes. Each call is one request; whatever goes wrong is raised."""

    async def create(self, page: str) -> UUID:
        """Make a new version of the film's artifact and return its id."""

    async def update(self, artifact: UUID, page: str) -> None:
        """Replace the artifact's data."""


class PrefectArtifacts:
    """Prefect's API, for one flow run and the key of its film's page."""

    def __init__(self, client: PrefectClient, flow_run_id: UUID, key: str, title: str) -> None:
        self._client = client
        self._flow_run_id = flow_run_id
        self._key = key
        self._title = title

    async def create(self, page: str) -> UUID:
        """One request, and an event of a few hundred bytes."""
        artifact = await self._client.create_artifact(
            ArtifactCreate(
                key=self._key,
                type="markdown",
                description=f"The film: {self._title}",
                data=page,
                flow_run_id=self._flow_run_id,
            )
        )
        return artifact.id

    async def update(self, artifact: UUID, page: str) -> None:
        """One request."""
        await replace_data(self._client, artifact, page)


async def replace_data(client: PrefectClient, artifact: UUID, data: str) -> None:
    """One request. `update_artifact` would send all of the data a second time, as an event."""
    await client.request(
        "PATCH", "/artifacts/{id}", path_params={"id": artifact}, json={"data": data}
    )


class ArtifactWriter:
    """The page of one run, and the store that it is written to, every ``calm_seconds`` at most."""

    def __init__(self, store: ArtifactStore, calm_seconds: float = CALM_SECONDS) -> None:
        self._store = store
        self._calm_seconds = calm_seconds
        self._id: UUID | None = None
        self._written = ""
        self._written_at = -math.inf

    async def write(self, snapshot: Snapshot, *, at_seconds: float, force: bool = False) -> None:
        """Send the page if it has changed and may be written again at ``at_seconds``.

        ``force`` is for the last word, which waits for nothing. What could not be written is due
        again.
        """
        rest = max(self._calm_seconds, len(self._written) / BYTES_A_SECOND)
        if not force and at_seconds - self._written_at < rest:
            return
        page = film_page(snapshot)
        if page == self._written:
            return
        if self._id is None:
            self._id = await self._store.create(page)
        else:
            await self._store.update(self._id, page)
        self._written, self._written_at = page, at_seconds
