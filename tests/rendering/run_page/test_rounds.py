"""When the run page is written."""

from __future__ import annotations

import asyncio

from longtake.rendering.run_page.rounds import Rounds


async def test_a_report_is_written_at_once_and_the_end_is_the_last_round() -> None:
    rounds, written = Rounds(look_seconds=60, pause_seconds=0), 0
    rounds.hurry()
    async with asyncio.timeout(30):
        async for _ in rounds:
            written += 1
            if written == 2:
                rounds.end()
            else:
                rounds.hurry()
    assert written == 2


async def test_without_a_report_it_is_written_all_the_same() -> None:
    rounds, written = Rounds(look_seconds=0.01, pause_seconds=0.01), 0
    async with asyncio.timeout(30):
        async for _ in rounds:
            written += 1
            if written == 3:
                rounds.end()
    assert written == 3


async def test_who_ends_while_nothing_was_written_has_a_last_round() -> None:
    rounds = Rounds(look_seconds=60, pause_seconds=60)
    async with asyncio.timeout(30):
        counting = asyncio.create_task(_counted(rounds))
        await asyncio.sleep(0)
        rounds.end()
        assert await counting == 1
        assert await _counted(rounds) == 0


async def _counted(rounds: Rounds) -> int:
    return len([None async for _ in rounds])
