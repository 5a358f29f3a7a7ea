"""Stills and clips behind addresses: fetched and opened whole before anything is paid, and kept."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from longtake.errors import MediaError, Problem, StoryboardError
from longtake.media.own import trouble_with_clip
from longtake.media.stills import STILL_MAX_BYTES, check_still
from longtake.own_clips import read_own_head
from longtake.rendering.render import Render
from longtake.story import ClipPlan, is_remote
from longtake.story.named_files import is_web

OWN_MAX_BYTES = 512 << 20
"""Of a clip of one's own, as of any other that is fetched."""

AS_FETCHED = "as fetched"
"""The recipe under which the ledger remembers what an address gave."""


async def remote_still(render: Render, uri: str) -> Path:
    """The file of a still behind an http(s) or data URL.

    What an address gave once is kept in the store, and is what it stands for from then on: a clip
    that was paid for starts from it, whether or not the address still gives the same. Another
    address, be it with another ``#fragment``, is fetched again. Raises MediaError where it is no
    usable picture.
    """
    into = render.folder.still(address_name(uri)[:16])
    if uri[:5].lower() == "data:":
        await asyncio.to_thread(into.write_bytes, base64.b64decode(uri.partition(",")[2]))
        return into
    return await _once(render, uri, into, "still", STILL_MAX_BYTES, check_still)


async def remote_clip(render: Render, uri: str) -> Path:
    """The file of an own clip behind an http(s) address, kept as a still is.

    Raises MediaError where it is no usable clip.
    """
    into = render.folder.still(address_name(uri)[:16])
    return await _once(render, uri, into, "clip", OWN_MAX_BYTES, _check_clip)


async def _once(
    render: Render,
    uri: str,
    into: Path,
    kind: str,
    max_bytes: int,
    check: Callable[[Path, str], object],
) -> Path:
    """What the address gives, by ``check`` of use: from the store, or fetched and put there.

    Where the settings have a file in its place, it is that file, and nothing is fetched.
    """
    if (file := render.settings.local_files.get(uri)) is not None:
        await asyncio.to_thread(check, file, f"{file}, in place of {_shown(uri)},")
        return file
    known = await render.ledger.frame(address_name(uri), 0, AS_FETCHED)
    if known is not None and await render.store.fetched(known, kind, into):
        return into
    with tempfile.TemporaryDirectory(dir=into.parent) as name:
        fetched = Path(name) / kind
        await render.client.download(uri, fetched, max_bytes=max_bytes)
        await asyncio.to_thread(check, fetched, f"what {_shown(uri)} gives")
        stored = await render.store.put(fetched, kind)
        await asyncio.to_thread(fetched.replace, into)
    await render.ledger.remember_frame(address_name(uri), 0, AS_FETCHED, stored.sha256)
    return into


def _check_clip(clip: Path, name: str) -> None:
    """Raise MediaError where the head, or anything behind it, makes it of no use."""
    trouble = read_own_head(clip).trouble
    if trouble is None and not (words := trouble_with_clip(clip, name)):
        return
    raise MediaError(f"{name} {trouble}" if trouble else words)


async def fetch_remote_files(render: Render) -> None:
    """Fetch every still and own clip behind an address before the first clip is paid for.

    Raises StoryboardError with every one that is of no use, or too short.
    """
    problems = []
    stills = dict.fromkeys(uri for clip in render.plan.clips for uri in _uris(clip))
    own = [(clip, uri) for clip in render.plan.clips if is_web(uri := clip.own_file or "")]
    for fetched in (
        *(remote_still(render, uri) for uri in stills),
        *(_long_enough(render, clip, uri) for clip, uri in own),
    ):
        try:
            await fetched
        except MediaError as error:
            problems.append(Problem((), str(error)))
    if problems:
        raise StoryboardError(problems)


async def _long_enough(render: Render, clip: ClipPlan, uri: str) -> None:
    path, fps = await remote_clip(render, uri), render.plan.fps
    there = (await asyncio.to_thread(read_own_head, path)).seconds
    if int(there * fps + 1e-3) < clip.frame_count:
        raise MediaError(
            f"{clip.id}: what {_shown(uri)} gives has {there:.2f} seconds, and "
            f"{clip.frame_count / fps:.2f} are needed: show less of it, or use a longer clip"
        )


def _uris(clip: ClipPlan) -> list[str]:
    return [uri for uri in clip.stills if is_remote(uri)]


def address_name(uri: str) -> str:
    """Under which the ledger remembers what an address gave."""
    return hashlib.sha256(uri.encode()).hexdigest()


def _shown(uri: str) -> str:
    return uri if len(uri) <= 100 else f"{uri[:99]}…"
