"""The images a clip starts from and ends on: made, and fitted to the clip's own shape."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import anyio.to_thread
from anyio import Path as AsyncPath
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import DamagedObject, MissingObject
from longtake.files import sha256_of
from longtake.media import correct_frame, extract_frame, fit_still
from longtake.record import Stage
from longtake.rendering.outlook import image_recipe
from longtake.rendering.render import Render, StoredTake
from longtake.rendering.takes import Image, Images
from longtake.story import Anchor, ClipPlan, Cut, Handover, Still, is_remote
from tasks.retries import repeat_if_safe

STILL_MAX_BYTES = 64 * 2**20


@task(
    name="handover",
    task_run_name="handover {clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def handover(render: Render, clip: ClipPlan, before: StoredTake | None) -> Images:
    """Make the images that ``clip`` starts from and ends on; safe to repeat.

    ``before`` is the clip that is handed over from, as the service made it; its frame is corrected
    as the film is, so that what is wrong with one hop does not reach the next.
    """
    render.note(clip, stage=Stage.PREPARING)
    images = [
        await _made(render, clip, image, end, before) if image else None
        for image, end in _wanted(clip)
    ]
    return _noted(render, clip, images)


async def handed_over(render: Render, clip: ClipPlan, before: StoredTake | None) -> Images | None:
    """The same images as they were made before; None where one has yet to be made, or fetched."""
    images: list[Image | None] = []
    for image, end in _wanted(clip):
        if image is None:
            images.append(None)
        elif isinstance(image, Still) and is_remote(image.uri):
            return None
        else:
            source = await _source(render, clip, image, end, before)
            images.append(await _kept(render, clip, image, end, source, before))
            if images[-1] is None:
                return None
    return _noted(render, clip, images)


class _Source(NamedTuple):
    """A file that holds the image, its hash, and which of its frames that is."""

    path: Path
    sha256: str
    frame_index: int = 0


Wanted = Handover | Anchor | Still


def _wanted(clip: ClipPlan) -> Iterator[tuple[Wanted | None, str]]:
    """What the clip starts from and ends on, and the name of either end."""
    yield (None if isinstance(clip.start, Cut) else clip.start), "start"
    yield (Still(uri=clip.end_image) if clip.end_image else None), "end"


async def _source(
    render: Render, clip: ClipPlan, image: Wanted, end: str, before: StoredTake | None
) -> _Source:
    """Where the image comes from; a still behind an address is downloaded."""
    if not isinstance(image, Still):
        giver = _giver(render, image, before)
        if giver is None:
            raise ValueError(f"{clip.id} is handed over to, but not from a clip")
        return _Source(giver.path, giver.sha256, image.frame_index)
    path = render.storyboard_folder / image.uri
    if is_remote(image.uri):
        path = _image_path(render, clip, end).with_suffix(".original")
        await _fetch(render, image.uri, path)
    return _Source(path, await anyio.to_thread.run_sync(sha256_of, path))


def _giver(render: Render, image: Wanted, before: StoredTake | None) -> StoredTake | None:
    """The clip that one of its frames is taken of; None for a still."""
    match image:
        case Handover():
            return before
        case Anchor(clip_id=clip_id):
            return render.kept.get(clip_id)
    return None


async def _fetch(render: Render, uri: str, into: Path) -> None:
    """A still behind an http(s) or data URL."""
    if urlsplit(uri).scheme.lower() == "data":
        await AsyncPath(into).write_bytes(base64.b64decode(uri.partition(",")[2]))
    else:
        await render.client.download(uri, into, max_bytes=STILL_MAX_BYTES)


async def _made(
    render: Render, clip: ClipPlan, image: Wanted, end: str, before: StoredTake | None
) -> Image:
    source = await _source(render, clip, image, end, before)
    if kept := await _kept(render, clip, image, end, source, before):
        return kept
    into = _image_path(render, clip, end)
    async with render.ffmpeg_slots:
        if isinstance(image, Still):
            await fit_still(source.path, into, clip.width, clip.height, ffmpeg=render.ffmpeg)
        else:
            await extract_frame(
                source.path,
                source.frame_index,
                into,
                ffmpeg=render.ffmpeg,
                width=clip.width,
                height=clip.height,
                untagged_matrix=render.settings.picture.untagged_matrix,
            )
            giver = _giver(render, image, before)
            if giver is not None and giver.calibration and giver.calibration.applied:
                at = source.frame_index
                await correct_frame(into, giver.calibration, into, frame_index=at)
    stored = await render.store.put(into, "frame")
    recipe = _recipe(render, clip, image, before)
    await render.ledger.remember_frame(source.sha256, source.frame_index, recipe, stored.sha256)
    return Image(into, stored.sha256)


async def _kept(
    render: Render,
    clip: ClipPlan,
    image: Wanted,
    end: str,
    source: _Source,
    before: StoredTake | None,
) -> Image | None:
    """The image as it was made the first time: another ffmpeg might make other bytes of it.

    Its content is part of the take's identity, and a take that is paid for must be found again.
    """
    recipe = _recipe(render, clip, image, before)
    sha256 = await render.ledger.frame(source.sha256, source.frame_index, recipe)
    if sha256 is None:
        return None
    try:
        into = _image_path(render, clip, end)
        return Image(await render.store.fetch(sha256, "frame", into), sha256)
    except (MissingObject, DamagedObject):
        return None


def _recipe(render: Render, clip: ClipPlan, image: Wanted, before: StoredTake | None) -> str:
    giver = _giver(render, image, before)
    return image_recipe(clip, render.settings.picture.untagged_matrix, giver and giver.treatment)


def _image_path(render: Render, clip: ClipPlan, end: str) -> Path:
    return render.path("frames", clip, f"-{end}.png")


def _noted(render: Render, clip: ClipPlan, images: list[Image | None]) -> Images:
    start, last = images
    _note(render, clip, "start_image", start)
    _note(render, clip, "end_image", last)
    return Images(start, last)


def _note(render: Render, clip: ClipPlan, which: str, image: Image | None) -> None:
    record = getattr(render.record.clips[clip.id], which)
    if record is not None and image is not None:
        facts: dict[str, object] = {
            "file": render.relative(image.path),
            "sha256": image.sha256,
        }
        if which == "start_image" and isinstance(clip.start, Handover | Anchor):
            facts["frame_index"] = clip.start.frame_index
        render.note(clip, **{which: record.model_copy(update=facts)})
