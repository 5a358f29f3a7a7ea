"""A film is read once: what was found of the same film is remembered."""

from __future__ import annotations

import asyncio
import json

import pytest

from longtake.errors import LongtakeError
from longtake.rendering.assembling import make_film
from longtake.rendering.film_reading import FilmReading, read_film
from longtake.rendering.measure_cache import film_of
from longtake.rendering.opening import open_render
from longtake.rendering.render import Render
from longtake.rendering.requests import RenderRequest
from longtake.rendering.review import PAGE
from longtake.story import Finding
from tests.rendering.plain import Workshop, make_all


async def test_what_was_found_of_the_same_film_goes_into_the_record_without_a_look(
    render: Render,
) -> None:
    found = Finding(severity="note", place="one/1.1", rule="drift", says="seen", score=0.5)
    known = FilmReading(clips={}, seams=[], drift=[], findings=[found])
    render.film.recipe = "a film"
    await render.ledger.remember_measure(film_of("a film"), known.model_dump_json())
    page = render.folder.root / PAGE
    page.write_text("a page that was made before", encoding="utf-8")
    await read_film(render)
    assert render.report.record.findings == [found]
    assert page.read_text(encoding="utf-8") == "a page that was made before"


async def test_a_film_that_is_not_known_has_to_be_looked_at(render: Render) -> None:
    render.film.recipe = "another film"
    with pytest.raises((LongtakeError, KeyError)):
        await read_film(render)


@pytest.mark.thorough
async def test_a_film_that_was_made_and_never_read_is_read_when_it_is_found_again(
    workshop: Workshop,
) -> None:
    shots = [{"prompt": prompt, "seconds": 1} for prompt in ("a pier at noon", "a boat")]
    scenes = [{"name": "one", "shots": shots}]
    path = workshop.folder / "storyboard.yaml"
    path.write_text(json.dumps({"title": "Read", "scenes": scenes}), encoding="utf-8")
    with workshop.emulator() as emulator:
        profile = workshop.profile(emulator.base_url)
        request = RenderRequest(str(path), workshop.folder / "out", profile=profile)
        async with open_render(request) as ended_too_early:
            await make_all(ended_too_early)
            await make_film(ended_too_early)
        async with open_render(request) as render, asyncio.timeout(120):
            await make_all(render)
            await make_film(render)
            await read_film(render)
    assert all(clip.reading is not None for clip in render.report.record.clips.values())
    assert [seam.kind for seam in render.report.record.seams] == ["continuous"]
    assert (render.folder.root / PAGE).is_file()
