"""A ledger and a store, filled through their own doors, for the commands to look into."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from longtake.cli import run
from longtake.ledger import Ledger, TakeIntent
from longtake.store import ObjectKind, Store

T = TypeVar("T")
OWNER = "tester"


def name_of(clip: str) -> str:
    """A fingerprint that begins with the clip's name in hexadecimal."""
    return clip.encode().hex().ljust(64, "0")


@dataclass
class Kept:
    """What a render keeps, in ``folder``; ``now`` is the ledger's clock."""

    folder: Path
    now: datetime = field(default_factory=lambda: datetime(2026, 5, 4, 12, 0, tzinfo=UTC))
    store_root: str = ""

    def __post_init__(self) -> None:
        self.ledger = self.folder / "kept" / "ledger.sqlite"
        self.store_root = self.store_root or str(self.folder / "kept" / "store")

    def call(self, *words: str) -> int:
        """Run ``longtake ledger`` on this ledger and store; returns the exit code."""
        return run(["ledger", *words, "--ledger", str(self.ledger), "--store", self.store_root])

    def tell(self, story: Callable[[Ledger], Awaitable[T]]) -> T:
        """Do something with the open ledger."""

        async def tell() -> T:
            async with Ledger.open(self.ledger, clock=lambda: self.now) as ledger:
                return await story(ledger)

        return asyncio.run(tell())

    def intend(self, clip: str, **other: Any) -> str:
        """A take that is intended and held; returns its fingerprint."""
        facts: dict[str, Any] = {
            "fingerprint": name_of(clip),
            "storyboard": "Film",
            "clip_id": f"scene/{clip}.1",
            "number": 1,
            "model": "wan-2.2-t2v-fast",
            "seed": 7,
            "parameters": {"prompt": "a gull over the harbour", "seed": 7},
            "estimated_usd": 0.10,
        }
        take = TakeIntent(**facts | other)
        self.tell(lambda ledger: ledger.intend(take, owner=OWNER, run="r1", lease_seconds=60))
        return take.fingerprint

    def submit(self, clip: str, **other: Any) -> str:
        """A take that the service accepted as ``request-<clip>``."""
        name = self.intend(clip, **other)

        async def accepted(ledger: Ledger) -> None:
            await ledger.sending(name, OWNER)
            await ledger.submitted(name, OWNER, f"request-{clip}")

        self.tell(accepted)
        return name

    def store_clip(self, clip: str, **other: Any) -> Path:
        """A take that is stored, with its clip; returns the clip's file in the folder store."""
        name = self.submit(clip, **other)
        digest, path = self.put(clip, ObjectKind.CLIP)

        async def stored(ledger: Ledger) -> None:
            await ledger.completed(name, OWNER, "https://images.example/a.mp4", 0.09)
            await ledger.stored(name, OWNER, digest, 4000, 81, 832, 480)

        self.tell(stored)
        return path

    def put(self, content: str, kind: ObjectKind, *, days_old: float = 30) -> tuple[str, Path]:
        """An object in the store; its hash, and its file where the store is a folder."""
        source = self.folder / "source"
        source.write_bytes(content.encode() * 1000)
        stored = asyncio.run(Store(self.store_root).put(source, kind))
        assert stored.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
        path = Path(self.store_root, stored.key)
        if path.exists():
            age(path, days_old)
        return stored.sha256, path


def age(path: Path, days: float) -> None:
    """Make a file as old as that."""
    then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def read_json(text: str) -> Any:
    """What a command printed with ``--json``."""
    return json.loads(text)


def words(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, to a script and to a person, without the spaces of tables."""
    captured = capsys.readouterr()
    return " ".join(f"{captured.out} {captured.err}".split())
