"""What is drawn, uploaded or decoded once and remembered forever (or as long as it is valid)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    FromClause,
    Insert,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    union,
)

from longtake.ledger import rows, schema
from longtake.ledger.database import Transaction

_seeds, _uploads, _frames = schema.base_seeds, schema.uploads, schema.frames
_films, _holds, _measures = schema.films, schema.holds, schema.measures
_of_some = select(_measures).where(_measures.c.subject.in_(bindparam("some", expanding=True)))


async def known_base_seed(tx: Transaction, storyboard: str) -> int | None:
    """The storyboard's base seed, None where nobody has drawn one yet."""
    seed: int | None = await _recalled(tx, _seeds.c.base_seed, storyboard=storyboard)
    return seed


async def base_seed(tx: Transaction, storyboard: str, draw: Callable[[], int]) -> int:
    """The storyboard's base seed: drawn by the first who asks, the same for all ever after."""
    known = await known_base_seed(tx, storyboard)
    if known is not None:
        return known
    drawn = draw()
    await _remember(tx, _seeds, {"storyboard": storyboard}, base_seed=drawn)
    return drawn


async def upload_url(tx: Transaction, content_sha256: str) -> str | None:
    """The URL that the content was uploaded to, if it was and is still valid."""
    expires_at = await _recalled(tx, _uploads.c.expires_at, content_sha256=content_sha256)
    if expires_at is not None and expires_at <= tx.now:
        return None
    return await _text(tx, _uploads.c.url, content_sha256=content_sha256)


async def remember_upload(
    tx: Transaction, content_sha256: str, url: str, ttl_seconds: float | None = None
) -> None:
    """Record that the content is at the URL, for ``ttl_seconds`` or forever."""
    expires_at = None if ttl_seconds is None else tx.now + timedelta(seconds=ttl_seconds)
    key = {"content_sha256": content_sha256}
    await _remember(tx, _uploads, key, url=url, expires_at=expires_at)


async def frame(tx: Transaction, clip_sha256: str, frame_index: int, recipe: str) -> str | None:
    """The hash of the frame that the recipe takes from that clip, if it was taken before."""
    return await _text(
        tx, _frames.c.frame_sha256, clip_sha256=clip_sha256, frame_index=frame_index, recipe=recipe
    )


async def remember_frame(
    tx: Transaction, clip_sha256: str, frame_index: int, recipe: str, frame_sha256: str
) -> None:
    """Record which frame the recipe takes from that clip."""
    key = {"clip_sha256": clip_sha256, "frame_index": frame_index, "recipe": recipe}
    await _remember(tx, _frames, key, frame_sha256=frame_sha256)


async def is_frame(tx: Transaction, frame_sha256: str) -> bool:
    """Whether that picture was taken from a stored clip."""
    clips = select(schema.slates.c.clip_sha256)
    query = select(_frames.c.frame_sha256).where(
        _frames.c.frame_sha256 == frame_sha256, _frames.c.clip_sha256.in_(clips)
    )
    return (await tx.connection.execute(query.limit(1))).first() is not None


async def film(tx: Transaction, recipe: str) -> str | None:
    """The hash of the film that was assembled by that recipe, if one was."""
    return await _text(tx, _films.c.film_sha256, recipe=recipe)


async def remember_film(tx: Transaction, recipe: str, film_sha256: str) -> None:
    """Record which film a recipe (a hash of all clips and how they are joined) makes."""
    await _remember(tx, _films, {"recipe": recipe}, film_sha256=film_sha256)


async def measure(tx: Transaction, subject: str) -> str | None:
    """What was measured of that subject (a hash of files and of how they are looked at)."""
    return await _text(tx, _measures.c.content, subject=subject)


async def measures(tx: Transaction, subjects: Sequence[str]) -> dict[str, str]:
    """What was measured of those subjects, as far as it was."""
    found = await rows.of_some(tx, _of_some, subjects)
    return {row.subject: row.content for row in found}


async def remember_measure(tx: Transaction, subject: str, content: str) -> None:
    """Keep a measurement, as text: the same files read the same forever."""
    await _remember(tx, _measures, {"subject": subject}, content=content)


async def hold_seconds(tx: Transaction, account: str) -> float:
    """For how long nobody should submit for that account; 0 where nothing is held."""
    until = await _recalled(tx, _holds.c.until, account=account)
    return 0.0 if until is None else max(0.0, (until - tx.now).total_seconds())


async def hold_off(tx: Transaction, account: str, seconds: float) -> None:
    """Record that the service asked for a pause: nobody submits for that account meanwhile."""
    longest = max(seconds, await hold_seconds(tx, account))
    await _remember(tx, _holds, {"account": account}, until=tx.now + timedelta(seconds=longest))


async def contents(tx: Transaction) -> frozenset[str]:
    """The hash of every clip, frame and film that the ledger knows: what may not be deleted."""
    slates = schema.slates
    query = union(
        select(slates.c.clip_sha256).where(slates.c.clip_sha256.is_not(None)),
        select(slates.c.start_sha256).where(slates.c.start_sha256.is_not(None)),
        select(slates.c.end_sha256).where(slates.c.end_sha256.is_not(None)),
        select(_frames.c.frame_sha256),
        select(_films.c.film_sha256),
    )
    return frozenset((await tx.connection.execute(query)).scalars())


async def _recalled(tx: Transaction, column: Column[Any], **key: Any) -> Any:
    """What the column holds under the key, None where nothing was remembered."""
    return await tx.connection.scalar(_looking_up(column, *key), key)


async def _text(tx: Transaction, column: Column[Any], **key: Any) -> str | None:
    found: str | None = await _recalled(tx, column, **key)
    return found


async def _remember(tx: Transaction, table: Table, key: dict[str, Any], **values: Any) -> None:
    """Keep the values under the key, in the place of what was kept there."""
    forgetting, keeping = _replacing(table, *key)
    await tx.connection.execute(forgetting, key)
    await tx.connection.execute(keeping, key | values)


@cache
def _looking_up(column: Column[Any], *names: str) -> Select[Any]:
    """Asked again and again, and so put together once."""
    return select(column).where(*_same(column.table, names))


@cache
def _replacing(table: Table, *names: str) -> tuple[Delete, Insert]:
    return delete(table).where(*_same(table, names)), insert(table)


def _same(table: FromClause, names: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(name) for name in names]
