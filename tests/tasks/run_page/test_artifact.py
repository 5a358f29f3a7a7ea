"""When a film's page is written."""

from __future__ import annotations

import pytest

from longtake.record import Stage
from longtake.rendering.run_page.snapshot import Snapshot
from tasks.run_page.artifact import BYTES_A_SECOND, CALM_SECONDS, UNSEEN_SECONDS, ArtifactWriter
from tests.rendering.run_page.scenes import clip, run_of, snapshot, stored, under_way
from tests.tasks.run_page.notebook import Notebook


async def test_what_has_not_changed_is_not_sent_again() -> None:
    run, store = run_of(stored("a/1.1"), clip("b/1.1", 2)), Notebook()
    writer = ArtifactWriter(store)
    for second in (0, 10, 20):
        await writer.write(snapshot(run), at_seconds=second)
    assert (len(store.created), store.updated) == (1, [])


async def test_the_page_rests_between_two_writes_unless_it_is_the_last_word() -> None:
    run, store = run_of(stored("a/1.1"), under_way("b/1.1", 2)), Notebook()
    writer = ArtifactWriter(store)
    await writer.write(snapshot(run), at_seconds=0)
    run.note("b/1.1", stage=Stage.STORED)
    await writer.write(snapshot(run), at_seconds=CALM_SECONDS - 1)
    assert store.updated == []
    await writer.write(snapshot(run), at_seconds=CALM_SECONDS - 1, force=True)
    assert "| b/1.1 | stored |" in store.latest


async def test_a_page_that_nobody_can_look_at_rests_for_a_minute() -> None:
    run, store = run_of(stored("a/1.1"), under_way("b/1.1", 2)), Notebook()
    writer = ArtifactWriter(store, UNSEEN_SECONDS)
    await writer.write(snapshot(run), at_seconds=0)
    run.note("b/1.1", stage=Stage.STORED)
    await writer.write(snapshot(run), at_seconds=UNSEEN_SECONDS - 1)
    assert store.updated == []
    await writer.write(snapshot(run), at_seconds=UNSEEN_SECONDS)
    assert len(store.updated) == 1


async def test_a_page_with_many_pictures_rests_longer() -> None:
    run, store = run_of(stored("a/1.1"), under_way("b/1.1", 2)), Notebook()
    pictures = {"a/1.1": b"x" * 200_000}
    writer = ArtifactWriter(store)

    def now() -> Snapshot:
        return snapshot(run, pictures=pictures)

    await writer.write(now(), at_seconds=0)
    run.note("b/1.1", stage=Stage.STORED)
    rest = len(store.latest) / BYTES_A_SECOND
    assert rest > 2 * CALM_SECONDS
    await writer.write(now(), at_seconds=rest - 1)
    assert store.updated == []
    await writer.write(now(), at_seconds=rest)
    assert len(store.updated) == 1


async def test_a_page_that_could_not_be_written_is_due_again() -> None:
    run, store = run_of(stored("a/1.1")), Notebook(failures=1)
    writer = ArtifactWriter(store)
    with pytest.raises(ConnectionError):
        await writer.write(snapshot(run), at_seconds=0)
    await writer.write(snapshot(run), at_seconds=1)
    assert len(store.created) == 1
