"""What the board's pages share: the films that are known, the feed, pictures, and the ledger."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast

from starlette.requests import Request

from longtake.board.catalog import Catalog
from longtake.board.feed import Feed
from longtake.board.files import Pictures
from longtake.board.place import BoardPlace
from longtake.ledger import Ledger
from longtake.ledger.existing import existing_ledger


class Desk:
    """One for a board; it belongs to the event loop that serves."""

    def __init__(self, place: BoardPlace) -> None:
        self.place = place
        self.catalog = Catalog(place.roots, place.settings.concurrency)
        self.feed = Feed(self.refresh)
        self.pictures = Pictures()
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> float:
        """Look at the folders again, and tell all who watch of the films that have changed.

        Returns how many seconds of a processor the look took, and nothing else that runs here.
        """
        async with self._one_at_a_time:
            changed, seconds = await asyncio.to_thread(self._look)
            self.feed.tell(changed)
        return seconds

    def _look(self) -> tuple[list[str], float]:
        began = time.thread_time()
        return self.catalog.refresh(), time.thread_time() - began

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[tuple[str, Ledger | None]]:
        """The settings' ledger and its name; None where no render has made one yet."""
        async with existing_ledger(self.place.settings.keeping.ledger) as found:
            yield found

    @staticmethod
    def now() -> datetime:
        """The time, UTC."""
        return datetime.now(UTC)


def desk_of(request: Request) -> Desk:
    """The desk of the board that is asked."""
    return cast(Desk, request.app.state.desk)
