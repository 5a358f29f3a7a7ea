"""All films of a server on one page: the artifact ``longtake-films``, a line for each.

It is made from what the films' own pages say, so that no render has to know of another's lines.
The other page that belongs to no film, that of the notices, is kept short here, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    ArtifactFilter,
    ArtifactFilterKey,
)
from prefect.client.schemas.objects import ArtifactCollection
from prefect.client.schemas.sorting import ArtifactCollectionSort, ArtifactSort
from prefect.exceptions import ObjectNotFound

from longtake.rendering.run_page.names import FILM
from longtake.rendering.run_page.words import link
from tasks.run_page.artifact import replace_data

INDEX = "longtake-films"
NOTICES = "longtake-notices"
"""The key that notices have which are sent nowhere else; a version for each."""

MOST = 200
"""Films on the page, the latest first; as many notices are kept."""


class IndexRow(NamedTuple):
    """A film in the index: its page's artifact, its title, how it stands, and since when."""

    page: str
    title: str
    stands: str
    since: str


class FilmIndex:
    """The index as one render writes it: what it has found or done once it does not ask again."""

    def __init__(self, client: PrefectClient, ui_url: str) -> None:
        self._client = client
        self._ui_url = ui_url
        self._artifact: UUID | None = None

    async def write(self) -> None:
        """Bring it up to date: four requests, then two each time; raises what the API raises."""
        films = await self._client.read_latest_artifacts(
            artifact_filter=ArtifactCollectionFilter(
                key=ArtifactCollectionFilterKey(like_=FILM, exists_=True)
            ),
            sort=ArtifactCollectionSort.UPDATED_DESC,
            limit=MOST,
        )
        data = index(filter(None, map(line_of, films)), self._ui_url)
        if self._artifact is not None:
            await replace_data(self._client, self._artifact, data)
            return
        there = await self._client.read_latest_artifacts(
            artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[INDEX]))
        )
        if there:
            await replace_data(self._client, there[0].latest_id, data)
            self._artifact = there[0].latest_id
        else:
            new = ArtifactCreate(key=INDEX, type="markdown", description="All films", data=data)
            self._artifact = (await self._client.create_artifact(new)).id
        await clear_notices(self._client)


async def clear_notices(client: PrefectClient, *, most: int = MOST) -> None:
    """Remove the oldest notices: no run owns them, so Prefect would keep them forever.

    One request, and one for each that is removed; raises what the API raises.
    """
    old = await client.read_artifacts(
        artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[NOTICES])),
        sort=ArtifactSort.CREATED_DESC,
        offset=most,
        limit=MOST,
    )
    for notice in old:
        with suppress(ObjectNotFound):  # another render does the same
            await client.delete_artifact(notice.id)


def index(lines: Iterable[IndexRow], ui_url: str) -> str:
    """The page's Markdown."""
    rows = ["# Films", "", "| film | stands | since (UTC) |", "|---|---|---|"]
    for line in lines:
        # The key's own page lists versions and shows none of them.
        address = f"{ui_url.rstrip('/')}/artifacts/artifact/{line.page}"
        rows.append(f"| {link(line.title, address)} | {line.stands} | {line.since} |")
    return "\n".join(rows) + "\n"


def line_of(film: ArtifactCollection) -> IndexRow | None:
    """What the film's own page begins with: its title, then how it stands."""
    if not film.key.endswith(FILM) or not isinstance(film.data, str):
        return None
    said = [line for line in film.data.splitlines() if line.strip()][:2]
    if len(said) < 2 or not said[0].startswith("# "):
        return None
    since = f"{film.updated:%Y-%m-%d %H:%M}" if film.updated else ""
    return IndexRow(str(film.latest_id), said[0].removeprefix("# "), said[1], since)
