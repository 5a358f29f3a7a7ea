"""The tables, as the newest version has them. Times are UTC whatever the database thinks."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which has no time zones, stores its naive form."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in; what is naive has no meaning here and is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the ledger's times carry their time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

versions = Table(
    "longtake_ledger",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("migrated_at", UtcDateTime, nullable=False),
)

slates = Table(
    "slates",
    metadata,
    Column("fingerprint", String(128), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("storyboard", Text, nullable=False, index=True),
    Column("run", Text, nullable=False, index=True),
    Column("clip_id", Text, nullable=False),
    Column("take_number", Integer, nullable=False),
    Column("model", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("start_sha256", String(64)),
    Column("end_sha256", String(64)),
    Column("recipe", Text, nullable=False),
    Column("request_id", Text, unique=True),
    Column("output_url", Text),
    Column("estimated_usd", Float, nullable=False),
    Column("usd", Float),
    Column("metrics", JSON(none_as_null=True)),
    Column("clip_sha256", String(64), index=True),
    Column("size_bytes", BigInteger),
    Column("frame_count", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("error", Text),
    Column("error_kind", Text),
    Column("owner", Text, index=True),
    Column("lease_expires_at", UtcDateTime),
    Column("day", String(10), nullable=False, index=True),
    Column("intended_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("submitted_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("stored_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
)

past_requests = Table(
    "past_requests",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("fingerprint", String(128), nullable=False, index=True),
    Column("request_id", Text, unique=True),
    Column("storyboard", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("estimated_usd", Float, nullable=False),
    Column("usd", Float),
    Column("ended", String(16), nullable=False),
    Column("error", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
)

base_seeds = Table(
    "base_seeds",
    metadata,
    Column("storyboard", Text, primary_key=True),
    Column("base_seed", BigInteger, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("content_sha256", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("expires_at", UtcDateTime),
)

frames = Table(
    "frames",
    metadata,
    Column("clip_sha256", String(64), primary_key=True),
    Column("frame_index", Integer, primary_key=True),
    Column("recipe", String(200), primary_key=True),
    Column("frame_sha256", String(64), nullable=False),
)

Index("past_requests_by_day", past_requests.c.day)

films = Table(
    "films",
    metadata,
    Column("recipe", String(64), primary_key=True),
    Column("film_sha256", String(64), nullable=False),
)

measures = Table(
    "measures",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("content", Text, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("fingerprint", String(128), primary_key=True),
    Column("verdict", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
)

witnesses = Table(
    "witnesses",
    metadata,
    Column("fingerprint", String(128), primary_key=True),
    Column("witness", String(16), primary_key=True),
    Column("said", Text, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("set_at", UtcDateTime, nullable=False),
)
