"""What is drawn, uploaded or decoded once and remembered for ever (or as long as it holds)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, union

from longtake.ledger import schema
from longtake.ledger.database import Transaction

_seeds, _uploads, _frames = schema.base_seeds, schema.uploads, schema.frames
_films, _holds, _measures = schema.films, schema.holds, schema.measures


async def now(tx: Transaction) -> datetime:
    """See ``Ledger.now``."""
    return tx.now


async def known_base_seed(tx: Transaction, storyboard: str) -> int | None:
    """See ``Ledger.known_base_seed``."""
    query = select(_seeds.c.base_seed).where(_seeds.c.storyboard == storyboard)
    known: int | None = await tx.connection.scalar(query)
    return known


async def base_seed(tx: Transaction, storyboard: str, draw: Callable[[], int]) -> int:
    """See ``Ledger.base_seed``."""
    known = await known_base_seed(tx, storyboard)
    if known is not None:
        return known
    drawn = draw()
    await tx.connection.execute(insert(_seeds).values(storyboard=storyboard, base_seed=drawn))
    return drawn


async def upload_url(tx: Transaction, content_sha256: str) -> str | None:
    """See ``Ledger.upload_url``."""
    holds = _uploads.c.expires_at.is_(None) | (_uploads.c.expires_at > tx.now)
    query = select(_uploads.c.url).where(_uploads.c.content_sha256 == content_sha256, holds)
    return await tx.connection.scalar(query)


async def remember_upload(
    tx: Transaction, content_sha256: str, url: str, ttl_seconds: float | None
) -> None:
    """See ``Ledger.remember_upload``."""
    expires = None if ttl_seconds is None else tx.now + timedelta(seconds=ttl_seconds)
    same = _uploads.c.content_sha256 == content_sha256
    await tx.connection.execute(delete(_uploads).where(same))
    row = insert(_uploads).values(content_sha256=content_sha256, url=url, expires_at=expires)
    await tx.connection.execute(row)


async def frame(tx: Transaction, clip_sha256: str, frame_index: int, recipe: str) -> str | None:
    """See ``Ledger.frame``."""
    query = select(_frames.c.frame_sha256).where(
        _frames.c.clip_sha256 == clip_sha256,
        _frames.c.frame_index == frame_index,
        _frames.c.recipe == recipe,
    )
    return await tx.connection.scalar(query)


async def remember_frame(
    tx: Transaction, clip_sha256: str, frame_index: int, recipe: str, frame_sha256: str
) -> None:
    """See ``Ledger.remember_frame``."""
    key = {"clip_sha256": clip_sha256, "frame_index": frame_index, "recipe": recipe}
    same = [_frames.c[name] == value for name, value in key.items()]
    await tx.connection.execute(delete(_frames).where(*same))
    await tx.connection.execute(insert(_frames).values(frame_sha256=frame_sha256, **key))


async def film(tx: Transaction, recipe: str) -> str | None:
    """See ``Ledger.film``."""
    return await tx.connection.scalar(select(_films.c.film_sha256).where(_films.c.recipe == recipe))


async def remember_film(tx: Transaction, recipe: str, film_sha256: str) -> None:
    """See ``Ledger.remember_film``."""
    await tx.connection.execute(delete(_films).where(_films.c.recipe == recipe))
    await tx.connection.execute(insert(_films).values(recipe=recipe, film_sha256=film_sha256))


async def measure(tx: Transaction, subject: str) -> str | None:
    """See ``Ledger.measure``."""
    query = select(_measures.c.content).where(_measures.c.subject == subject)
    return await tx.connection.scalar(query)


async def remember_measure(tx: Transaction, subject: str, content: str) -> None:
    """See ``Ledger.remember_measure``."""
    await tx.connection.execute(delete(_measures).where(_measures.c.subject == subject))
    await tx.connection.execute(insert(_measures).values(subject=subject, content=content))


async def hold_seconds(tx: Transaction, account: str) -> float:
    """See ``Ledger.hold_seconds``."""
    until = await tx.connection.scalar(select(_holds.c.until).where(_holds.c.account == account))
    return 0.0 if until is None else max(0.0, (until - tx.now).total_seconds())


async def hold_off(tx: Transaction, account: str, seconds: float) -> None:
    """See ``Ledger.hold_off``."""
    longest = max(seconds, await hold_seconds(tx, account))
    await tx.connection.execute(delete(_holds).where(_holds.c.account == account))
    until = tx.now + timedelta(seconds=longest)
    await tx.connection.execute(insert(_holds).values(account=account, until=until))


async def contents(tx: Transaction) -> frozenset[str]:
    """See ``Ledger.contents``."""
    slates = schema.slates
    query = union(
        select(slates.c.clip_sha256).where(slates.c.clip_sha256.is_not(None)),
        select(slates.c.start_sha256).where(slates.c.start_sha256.is_not(None)),
        select(slates.c.end_sha256).where(slates.c.end_sha256.is_not(None)),
        select(_frames.c.frame_sha256),
        select(_films.c.film_sha256),
    )
    return frozenset((await tx.connection.execute(query)).scalars())
