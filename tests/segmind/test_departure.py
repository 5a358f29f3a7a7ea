"""The last moment of a paid request: once its turn has come, however long it waited for it."""

from __future__ import annotations

import anyio
import pytest

from longtake.errors import SubmitHeldUp
from longtake.segmind import SegmindClient
from longtake.segmind.departure import AtOnce
from tests.segmind.history_rows import T2V
from tests.segmind.server import ScriptedServer, client_of


class Noting(AtOnce):
    """Counts how often a request was about to leave, and whether it may."""

    def __init__(self, *, may: bool = True) -> None:
        self.begun, self.may = 0, may

    async def begins(self) -> None:
        self.begun += 1

    def may_leave(self) -> bool:
        return self.may


async def test_a_request_that_was_held_up_in_its_last_moment_is_not_sent(
    client: SegmindClient, server: ScriptedServer
) -> None:
    with pytest.raises(SubmitHeldUp, match="not sent"):
        await client.submit(T2V, {"seed": 2}, departure=Noting(may=False))
    assert server.seen == []


async def test_a_request_that_waits_for_its_turn_has_not_begun_to_leave(
    server: ScriptedServer,
) -> None:
    server.answer(200, {"request_id": "one", "poll_url": "/one", "status": "QUEUED"})
    first, second = Noting(), Noting()
    async with client_of(server.base_url, requests_per_minute=1) as client:
        await client.submit(T2V, {"seed": 1}, departure=first)
        with anyio.move_on_after(0.05):
            await client.submit(T2V, {"seed": 2}, departure=second)
    assert (first.begun, second.begun) == (1, 0)


async def test_what_keeps_a_sender_from_noting_it_keeps_the_request_from_being_sent(
    client: SegmindClient, server: ScriptedServer
) -> None:
    class Full(AtOnce):
        async def begins(self) -> None:
            raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await client.submit(T2V, {"seed": 2}, departure=Full())
    assert server.seen == []
