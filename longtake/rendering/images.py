"""The images a clip starts from and ends on: made, and fitted to the clip's own shape."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import anyio.to_thread

from longtake.files import sha256_of
from longtake.media.measure.kept import Decoded
from longtake.record import Stage
from longtake.rendering.known_film import WantedImage, wanted_images
from longtake.rendering.render import Render
from longtake.rendering.stills import remote_still
from longtake.rendering.takes import Images, StoredTake
from longtake.story import Anchor, ClipPlan, Handover, Pinned, Still, is_remote


class ImageSource(NamedTuple):
    """What an image is made of: a file, its hash, and which of its frames."""

    path: Path
    sha256: str
    frame_index: int = 0


async def recalled_images(
    render: Render, clip: ClipPlan, before: StoredTake | None
) -> Images | None:
    """The images as they were made before; None where one has yet to be made, or fetched.

    ``before`` is the clip that is handed over from.
    """
    images = await render.film.images(clip, before)
    if images is None:
        return None
    for (end, _), sha256 in zip(wanted_images(clip), images, strict=True):
        into = render.folder.image(clip, end)
        if sha256 and not await render.store.fetched(sha256, "frame", into):
            return None
    _note(render, clip, images)
    return images


async def make_images(render: Render, clip: ClipPlan, before: StoredTake | None) -> Images:
    """Make the images that ``clip`` starts from and ends on; safe to repeat.

    ``before`` is the clip that is handed over from, as the service made it; its frame is corrected
    as the film is, so that what is wrong with one hop does not reach the next. An image that was
    made before stays: another ffmpeg might make other bytes of it, and its content is part of the
    take's identity.
    """
    render.report.note(clip, stage=Stage.PREPARING)
    hashes = [
        await made_image(render, clip, end, image, before) if image else None
        for end, image in wanted_images(clip)
    ]
    images = Images(*hashes)
    _note(render, clip, images)
    return images


async def made_image(
    render: Render, clip: ClipPlan, end: str, image: WantedImage, before: StoredTake | None
) -> str:
    """One image for the clip, in the render's folder and in the store; returns its hash."""
    if isinstance(image, Pinned):
        await render.store.fetch(image.sha256, "frame", render.folder.image(clip, end))
        return image.sha256
    source = await _source(render, image, before)
    recipe = render.film.image_recipe(clip, image, before)
    known = await render.ledger.frame(source.sha256, source.frame_index, recipe)
    into = render.folder.image(clip, end)
    if known and await render.store.fetched(known, "frame", into):
        return known
    async with render.slots.ffmpeg.handover():
        if isinstance(image, Still):
            await render.film.media.fit_still(source.path, into, clip.width, clip.height)
        else:
            await _frame(render, clip, source, into, render.film.giver(image, before))
    stored = await render.store.put(into, "frame")
    await render.ledger.remember_frame(source.sha256, source.frame_index, recipe, stored.sha256)
    return stored.sha256


async def _frame(
    render: Render, clip: ClipPlan, source: ImageSource, into: Path, giver: StoredTake | None
) -> None:
    """A frame of the clip that hands over, its colours corrected as the film's are."""
    calibration = giver and giver.calibration
    decodes = render.film.media.decodes
    await render.film.media.extract_frame(
        decodes.of(source.sha256, source.path),
        source.frame_index,
        into,
        width=clip.width,
        height=clip.height,
        untagged_matrix=render.settings.picture.untagged_matrix,
        calibration=calibration if calibration and calibration.changes_handover else None,
    )
    decodes.forget(source.sha256, Decoded.without_end)


async def _source(
    render: Render, image: Handover | Anchor | Still, before: StoredTake | None
) -> ImageSource:
    """Where the image comes from; a still behind an address is fetched, once for all renders."""
    if not isinstance(image, Still):
        giver = render.film.giver(image, before)
        if giver is None:
            raise ValueError("a clip is handed over to, but not from a clip")
        return ImageSource(render.folder.clip(giver), giver.sha256, image.frame_index)
    path = render.folder.pictures / image.uri
    if is_remote(image.uri):
        path = await remote_still(render, image.uri)
    return ImageSource(path, await anyio.to_thread.run_sync(sha256_of, path))


def _note(render: Render, clip: ClipPlan, images: Images) -> None:
    """Put on record which pictures the clip has."""
    record = render.report.clip(clip)
    if record.start_image is not None and images.start is not None:
        facts = _facts(render, clip, "start", images.start)
        if isinstance(clip.start, Handover | Anchor):
            facts["frame_index"] = clip.start.frame_index
        render.report.note(clip, start_image=record.start_image.model_copy(update=facts))
    if record.end_image is not None and images.end is not None:
        facts = _facts(render, clip, "end", images.end)
        render.report.note(clip, end_image=record.end_image.model_copy(update=facts))


def _facts(render: Render, clip: ClipPlan, end: str, sha256: str) -> dict[str, object]:
    file = render.folder.relative(render.folder.image(clip, end))
    return {"file": file, "sha256": sha256}
