"""Stills behind addresses: fetched and opened whole before anything is paid for, and kept."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tempfile
from pathlib import Path

from longtake.errors import DamagedObject, MediaError, MissingObject, Problem, StoryboardError
from longtake.media.stills import STILL_MAX_BYTES, check_still
from longtake.rendering.render import Render
from longtake.story import ClipPlan, is_remote

AS_FETCHED = "as fetched"
"""The recipe under which the ledger remembers what an address gave."""


async def remote_still(render: Render, uri: str) -> Path:
    """The file of a still behind an http(s) or data URL.

    What an address gave once is kept in the store, and is what it stands for from then on: a clip
    that was paid for starts from it, whether or not the address still gives the same. Another
    address, be it with another ``#fragment``, is fetched anew. Raises MediaError where it is no
    usable picture.
    """
    into = render.folder.still(_name(uri)[:16])
    if uri[:5].lower() == "data:":
        await asyncio.to_thread(into.write_bytes, base64.b64decode(uri.partition(",")[2]))
        return into
    known = await render.ledger.frame(_name(uri), 0, AS_FETCHED)
    if known is not None:
        try:
            return await render.store.fetch(known, "still", into)
        except (MissingObject, DamagedObject):
            pass  # then the address is asked again
    with tempfile.TemporaryDirectory(dir=into.parent) as name:
        fetched = Path(name) / "still"
        await render.client.download(uri, fetched, max_bytes=STILL_MAX_BYTES)
        await asyncio.to_thread(check_still, fetched, f"what {_shown(uri)} gives")
        stored = await render.store.put(fetched, "still")
        await asyncio.to_thread(fetched.replace, into)
    await render.ledger.remember_frame(_name(uri), 0, AS_FETCHED, stored.sha256)
    return into


async def fetch_remote_stills(render: Render) -> None:
    """Have every remote still of the plan before the first clip is paid for.

    Raises StoryboardError with every one that is no usable picture.
    """
    problems = []
    for uri in dict.fromkeys(uri for clip in render.plan.clips for uri in _uris(clip)):
        try:
            await remote_still(render, uri)
        except MediaError as error:
            problems.append(Problem((), str(error)))
    if problems:
        raise StoryboardError(problems)


def _uris(clip: ClipPlan) -> list[str]:
    return [uri for uri in clip.stills if is_remote(uri)]


def _name(uri: str) -> str:
    return hashlib.sha256(uri.encode()).hexdigest()


def _shown(uri: str) -> str:
    return uri if len(uri) <= 100 else f"{uri[:99]}…"
