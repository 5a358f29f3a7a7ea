"""A film is read once: what was found of the same film is remembered."""

from __future__ import annotations

import pytest

from longtake.errors import LongtakeError
from longtake.rendering.film_reading import FilmReading, read_film
from longtake.rendering.measure_cache import film_of
from longtake.rendering.render import Render
from longtake.rendering.review import PAGE
from longtake.story import Finding


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
