"""Looking for a take's own request among all that the history lists."""

from __future__ import annotations

from datetime import datetime

from longtake.rendering.render import Render
from longtake.rendering.takes import Take
from longtake.segmind import HistoryRow


async def find_attempt(render: Render, take: Take, since: datetime) -> HistoryRow | None:
    """The history's row of the take, sent at ``since`` or later, that no other take is known by.

    Authors may give one seed to many clips, so the whole request is compared, its images too where
    it is known under which address they were sent.
    """
    body = dict(take.clip.parameters)
    for key, image in zip(("image", "last_image"), take.images, strict=True):
        if image and (url := await render.ledger.upload_url(image.sha256)):
            body[key] = url
    others: set[str] = set()
    while True:
        row = await render.client.find_attempt(take.clip.model, body, since, besides=others)
        if row is None or not await render.ledger.knows(row.request_id):
            return row
        others.add(row.request_id)
