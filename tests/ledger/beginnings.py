"""Takes that have come some way already."""

from __future__ import annotations

from typing import Any

from longtake.ledger import Ledger, Slate, TakeIntent, TakeState

FILE: dict[str, Any] = {
    "clip_sha256": "c" * 64,
    "size_bytes": 1000,
    "frame_count": 81,
    "width": 832,
    "height": 480,
}


async def begun(
    ledger: Ledger, take: TakeIntent, owner: str = "us", upto: TakeState | None = None
) -> str:
    """Bring a new take up to a state; None: sent."""
    fp = take.fingerprint
    await ledger.intend(take, owner=owner, run="r1", lease_seconds=60)
    await ledger.sending(fp, owner)
    if upto is TakeState.AMBIGUOUS:
        await ledger.ambiguous(fp, owner, "read time-out")
    elif upto is TakeState.REFUSED:
        await ledger.refused(fp, owner, "bad fps")
    elif upto is not None:
        await ledger.submitted(fp, owner, "req-1")
        if upto is TakeState.FAILED:
            await ledger.failed(fp, owner, "out of memory")
        elif upto is TakeState.LOST:
            await ledger.lost(fp, owner, "expired")
        elif upto is not TakeState.SUBMITTED:
            await ledger.completed(fp, owner, "https://images/1.mp4", 0.09, {"cost": 0.09})
            if upto is TakeState.STORED:
                await ledger.stored(fp, owner, **FILE)
    return fp


def changed(before: Slate, after: Slate) -> dict[str, Any]:
    """What is another value now; that the row was touched is not told."""
    known = vars(before)
    new = {name: value for name, value in vars(after).items() if value != known[name]}
    new.pop("updated_at", None)
    return new
