"""When panels are written."""

from __future__ import annotations

from uuid import uuid4

import pytest

from longtake.record import Stage
from tasks.run_page.artifacts import CALM_SECONDS, MAX_RINGS, ArtifactWriter, panels
from tests.rendering.run_page.scenes import (
    clip,
    run_of,
    snapshot,
    stored,
    under_way,
)
from tests.tasks.run_page.notebook import Notebook


async def test_what_has_not_moved_is_not_sent_again() -> None:
    run, store = run_of(stored("a/1.1"), clip("b/1.1", 2)), Notebook()
    writer = ArtifactWriter(panels(run), store)
    for second in (0, 10, 20):
        await writer.write(snapshot(run), at_seconds=second)
    assert sorted(what for what, _, _ in store.created) == ["chain-1", "clips", "film", "summary"]
    assert store.updated == []


async def test_a_panel_waits_for_its_time_unless_it_is_the_last_word() -> None:
    run, store = run_of(stored("a/1.1"), under_way("b/1.1", 2)), Notebook()
    writer = ArtifactWriter(panels(run), store)
    await writer.write(snapshot(run), at_seconds=0)
    run.note("b/1.1", stage=Stage.STORED)
    await writer.write(snapshot(run), at_seconds=CALM_SECONDS - 1)
    assert "clips" not in [what for what, _ in store.updated]
    await writer.write(snapshot(run), at_seconds=CALM_SECONDS - 1, force=True)
    assert "clips" in [what for what, _ in store.updated]


async def test_a_panel_that_failed_is_due_again_and_keeps_no_other_back() -> None:
    run, store = run_of(stored("a/1.1")), Notebook(failures=1)
    writer = ArtifactWriter(panels(run), store)
    with pytest.raises(ConnectionError):
        await writer.write(snapshot(run), at_seconds=0)
    assert [what for what, _, _ in store.created] == ["film", "clips"]
    await writer.write(snapshot(run), at_seconds=1)
    assert "summary" in [what for what, _, _ in store.created]


async def test_a_chains_ring_hangs_at_a_task_run_of_the_chain() -> None:
    run, store = run_of(under_way("a/1.1"), under_way("b/1.1", 2)), Notebook()
    writer = ArtifactWriter(panels(run), store)
    writer.task_runs[2] = at = uuid4()
    await writer.write(snapshot(run), at_seconds=0)
    hangs = {what: task_run for what, _, task_run in store.created}
    assert (hangs["chain-1"], hangs["chain-2"], hangs["film"]) == (None, at, None)


def test_a_film_of_one_chain_or_of_very_many_has_one_ring() -> None:
    many = [clip(f"s/{number}.1", number) for number in range(MAX_RINGS + 1)]
    for run in (run_of(clip("a/1.1")), run_of(*many)):
        rings = [panel for panel in panels(run) if panel.kind == "progress"]
        assert [ring.what for ring in rings] == ["film"]
