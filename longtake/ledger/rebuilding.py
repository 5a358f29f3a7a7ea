"""What a clip's sidecar in the store holds, and a ledger made of sidecars again.

A sidecar is all that the ledger knows of one take and could not find out again: the slate, its
earlier requests, its storyboard's base seed (which every fingerprint follows from) and which frames
its images were taken from. Plain JSON values; times are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, bindparam, insert, literal, select
from sqlalchemy.exc import IntegrityError

from longtake.errors import LedgerError
from longtake.ledger import memory, queries, rows, schema, steps, verdicts
from longtake.ledger.database import Transaction
from longtake.ledger.records import Slate
from longtake.ledger.schema import UtcDateTime

VERSION = 1
_IDENTITY = "begun"
_some_frames = select(schema.frames).where(
    schema.frames.c.frame_sha256.in_(bindparam("images", expanding=True))
)
_anything = [
    select(literal(1)).select_from(table).limit(1)
    for table in (schema.slates, schema.base_seeds, schema.marks)
]
_UNKEPT = frozenset({"owner", "lease_expires_at"})


async def record(tx: Transaction, fingerprint: str) -> dict[str, Any]:
    """All that is known of a take, as JSON values: what its clip's sidecar is to hold."""
    slate = await rows.need(tx, fingerprint)
    images = [each for each in (slate.start_sha256, slate.end_sha256) if each]
    frames = await tx.connection.execute(_some_frames, {"images": images})
    verdict = (await verdicts.verdicts(tx, [fingerprint])).get(fingerprint)
    return {
        "longtake_sidecar": VERSION,
        "slate": _plain(vars(slate), without=_UNKEPT),
        "base_seed": await memory.known_base_seed(tx, slate.storyboard),
        "requests": [_plain(vars(each)) for each in await queries.requests(tx, fingerprint)],
        "frames": [_plain(dict(row._mapping)) for row in frames],
        "verdict": verdict and verdict.value,
    }


async def kept(
    tx: Transaction, fingerprint: str, owner: str, *file: Any
) -> tuple[Slate, dict[str, Any], bool]:
    """``steps.stored``, the take's record then, and whether no other take had that file before."""
    is_new = bool(file) and not await queries.has_clip(tx, file[0])
    slate = await steps.stored(tx, fingerprint, owner, *file)
    return slate, await record(tx, fingerprint), is_new


async def restore(tx: Transaction, sidecars: Sequence[Mapping[str, Any]]) -> int:
    """Write down what sidecars say of takes that are not in the ledger; returns how many.

    Raises LedgerError, and writes nothing, where one of them is no sidecar.
    """
    added = 0
    for sidecar in sidecars:
        try:
            added += await _restore(tx, sidecar)
        except (KeyError, TypeError, ValueError, AttributeError, IntegrityError) as error:
            words = error.orig if isinstance(error, IntegrityError) else error  # without the SQL
            raise LedgerError(
                f"a sidecar in the store cannot be read ({type(error).__name__}: {words}); move it "
                "out of the store's folder `slates` and rebuild again"
            ) from None
    return added


async def is_empty(tx: Transaction) -> bool:
    """Whether nothing was ever written into it, and nobody has said that this is meant."""
    for anything in _anything:
        if await tx.connection.scalar(anything, {}) is not None:
            return False
    return True


async def begin(tx: Transaction) -> None:
    """Record that an empty ledger is meant to be empty: its store's clips belong to others."""
    if await is_empty(tx):
        await tx.connection.execute(insert(schema.marks).values(name=_IDENTITY, set_at=tx.now))


async def _restore(tx: Transaction, sidecar: Mapping[str, Any]) -> int:
    if sidecar["longtake_sidecar"] != VERSION:
        raise ValueError(f"it is of version {sidecar['longtake_sidecar']}, update longtake")
    slate = sidecar["slate"]
    if await rows.find(tx, str(slate["fingerprint"])) is not None:
        return 0
    await tx.connection.execute(insert(schema.slates).values(_row(schema.slates, slate)))
    for past in sidecar["requests"]:
        if past["request_id"] is None or await rows.past(tx, past["request_id"]) is None:
            values = _row(schema.past_requests, past)
            await tx.connection.execute(insert(schema.past_requests).values(values))
    for frame in sidecar["frames"]:
        await memory.remember_frame(tx, **frame)
    if (seed := sidecar["base_seed"]) is not None:
        await memory.base_seed(tx, slate["storyboard"], lambda: int(seed))
    if (verdict := sidecar["verdict"]) is not None:
        await verdicts.decide(tx, slate["fingerprint"], verdicts.Verdict(verdict), "")
    return 1


def _plain(values: Mapping[str, Any], without: frozenset[str] = frozenset()) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if name not in without
    }


def _row(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the columns that this version has, with times as times."""
    return {
        column.name: _typed(column, values[column.name])
        for column in table.columns
        if column.name in values
    }


def _typed(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    return value
