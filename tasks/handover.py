"""The images a clip starts from and ends on: made, fitted to the clip's shape, and sent."""

from __future__ import annotations

import base64
import hashlib
import urllib.parse
from pathlib import Path
from typing import NamedTuple

from anyio import Path as AsyncPath
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.media import extract_frame, fit_still
from longtake.record import Stage
from longtake.segmind import data_uri
from longtake.story import ClipPlan, Handover, Still
from tasks.repeating import repeat_if_safe
from tasks.studio import Studio

STILL_MAX_BYTES = 64 * 2**20


class Image(NamedTuple):
    """An image as a clip is given it: its address on the wire and the hash of its bytes."""

    address: str
    sha256: str


class Images(NamedTuple):
    """What conditions a clip: neither for t2v, a start image and perhaps an end image for i2v."""

    start: Image | None = None
    end: Image | None = None


@task(
    name="handover",
    task_run_name="handover {clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def handover(studio: Studio, clip: ClipPlan, before: Path | None) -> Images:
    """Make and send the images that ``clip`` starts from and ends on; safe to repeat.

    ``before`` is the checked file of the clip that is handed over from, as the service made it.
    """
    studio.note(clip, stage=Stage.PREPARING)
    start = studio.path("frames", clip, "-start.png")
    match clip.start:
        case Handover(frame_index=frame_index) if before is not None:
            async with studio.benches:
                await extract_frame(
                    before,
                    frame_index,
                    start,
                    ffmpeg=studio.ffmpeg,
                    width=clip.width,
                    height=clip.height,
                    untagged_matrix=studio.settings.picture.untagged_matrix,
                )
        case Still(uri=uri):
            await _fit(studio, clip, uri, start)
    end = studio.path("frames", clip, "-end.png")
    if clip.end_image:
        await _fit(studio, clip, clip.end_image, end)
    return Images(
        await _send(studio, clip, start, "start_image"),
        await _send(studio, clip, end, "end_image") if clip.end_image else None,
    )


async def _fit(studio: Studio, clip: ClipPlan, uri: str, into: Path) -> None:
    """The still behind ``uri`` (a path, an http(s) or a data URL), in the clip's own shape."""
    scheme = urllib.parse.urlsplit(uri).scheme
    source = into.with_suffix(".original")
    if scheme in {"http", "https"}:
        await studio.client.download(uri, source, max_bytes=STILL_MAX_BYTES)
    elif scheme == "data":
        await AsyncPath(source).write_bytes(base64.b64decode(uri.partition(",")[2]))
    else:
        source = studio.storyboard_folder / uri
    async with studio.benches:
        await fit_still(source, into, clip.width, clip.height, ffmpeg=studio.ffmpeg)


async def _send(studio: Studio, clip: ClipPlan, path: Path, which: str) -> Image:
    content = await AsyncPath(path).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    inline = studio.settings.image_transport == "data_uri"
    address = (
        data_uri(content, "image/png")
        if inline
        else await studio.client.upload(content, "image/png")
    )
    image = getattr(studio.record.clips[clip.id], which)
    facts = {"file": studio.relative(path), "sha256": sha256, "url": None if inline else address}
    studio.note(clip, **{which: image.model_copy(update=facts)})
    return Image(address, sha256)
