"""A database server that cannot be reached for a while ends no render."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from longtake.errors import LedgerUnreachable
from longtake.ledger import Ledger
from tests.postgres import PostgresCluster

pytestmark = pytest.mark.thorough


class Way:
    """A way to a database that can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.own_port = 0
        self.refused = asyncio.Event()
        self.refusals = 0
        self.is_cut = False
        self._open: set[asyncio.StreamWriter] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or a cut ends it."""
        if self.is_cut:
            self.refused.set()
            self.refusals += 1
            writer.close()
            return
        there = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, there[1]}
        with suppress(OSError):
            await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))

    def cut(self) -> None:
        """End every connection, and all that come until it is repaired."""
        self.is_cut = True
        for each in self._open:
            each.transport.abort()
        self._open.clear()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
    writer.close()


@pytest.fixture
async def way(postgres: PostgresCluster) -> AsyncIterator[Way]:
    async with _way(postgres.port) as way:
        yield way


@asynccontextmanager
async def _way(port: int) -> AsyncIterator[Way]:
    way = Way(port)
    server = await asyncio.start_server(way.carry, "127.0.0.1", 0)
    way.own_port = server.sockets[0].getsockname()[1]
    async with server:
        yield way
        way.cut()


def through(way: Way, postgres: PostgresCluster) -> str:
    place = postgres.empty_database()
    return place.replace(f":{postgres.port}/", f":{way.own_port}/")


async def test_a_server_that_cannot_be_reached_for_a_while_is_waited_for(
    way: Way, postgres: PostgresCluster
) -> None:
    async with Ledger.open(through(way, postgres)) as ledger:
        way.cut()
        asked = [asyncio.create_task(ledger.slates()), asyncio.create_task(ledger.begin())]
        await way.refused.wait()
        way.is_cut = False
        assert await asked[0] == []
        await asked[1]


async def test_who_waits_for_a_server_may_be_interrupted(
    way: Way, postgres: PostgresCluster
) -> None:
    async with Ledger.open(through(way, postgres)) as ledger:
        way.cut()
        asked = asyncio.create_task(ledger.begin())
        await way.refused.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asked, 30)


async def test_a_server_that_was_never_there_is_told_at_once(postgres: PostgresCluster) -> None:
    async with _way(postgres.port) as way:
        way.cut()
        with pytest.raises(LedgerUnreachable, match="check that the server runs"):
            async with Ledger.open(f"postgresql://longtake@127.0.0.1:{way.own_port}/any"):
                pass
        assert way.refusals == 1
