"""Beginning a render: of a storyboard below the board's folder, at the price that was shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from longtake.board import BoardPlace
from longtake.board.film_facts import healable
from longtake.board.launching import heal_words, launch, render_words
from longtake.board.start_render import storyboards_below
from longtake.errors import Outdated
from longtake.record import RunRecord
from longtake.rendering.presence import at_work, beginning_work
from tests.board.conftest import settings_in
from tests.board.serving import served
from tests.review.renders import small_plan

STORYBOARD = """\
title: Two
look: {seed: 7}
scenes: [{name: one, shots: [a lighthouse at dusk, the lamp is lit]}]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The board's folder, with a storyboard in it and another outside."""
    folder = tmp_path / "here"
    (folder / "film").mkdir(parents=True)
    (folder / "film/storyboard.yaml").write_text(STORYBOARD, encoding="utf-8")
    (folder / "profile.yaml").write_text("concurrency: 3\n", encoding="utf-8")
    (tmp_path / "outside.yaml").write_text(STORYBOARD, encoding="utf-8")
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def post(here: Path, tmp_path: Path) -> Iterator[Any]:
    """Send what the index's script sends."""
    place = BoardPlace(settings=settings_in(tmp_path), roots=(here / "renders",))
    headers = {"x-longtake-board": place.stamp}
    with (
        served(place) as url,
        httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client,
    ):
        yield lambda path, **content: client.post(path, json=content)


def test_the_price_of_a_storyboard_is_what_its_plan_says(post: Any) -> None:
    said = post("/begin/price", storyboard="film/storyboard.yaml").json()
    assert said["says"] == "Two: 2 of 2 clips are to be made, for 0.19 USD"
    said = post("/begin/price", storyboard="film/storyboard.yaml", emulated=True).json()
    assert said["says"].endswith("(emulated: nothing is paid)")


@pytest.mark.parametrize(
    "name", ["../outside.yaml", "link.yaml", "/etc/passwd", "film", "nowhere.yaml", "", "\0.yaml"]
)
def test_nothing_outside_of_the_folder_is_read(post: Any, name: str) -> None:
    assert post("/begin/price", storyboard=name).status_code == 400
    assert post("/begin", storyboard=name, usd_at_most=9).status_code == 400


@pytest.mark.parametrize("agreed", [None, 0.1])
def test_nothing_is_begun_that_costs_more_than_was_agreed_to(
    post: Any, here: Path, agreed: float | None
) -> None:
    said = post("/begin", storyboard="film/storyboard.yaml", usd_at_most=agreed)
    assert said.status_code == 409
    assert "0.19 USD" in said.json()["error"]
    assert not (here / "renders").exists()


def test_what_is_begun_twice_is_begun_once(post: Any, here: Path) -> None:
    folder = here / "renders/film"
    folder.mkdir(parents=True)
    with beginning_work(folder):  # as the first press leaves it, until its process has ended
        said = post("/begin", storyboard="film/storyboard.yaml", usd_at_most=9)
    assert said.status_code == 409
    assert "at work" in said.json()["error"]
    assert not (folder / "render.log").exists()


async def test_between_looking_and_starting_nobody_else_starts_a_render(
    tmp_path: Path, here: Path
) -> None:
    place = BoardPlace(settings=settings_in(tmp_path), roots=(here,))
    with at_work(here), pytest.raises(Outdated, match="at work here"):
        await launch(place, here, ["render", "film/storyboard.yaml"])
    assert not (here / "render.log").exists()


def test_storyboards_are_found_and_other_files_are_not(here: Path) -> None:
    assert storyboards_below(here) == ["link.yaml", "film/storyboard.yaml"]


def test_a_render_is_begun_by_the_words_of_the_command_line() -> None:
    words = render_words("a.yaml", Path("out"), max_usd=0.19, approve="each-shot", emulated=True)
    assert words == [
        *("render", str(Path("a.yaml").absolute()), "--out", "out", "--emulated"),
        *("--max-usd", "0.190000", "--approve", "each-shot"),
    ]


def test_a_clip_is_healed_by_the_words_of_the_command_line() -> None:
    assert heal_words(Path("out"), "one/1.2", budget_usd=0.09) == [
        *("heal", "out", "one/1.2", "--budget", "0.090000")
    ]


def test_only_a_clip_with_a_neighbour_on_either_side_can_be_healed() -> None:
    run = RunRecord.of(small_plan(), storyboard="film.yaml", folder="f")
    assert healable(run) == {"one/1.2", "one/1.3"}
