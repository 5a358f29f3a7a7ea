"""Where chains meet before a person is asked."""

from __future__ import annotations

import asyncio

import pytest

from tasks.people.gate import Gate


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def test_the_last_chain_asks_for_all() -> None:
    gate, asked = Gate(2), []

    async def ask() -> bool:
        asked.append(gate.waiting.copy())
        return True

    assert await asyncio.gather(gate.arrive(1, ask), gate.arrive(2, ask)) == [True, True]
    assert asked == [{1, 2}]
    assert gate.waiting == set()


async def test_a_rejection_sends_all_back_and_they_meet_again() -> None:
    gate = Gate(2)
    assert await asyncio.gather(gate.arrive(1, no), gate.arrive(2, no)) == [False, False]
    assert await asyncio.gather(gate.arrive(1, yes), gate.arrive(2, yes)) == [True, True]


async def test_where_a_chain_is_broken_nobody_is_asked() -> None:
    gate = Gate(2)
    arrived = await asyncio.gather(gate.arrive(1, no), gate.arrive(2, no, broken=True))
    assert arrived == [True, True]


async def test_a_wait_at_a_gate_that_is_closed_ends() -> None:
    gate = Gate(2)
    standing = asyncio.create_task(gate.arrive(1, yes))
    await asyncio.sleep(0)
    assert gate.waiting == {1}
    gate.close(RuntimeError("the run ends here"))
    with pytest.raises(RuntimeError, match="ends here"):
        await standing


async def test_a_gate_before_which_nobody_stands_closes_without_a_word() -> None:
    gate = Gate(1)
    gate.close(RuntimeError("nobody hears it"))
    assert await gate.arrive(1, yes) is True
