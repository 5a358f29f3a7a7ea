"""Which films there are: the folders of renders, each read again only when it has changed.

A folder is known by its ``run.json``. What was read of it is kept in short (a card), since a
hundred films of a hundred clips each are too much to read for every page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from longtake.board.cards import FilmCard, beginning_card, card_of
from longtake.record import RunRecord, read_run
from longtake.rendering.history import PastRender, past_renders
from longtake.rendering.presence import is_at_work

LOG = "render.log"
"""The log, in the render's folder, of a render that the board has started."""

RECORDS_KEPT = 3
"""Whole records that are kept in memory, the ones that were asked for last."""


class _Seen(NamedTuple):
    """A folder as it was when it was read: its record's place on disk, and the lock."""

    record: tuple[int, int, int]
    at_work: bool


class Catalog:
    """The films below ``roots``, by a key that may stand in an address."""

    def __init__(self, roots: tuple[Path, ...], concurrency: int) -> None:
        self.cards: dict[str, FilmCard] = {}
        self._roots = roots
        self._concurrency = concurrency
        self._keys: dict[Path, str] = {}
        self._seen: dict[str, _Seen] = {}
        self._records: dict[str, tuple[tuple[int, int, int], RunRecord | None]] = {}
        self._pasts: dict[str, tuple[PastRender, ...]] = {}

    def refresh(self) -> list[str]:
        """Look at every folder; the keys of the films that have changed or gone. Blocking."""
        self._keys = {path: self._keys.get(path) or key_of(path) for path in self._folders()}
        found = {key: folder for folder, key in self._keys.items()}
        gone = [key for key in self.cards if key not in found]
        for key in gone:
            del self.cards[key], self._seen[key], self._pasts[key]
        return [*gone, *(key for key, folder in found.items() if self._look(key, folder))]

    def past(self) -> list[tuple[str, PastRender]]:
        """All renders that have ended, by the film's key; the latest first."""
        every = [(key, past) for key, pasts in self._pasts.items() for past in pasts]
        return sorted(every, key=lambda each: each[1].ended_at, reverse=True)

    def folder(self, key: str) -> Path | None:
        """Where the film of that key lies; None for one that nobody knows."""
        card = self.cards.get(key)
        return card.folder if card else None

    def record(self, key: str) -> RunRecord | None:
        """The film's record as it is now; None where there is none that can be read. Blocking.

        To look at only: a page's many requests share it.
        """
        folder = self.folder(key)
        if folder is None:
            return None
        path = folder / "run.json"
        on_disk = _on_disk(path)
        known = self._records.pop(key, None)
        if known is None or known[0] != on_disk:
            known = on_disk, read_run(path)
        self._records[key] = known
        for oldest in list(self._records)[:-RECORDS_KEPT]:
            self._records.pop(oldest, None)
        return known[1]

    def _folders(self) -> Iterator[Path]:
        for root in self._roots:
            for name in ("run.json", LOG):
                yield from sorted({file.parent for file in root.glob(f"*/{name}")})
                if (root / name).is_file():  # the root is itself the folder of a render
                    yield root

    def _look(self, key: str, folder: Path) -> bool:
        """Read the folder if it is not as it was; whether it has changed."""
        seen = _Seen(_on_disk(folder / "run.json"), is_at_work(folder))
        if self._seen.get(key) == seen:
            return False
        record = read_run(folder / "run.json")
        if record is None:
            there = any(seen.record)
            card = beginning_card(key, folder, at_work=seen.at_work, unreadable=there)
        else:
            card = card_of(
                key,
                folder,
                record,
                at_work=seen.at_work,
                now=datetime.now(UTC),
                concurrency=self._concurrency,
            )
        self.cards[key], self._seen[key] = card, seen
        self._pasts[key] = past_renders(folder)
        return True


def key_of(folder: Path) -> str:
    """What a folder is called in an address: its name, and six digits of where it lies."""
    place = str(folder.resolve())
    slug = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")[:40] or "film"
    return f"{slug}-{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def _on_disk(path: Path) -> tuple[int, int, int]:
    try:
        facts = path.stat()
    except OSError:
        return 0, 0, 0
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
