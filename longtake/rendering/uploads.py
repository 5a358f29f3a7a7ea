"""Images at the service: each content is uploaded once, to the service and account that gets it."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from anyio import Path as AsyncPath
from pydantic import BaseModel

from longtake.ledger import Slate
from longtake.rendering.measure_cache import recalled
from longtake.rendering.render import Render
from longtake.rendering.slots import wait_for_request_slot
from longtake.rendering.takes import Take
from longtake.segmind import data_uri
from longtake.story import ClipPlan, family_of

MEDIA_TYPE = "image/png"
UPLOAD_SECONDS = 3600.0
"""How long an uploaded image is taken to be there still; the service does not say."""


class Sent(BaseModel):
    """A take's request: the addresses of its start and end image (None: not sent by address),
    and when it left by the service's clock (None: not known then)."""

    image: str | None = None
    last_image: str | None = None
    service_at: datetime | None = None

    def by_field(self, model: str) -> dict[str, str]:
        """The addresses as the model's requests name them."""
        fields = family_of(model).fields
        named = {"start_image": self.image, "end_image": self.last_image}
        return {fields[name]: url for name, url in named.items() if url is not None}


async def addresses(render: Render, take: Take) -> dict[str, str]:
    """The images of a request, by their fields: addresses that the service gave, or data URIs."""
    fields = family_of(take.clip.model).fields
    return {
        fields[f"{end}_image"]: await _address(render, take.clip, end, sha256)
        for end, sha256 in _images(take)
    }


async def note_sent(render: Render, slate: Slate, body: dict[str, str]) -> None:
    """Remember when the attempt's request leaves and what it names its images by, before it does.

    The request history is searched by it, also when the images have other addresses by then.
    """
    family = family_of(slate.model)
    start, end = (family.value_of(name, body, "data:") for name in ("start_image", "end_image"))
    sent = Sent(
        image=None if start.startswith("data:") else start,
        last_image=None if end.startswith("data:") else end,
        service_at=render.client.service_time(render.clock.now()),
    ).model_dump_json()
    await render.ledger.remember_measure(_subject("sent", slate.attempt_id), sent)


async def what_was_sent(render: Render, slate: Slate) -> Sent:
    """The attempt's request as it was written down; without any value where it was not."""
    return await recalled(render.ledger, _subject("sent", slate.attempt_id), Sent) or Sent()


async def forget_uploads(render: Render, take: Take) -> None:
    """Upload the take's images again the next time: its job failed, perhaps for want of them."""
    for _, sha256 in _images(take):
        await render.ledger.remember_upload(_at_service(render, sha256), "", 0)
        render.client.forget_upload(sha256, MEDIA_TYPE)


async def _address(render: Render, clip: ClipPlan, end: str, sha256: str) -> str:
    content = await _content(render, clip, end, sha256)
    if render.settings.image_transport == "data_uri":
        return data_uri(content, MEDIA_TYPE)
    subject = _at_service(render, sha256)
    url = await render.ledger.upload_url(subject, sha256)
    if url is None:
        await wait_for_request_slot(render)
        url = await render.client.upload(content, MEDIA_TYPE)
        await render.ledger.remember_upload(subject, url, UPLOAD_SECONDS)
    record = render.report.clip(clip)
    if end == "start" and record.start_image:
        render.report.note(clip, start_image=record.start_image.model_copy(update={"url": url}))
    if end == "end" and record.end_image:
        render.report.note(clip, end_image=record.end_image.model_copy(update={"url": url}))
    return url


async def _content(render: Render, clip: ClipPlan, end: str, sha256: str) -> bytes:
    """The image with that hash: another render may have put its own into the folder meanwhile."""
    file = AsyncPath(render.folder.image(clip, end))
    with suppress(FileNotFoundError):
        content = await file.read_bytes()
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    mine = file.with_name(f"{file.stem}.{sha256[:12]}.{clip.seed}{file.suffix}")  # of one take
    await render.store.fetch(sha256, "frame", Path(mine))
    try:
        return await mine.read_bytes()
    finally:
        await mine.unlink(missing_ok=True)


def _images(take: Take) -> list[tuple[str, str]]:
    """Each image: the end of the clip, its content."""
    images = (("start", take.images.start), ("end", take.images.end))
    return [(end, sha256) for end, sha256 in images if sha256]


def _at_service(render: Render, sha256: str) -> str:
    """An address belongs to the service and the account that gave it."""
    return _subject("upload", render.settings.upload_url, render.spending.account, sha256)


def _subject(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
