"""What is kept of a clip while it is decoded is what somebody will ask for."""

from __future__ import annotations

from longtake.rendering.downloading import to_keep
from tests.rendering.plain import Workshop, board

TWO = {"prompt": "a boat", "seconds": 10, "continuity": {"gate": "flag"}}


async def test_a_clip_is_read_on_the_way_only_where_no_next_one_waits_to_be_sent(
    workshop: Workshop,
) -> None:
    async with workshop.opened(board(TWO)) as render:
        first, last = render.plan.chains[0].clips
        assert to_keep(render, last).samples
        assert not to_keep(render, first).samples
        render.slots.waiting = 1
        assert to_keep(render, first).samples, "the next one waits for a slot"


async def test_a_clip_of_several_takes_is_read_before_one_of_them_is_chosen(
    workshop: Workshop,
) -> None:
    async with workshop.opened(board(TWO | {"takes": 2})) as render:
        first, _ = render.plan.chains[0].clips
        assert to_keep(render, first).samples
