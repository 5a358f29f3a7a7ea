"""A finished clip is fetched, checked and stored before anything builds on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from longtake.errors import (
    ClipUnusable,
    DamagedClip,
    DamagedObject,
    FileNotYet,
    MissingObject,
    UnfitClip,
    UnreadableAnswer,
)
from longtake.files import sha256_of
from longtake.ledger import Slate, TakeState, Witness
from longtake.media import ClipFacts
from longtake.media.measure.keeping import Keeper, ToKeep
from longtake.record import Stage
from longtake.rendering.contract_watch import note_file, tell_departures
from longtake.rendering.decodes import parts_to_keep
from longtake.rendering.job_history import gone, recover
from longtake.rendering.known_takes import most_takes
from longtake.rendering.looks_shares import seconds_after
from longtake.rendering.render import Render
from longtake.rendering.takes import StoredTake, Take, unusable
from longtake.story import ClipPlan


async def fetch(render: Render, take: Take, slate: Slate) -> StoredTake:
    """Bring the take's clip into the render's folder, from the store or from the service.

    It is kept only if it is whole: every frame decodes and there are enough of them. Safe to
    repeat; under its final name there is never anything but a checked clip.
    """
    remark = None
    if slate.state is TakeState.STORED and slate.clip_sha256:
        try:
            await render.store.fetch(slate.clip_sha256, "clip", render.folder.clip(take))
        except (MissingObject, DamagedObject) as error:
            remark = f"fetched again: {error}"
        else:
            render.report.stored(take, slate, reused=True)
            return take.stored(slate.clip_sha256)
    return await _from_service(render, take, slate, remark)


async def _from_service(render: Render, take: Take, slate: Slate, remark: str | None) -> StoredTake:
    """``remark`` says why a clip that was stored already is fetched again; None for a new one."""
    render.report.note(take.clip, stage=Stage.DOWNLOADING)
    unchecked = render.folder.unchecked(take)
    facts = await _usable(render, take, slate, unchecked)
    with _still_there(unchecked):
        stored = await render.store.put(unchecked, "clip")
    slate, sidecar = await render.ledger.kept(
        take.fingerprint,
        render.owner,
        stored.sha256,
        stored.size_bytes,
        facts.frame_count,
        facts.width,
        facts.height,
    )
    await render.store.keep_sidecar(take.fingerprint, sidecar)
    with _still_there(unchecked):
        await anyio.Path(unchecked).replace(render.folder.clip(take))
    for said in filter(None, (remark, size_remark(take.clip, facts))):
        render.report.remark(take.clip, said)
    render.report.stored(take, slate, reused=remark is not None)
    return take.stored(stored.sha256)


@contextmanager
def _still_there(file: Path) -> Iterator[None]:
    """Another render in the same folder may have checked that very clip, and given it its name."""
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedClip(f"{file.name} was taken away meanwhile; fetching it again") from error


async def _usable(render: Render, take: Take, slate: Slate, unchecked: Path) -> ClipFacts:
    """Have the clip at ``unchecked``, whole. Raises DamagedClip where fetching it again may help.

    ClipUnusable where it cannot: no film can be made of what came, or what comes stays damaged
    in this render. It is paid for, and stays so.
    """
    sha256 = None
    try:
        made_by_v1 = slate.output_url is None and await anyio.Path(unchecked).exists()
        if not made_by_v1:
            sha256 = await _download(render, take, slate, unchecked)
        with _still_there(unchecked):
            with render.film.ahead(take, sha256) as begun:
                keeper = Keeper(to_keep(render, take.clip), render.film.matrix, begun)
                async with render.slots.ffmpeg.next_clip():
                    facts = await render.film.media.inspect_clip(unchecked, keeper)
            if sha256 is None:
                sha256 = await anyio.to_thread.run_sync(sha256_of, unchecked)
        await note_file(render, slate, facts, sha256)
        if facts.frame_count >= take.clip.frame_count:
            kept = await anyio.to_thread.run_sync(keeper.kept, render.folder.clip(take))
            render.film.media.decodes.keep(sha256, kept)
            return facts
        why = f"{facts.frame_count} frames came, the film needs {take.clip.frame_count}"
    except UnfitClip as error:
        why = str(error)
    except DamagedClip as error:
        await anyio.Path(unchecked).unlink(missing_ok=True)  # v1's came with the answer
        if sha256 is None or not (stays := render.report.stays_damaged(take.fingerprint, sha256)):
            raise
        why = f"{stays}: {error}"
    await anyio.Path(unchecked).unlink(missing_ok=True)
    raise await _of_no_use(render, take, slate, why)


def to_keep(render: Render, clip: ClipPlan) -> ToKeep:
    """What is to be kept of the clip while it is decoded.

    What only its reading asks for is taken on the way where no next clip waits, or where that waits
    for a slot in any case; else the reading decodes the clip once more, while the service works.
    """
    compared = most_takes(clip, render.settings.keeping.retakes) > 1
    is_awaited = seconds_after(render.plan, clip.id) > 0 and not render.slots.waiting
    is_read = compared or (render.readings.reads(clip) and not is_awaited)
    return parts_to_keep(clip, is_read=is_read)


async def _of_no_use(render: Render, take: Take, slate: Slate, why: str) -> ClipUnusable:
    """The error for a clip that is of no use, once that is written down."""
    slate = await render.ledger.unusable(take.fingerprint, render.owner, why, of=slate)
    await render.keep_sidecar(take.fingerprint)
    await tell_departures(render, slate, take.clip.expected_seconds)
    return unusable(slate)


async def _download(render: Render, take: Take, slate: Slate, into: Path) -> str:
    """Download from where the answer said; where no file is there, from where the history says.

    Returns the file's hash.
    """
    if slate.output_url is None:
        slate = await recover(render, take, slate)
    try:
        return (await render.client.download(str(slate.output_url), into)).sha256
    except (FileNotYet, UnreadableAnswer) as late:
        away = f"is gone from the service (HTTP {late.status})"
        said = f"its file {away if isinstance(late, FileNotYet) else 'is a page, or nothing'}"
        await gone(render, take, Witness.FILE, said)
        again = await recover(render, take, slate, dead=slate.output_url)
        return (await render.client.download(str(again.output_url), into)).sha256


def size_remark(clip: ClipPlan, facts: ClipFacts) -> str | None:
    """What to say of a clip of another size: it is paid for, and the film's shape can be made."""
    if (facts.width, facts.height) == (clip.width, clip.height):
        return None
    return f"came as {facts.width}x{facts.height}, expected {clip.width}x{clip.height}: rescaled"
