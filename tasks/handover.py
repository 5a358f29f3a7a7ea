"""The images a clip starts from and ends on: made, and fitted to the clip's own shape."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import urlsplit

import anyio.to_thread
from anyio import Path as AsyncPath
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import DamagedObject, MissingObject
from longtake.media import extract_frame, fit_still
from longtake.record import Stage
from longtake.story import ClipPlan, Handover, Still
from tasks.files import sha256_of
from tasks.foresight import image_recipe
from tasks.repeating import repeat_if_safe
from tasks.studio import Kept, Studio
from tasks.takes import Image, Images

STILL_MAX_BYTES = 64 * 2**20


@task(
    name="handover",
    task_run_name="handover {clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def handover(studio: Studio, clip: ClipPlan, before: Kept | None) -> Images:
    """Make the images that ``clip`` starts from and ends on; safe to repeat.

    ``before`` is the clip that is handed over from, as the service made it.
    """
    studio.note(clip, stage=Stage.PREPARING)
    start: Image | None = None
    match clip.start:
        case Handover(frame_index=frame_index) if before is not None:
            start = await _from_clip(studio, clip, before, frame_index)
        case Still(uri=uri):
            start = await _from_still(studio, clip, uri, "start")
    end = await _from_still(studio, clip, clip.end_image, "end") if clip.end_image else None
    _note(studio, clip, "start_image", start)
    _note(studio, clip, "end_image", end)
    return Images(start, end)


async def _from_clip(studio: Studio, clip: ClipPlan, before: Kept, frame_index: int) -> Image:
    into = studio.path("frames", clip, "-start.png")
    if kept := await _kept(studio, clip, into, before.sha256, frame_index):
        return kept
    async with studio.benches:
        await extract_frame(
            before.path,
            frame_index,
            into,
            ffmpeg=studio.ffmpeg,
            width=clip.width,
            height=clip.height,
            untagged_matrix=studio.settings.picture.untagged_matrix,
        )
    return await _keep(studio, clip, into, before.sha256, frame_index)


async def _from_still(studio: Studio, clip: ClipPlan, uri: str, end: str) -> Image:
    """The still behind ``uri``: a path beside the storyboard, an http(s) or a data URL."""
    into = studio.path("frames", clip, f"-{end}.png")
    source = into.with_suffix(".original")
    scheme = urlsplit(uri).scheme.lower()
    if scheme in {"http", "https"}:
        await studio.client.download(uri, source, max_bytes=STILL_MAX_BYTES)
    elif scheme == "data":
        await AsyncPath(source).write_bytes(base64.b64decode(uri.partition(",")[2]))
    else:
        source = studio.storyboard_folder / uri
    source_sha256 = await anyio.to_thread.run_sync(sha256_of, source)
    if kept := await _kept(studio, clip, into, source_sha256, 0):
        return kept
    async with studio.benches:
        await fit_still(source, into, clip.width, clip.height, ffmpeg=studio.ffmpeg)
    return await _keep(studio, clip, into, source_sha256, 0)


async def _kept(
    studio: Studio, clip: ClipPlan, into: Path, source_sha256: str, frame_index: int
) -> Image | None:
    """The image as it was made the first time: another ffmpeg might make other bytes of it.

    Its content is part of the take's identity, and a take that is paid for must be found again.
    """
    recipe = image_recipe(clip, studio.settings.picture.untagged_matrix)
    sha256 = await studio.ledger.frame(source_sha256, frame_index, recipe)
    if sha256 is None:
        return None
    try:
        return Image(await studio.store.fetch(sha256, "frame", into), sha256)
    except (MissingObject, DamagedObject):
        return None


async def _keep(
    studio: Studio, clip: ClipPlan, made: Path, source_sha256: str, frame_index: int
) -> Image:
    """Put the image into the store and write down what it was made from."""
    stored = await studio.store.put(made, "frame")
    recipe = image_recipe(clip, studio.settings.picture.untagged_matrix)
    await studio.ledger.remember_frame(source_sha256, frame_index, recipe, stored.sha256)
    return Image(made, stored.sha256)


def _note(studio: Studio, clip: ClipPlan, which: str, image: Image | None) -> None:
    record = getattr(studio.record.clips[clip.id], which)
    if record is not None and image is not None:
        facts = {"file": studio.relative(image.path), "sha256": image.sha256}
        studio.note(clip, **{which: record.model_copy(update=facts)})
