"""A record lives one hour; what the request history says leads to the clip for days after it."""

from __future__ import annotations

from longtake.errors import GenerationFailed, JobOverdue, RequestUnknown
from longtake.ledger import Slate
from tasks.studio import Studio
from tasks.takes import Take, lost


async def recover(studio: Studio, take: Take, slate: Slate) -> Slate:
    """The completed slate, by the history's row of its request.

    Raises GenerationFailed where the row says so, JobOverdue where it has not ended, and ClipLost
    where there is no row, or none that leads to a file: it is written down first.
    """
    request_id = str(slate.request_id)
    try:
        row = await studio.client.history_row(request_id)
    except RequestUnknown:
        raise await _lost(
            studio, take, f"the service no longer knows request {request_id}"
        ) from None
    if row.output_url:
        return await studio.ledger.completed(
            take.fingerprint, studio.owner, row.output_url, row.usd
        )
    if row.status == "FAILED":
        await studio.ledger.failed(take.fingerprint, studio.owner, row.error)
        raise GenerationFailed(f"request {request_id} FAILED: {row.error}", request_id=request_id)
    if row.status in {"COMPLETED", "SUCCESS"}:
        raise await _lost(studio, take, f"the history of {request_id} leads to no file")
    raise JobOverdue(
        f"request {request_id} has expired, and its history says {row.status}: run again later",
        operation="history",
        request_id=request_id,
    )


async def _lost(studio: Studio, take: Take, why: str) -> Exception:
    return lost(await studio.ledger.lost(take.fingerprint, studio.owner, why))
