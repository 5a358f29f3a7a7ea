"""A record lives one hour; what the request history says leads to the clip for days after it."""

from __future__ import annotations

from longtake.errors import (
    AmbiguousSubmit,
    FileNotYet,
    GenerationFailed,
    JobOverdue,
    LongtakeError,
    RequestUnknown,
)
from longtake.ledger import GIVEN_UP, Slate, TakeState, Witness, gone_for_good
from longtake.rendering.reconciling import accepted_ago, find_attempt
from longtake.rendering.render import Render
from longtake.rendering.takes import Take, lost, unusable
from longtake.rendering.uploads import forget_uploads
from longtake.segmind import Absent, Completed, Failed, HistoryRow

ENDED = frozenset({"COMPLETED", "SUCCESS", "FAILED"})
"""What the history calls a job that has ended."""


async def recover(render: Render, take: Take, slate: Slate, *, dead: str | None = None) -> Slate:
    """The completed slate, by the service's record or history; a running job is waited for.

    ``dead`` is an address at which the file is not to be had. Raises GenerationFailed where the row
    says so, JobOverdue past the patience of the profile, and FileNotYet where neither leads to
    another address; ClipLost once all have said so for as long as the profile asks.
    """
    request_id = slate.request_id or await _request_id(render, take, slate)
    until = render.report.first_look(request_id) + render.settings.waiting.job_seconds
    if url := await _by_record(render, take, request_id, dead, until):
        return await render.ledger.completed(take.fingerprint, render.owner, url)
    row = await _row(render, take, request_id, dead)
    while row.status not in ENDED and not row.output_url and render.clock.monotonic() < until:
        await render.clock.sleep(take.clip.expected_seconds / 4)
        row = await _row(render, take, request_id, dead)
    if row.output_url and row.output_url != dead:
        await render.ledger.testify(take.fingerprint, Witness.HISTORY, None, None)
        return await render.ledger.completed(
            take.fingerprint, render.owner, row.output_url, row.usd
        )
    if row.status == "FAILED" and not slate.state.of_no_use:
        await render.ledger.failed(take.fingerprint, render.owner, row.error)
        await forget_uploads(render, take)
        raise GenerationFailed(f"request {request_id} FAILED: {row.error}", request_id=request_id)
    if row.status in ENDED or row.output_url:
        where = "to no file" if not row.output_url else "to the same address"
        await _testify(render, take, Witness.HISTORY, f"its history leads {where}", dead)
        raise await not_to_be_had(render, take)
    raise JobOverdue(
        f"request {request_id} has expired, and its history says {row.status}: run again later",
        operation="history",
        request_id=request_id,
    )


async def not_to_be_had(render: Render, take: Take) -> LongtakeError:
    """The error for a finished clip whose file cannot be had: not yet, or never, by who says so."""
    name = take.fingerprint
    said = await render.ledger.statements(name)
    why = "; ".join(each.said for each in said)
    slate = await render.ledger.get(name)
    over_seconds = 0 if slate.state.of_no_use else render.settings.keeping.lost_seconds
    if gone_for_good(said, over_seconds=over_seconds):
        if slate.state is TakeState.UNUSABLE:
            return unusable(slate)
        slate = await render.ledger.lost(name, render.owner, why, of=slate)
        await render.keep_sidecar(name)
        return lost(slate)
    usd = slate.usd if slate.usd is not None else slate.estimated_usd
    return FileNotYet(
        f"{slate.clip_id}: request {slate.request_id} is finished and paid for ({usd:.2f} USD), "
        f"but its file cannot be had yet ({why}); it is kept, and rendering again asks for it",
        operation="download",
        request_id=slate.request_id,
    )


async def _by_record(
    render: Render, take: Take, request_id: str, dead: str | None, until: float
) -> str | None:
    """Another address than the dead one, as the service's own record of the job has it.

    None where it has no other, and for a job that does not end ``until`` then, or FAILED: the
    history tells of it as well.
    """
    try:
        while not isinstance(state := await render.client.result(request_id), Completed):
            if isinstance(state, Failed) or render.clock.monotonic() >= until:
                return None
            await render.clock.sleep(take.clip.expected_seconds / 4)
    except RequestUnknown:
        await _testify(render, take, Witness.RECORD, "its record is gone", dead)
        return None
    if state.output_url == dead:
        await _testify(render, take, Witness.RECORD, "its record leads to the same address", dead)
        return None
    await render.ledger.testify(take.fingerprint, Witness.RECORD, None, None)
    return state.output_url


async def _request_id(render: Render, take: Take, slate: Slate) -> str:
    """The id of a job whose answer named none, as v1's may, or of a take that was given up."""
    try:
        found = await find_attempt(render, take, slate)
    except AmbiguousSubmit:
        if slate.error_kind != GIVEN_UP:
            raise
        raise lost(slate) from None  # a person has decided not to wait for certainty
    if isinstance(found, Absent):
        await _testify(render, take, Witness.RECORD, "the service gave no id", None)
        await _testify(render, take, Witness.HISTORY, "the history does not list it", None)
        raise await not_to_be_had(render, take)
    await render.ledger.submitted(take.fingerprint, render.owner, found.row.request_id)
    return found.row.request_id


async def _row(render: Render, take: Take, request_id: str, dead: str | None) -> HistoryRow:
    try:
        return await render.client.history_row(request_id)
    except RequestUnknown:
        said = f"the history does not know request {request_id}"
        accepted = await accepted_ago(render)
        render.client.history_delay.lacks(accepted.get(request_id, 0.0))
        await _testify(render, take, Witness.HISTORY, said, dead)
        raise await not_to_be_had(render, take) from None


async def _testify(
    render: Render, take: Take, witness: Witness, said: str, dead: str | None
) -> None:
    """Write down who says that the file is gone; where no address is known, no host can tell."""
    await gone(render, take, witness, said)
    slate = await render.ledger.get(take.fingerprint)
    if dead is None and slate.output_url is None:
        await gone(render, take, Witness.FILE, "no address of it is known")


async def gone(render: Render, take: Take, witness: Witness, said: str) -> None:
    """Write down that a witness says now, by the service's clock, that the file is gone."""
    now = render.client.service_time(render.clock.now())
    await render.ledger.testify(take.fingerprint, witness, said, now)
