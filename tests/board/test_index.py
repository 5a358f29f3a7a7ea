"""All films on one page, and what changes as it changes."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx

from longtake.ledger import Ledger, TakeIntent
from longtake.record import RunRecord
from longtake.rendering.history import remember_render
from longtake.rendering.presence import at_work
from tests.board.conftest import Ask


def test_the_index_has_every_film_its_past_renders_and_its_costs(
    ask: Ask, film: Path, record: RunRecord
) -> None:
    record.ended_at = record.started_at
    remember_render(film, record)
    text = ask().get("/").text
    assert "Hostile &lt;/title&gt;" in text
    assert "<script>alert" not in text
    assert text.count('<li class="card') == 1
    assert text.count("<tr class=") == 1
    assert "Nothing was paid yet: there is no ledger at" in text


def test_a_folder_that_is_no_render_or_cannot_be_read_spoils_nothing(
    ask: Ask, renders: Path
) -> None:
    (renders / "notes").mkdir()
    (renders / "broken").mkdir()
    (renders / "broken/run.json").write_text("{")
    text = ask().get("/").text
    assert text.count('<li class="card') == 2
    assert "cannot be read by this longtake" in text


def events(client: httpx.Client, path: str) -> Iterator[dict[str, str]]:
    """What a page is told, one event after another."""
    with client.stream("GET", path) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def test_a_render_that_was_begun_elsewhere_is_seen_as_it_goes(
    ask: Ask, film: Path, key: str, record: RunRecord
) -> None:
    board = ask()
    assert "completed" in board.get("/").text
    record.state, record.question = "running", None
    begun = threading.Event()

    def render() -> None:
        with at_work(film):
            record.write(film / "run.json")
            begun.wait(60)

    rendering = threading.Thread(target=render)
    told = events(board, "/live")
    rendering.start()
    try:
        heard = next(told)
    finally:
        begun.set()
        rendering.join()
        told.close()
    assert f'data-film="{key}"' in heard["html"]
    assert 'data-group="live"' in heard["html"]


def test_a_page_gets_the_state_of_its_film_first(ask: Ask, key: str) -> None:
    told = events(ask(), f"/live?film={key}")
    heard = next(told)
    told.close()
    assert 'id="live"' in heard["html"]
    assert "completed" in heard["html"]


def test_what_another_page_has_found_changed_is_told_to_those_who_listen(
    ask: Ask, film: Path, key: str, record: RunRecord
) -> None:
    board = ask()
    told = events(board, f"/live?film={key}")
    assert "completed" in next(told)["html"]
    record.state = "incomplete"
    record.write(film / "run.json")
    board.get("/")
    assert "incomplete" in next(told)["html"]
    told.close()


def test_a_film_that_another_machine_makes_is_known_by_the_ledger(ask: Ask, tmp_path: Path) -> None:
    asyncio.run(begin_a_take(tmp_path / "ledger.sqlite", "Far <away>"))
    text = ask().get("/").text
    assert "Far &lt;away&gt;" in text
    assert "1 take under way" in text
    assert "0.10 reserved" in text


async def begin_a_take(ledger: Path, title: str) -> None:
    """Somebody who is heard of holds a take of a film of that title."""
    async with Ledger.open(ledger) as opened:
        take = TakeIntent(
            fingerprint="f" * 64,
            storyboard=title,
            clip_id="one/1.1",
            number=1,
            model="wan-2.2-t2v-fast",
            seed=7,
            parameters={},
            estimated_usd=0.1,
        )
        await opened.intend(take, owner="another", run="r1", lease_seconds=600)
        await opened.sending("f" * 64, "another")
