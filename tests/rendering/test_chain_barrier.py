"""Where chains meet before a person is asked."""

from __future__ import annotations

import asyncio

import pytest

from longtake.rendering.chain_barrier import ChainBarrier


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def test_the_last_chain_asks_for_all() -> None:
    barrier, asked = ChainBarrier(2), []

    async def ask() -> bool:
        asked.append(barrier.waiting.copy())
        return True

    assert await asyncio.gather(barrier.arrive(1, ask), barrier.arrive(2, ask)) == [True, True]
    assert asked == [{1, 2}]
    assert barrier.waiting == set()


async def test_a_rejection_sends_all_back_and_they_meet_again() -> None:
    barrier = ChainBarrier(2)
    assert await asyncio.gather(barrier.arrive(1, no), barrier.arrive(2, no)) == [False, False]
    assert await asyncio.gather(barrier.arrive(1, yes), barrier.arrive(2, yes)) == [True, True]


async def test_where_a_chain_is_broken_nobody_is_asked() -> None:
    barrier = ChainBarrier(2)
    arrived = await asyncio.gather(barrier.arrive(1, no), barrier.arrive(2, no, broken=True))
    assert arrived == [True, True]


async def test_a_wait_at_a_gate_that_is_closed_ends() -> None:
    barrier = ChainBarrier(2)
    standing = asyncio.create_task(barrier.arrive(1, yes))
    await asyncio.sleep(0)
    assert barrier.waiting == {1}
    barrier.close(RuntimeError("the run ends here"))
    with pytest.raises(RuntimeError, match="ends here"):
        await standing


async def test_a_gate_before_which_nobody_stands_closes_without_a_word() -> None:
    barrier = ChainBarrier(1)
    barrier.close(RuntimeError("nobody hears it"))
    assert await barrier.arrive(1, yes) is True
