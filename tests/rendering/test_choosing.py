"""Which take the film has."""

from __future__ import annotations

from longtake.ledger import TakeState, Verdict
from longtake.rendering.choosing import best_of, other_takes, recalled_take
from longtake.rendering.measure_cache import Standing, standing_of
from longtake.rendering.render import Render
from longtake.rendering.takes import take_for
from tests.rendering.taken import NO_IMAGES, OWNER, content, put


async def test_a_take_that_is_in_the_store_is_copied_from_there(render: Render) -> None:
    clip = render.plan.clips[0]
    source = render.folder.root / "a.mp4"
    source.write_bytes(b"a clip")
    kept = await render.store.put(source, "clip")
    take = await put(render.ledger, clip, 1, TakeState.COMPLETED)
    slate = await render.ledger.stored(take.fingerprint, OWNER, kept.sha256, 6, 81, 832, 480)
    found = await recalled_take(render, take, slate)
    assert found is not None
    assert found.sha256 == kept.sha256
    assert render.folder.clip(take).read_bytes() == b"a clip"


async def test_a_take_that_the_store_lost_is_not_there(render: Render) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.STORED)
    assert await recalled_take(render, take, await render.ledger.get(take.fingerprint)) is None
    unknown = take_for(render.plan.clips[0], 2, NO_IMAGES)
    assert await recalled_take(render, unknown, None) is None


async def test_of_one_take_nothing_is_measured(render: Render) -> None:
    clip = render.plan.clips[0]
    take = await put(render.ledger, clip, 1, TakeState.STORED)
    render.report.stored(take, await render.ledger.get(take.fingerprint), reused=True)
    best, score = await best_of(render, [take.stored(content(1))], NO_IMAGES, None)
    assert (best.fingerprint, score) == (take.fingerprint, None)


async def test_other_takes_are_shown_where_they_were_compared_and_not_rejected(
    render: Render,
) -> None:
    clip = render.plan.clips[0]
    source = render.folder.root / "a.mp4"
    takes = []
    for number in (1, 2, 3):
        source.write_bytes(b"clip %d" % number)
        kept = await render.store.put(source, "clip")
        take = await put(render.ledger, clip, number, TakeState.COMPLETED)
        await render.ledger.stored(take.fingerprint, OWNER, kept.sha256, 6, 81, 832, 480)
        standing = Standing(score=number / 10).model_dump_json()
        await render.ledger.remember_measure(standing_of(take.fingerprint), standing)
        takes.append(take.stored(kept.sha256))
    await render.ledger.decide(takes[2].fingerprint, Verdict.REJECTED)
    others = await other_takes(render, clip, takes[0], NO_IMAGES)
    assert [take.fingerprint for take in others] == [takes[1].fingerprint]
