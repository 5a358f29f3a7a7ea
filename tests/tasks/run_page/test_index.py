"""The page of all films."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import ArtifactCollection

from tasks.run_page.index import IndexRow, index, line_of

DAY = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)


def film(key: str, data: str) -> ArtifactCollection:
    return ArtifactCollection(id=uuid4(), latest_id=uuid4(), key=key, data=data, updated=DAY)


def test_a_film_stands_there_with_what_its_own_page_begins_with() -> None:
    page = film("dusk-film", "# Dusk\n\n**running** · 2 of 6 clips there\n\nmore\n")
    assert line_of(page) == IndexRow(
        str(page.latest_id), "Dusk", "**running** · 2 of 6 clips there", "2026-11-26 02:30"
    )


@pytest.mark.parametrize(
    ("key", "data"),
    [("longtake-films", "# Films\n\nx"), ("x-film", "no title\n\nx"), ("y-film", "")],
)
def test_what_is_no_films_page_is_left_out(key: str, data: str) -> None:
    assert line_of(film(key, data)) is None


def test_twenty_films_are_twenty_rows_with_links() -> None:
    lines = [IndexRow(f"id-{n}", f"Film {n}", "**completed**", "") for n in range(20)]
    rows = index(lines, "http://127.0.0.1:4200/").splitlines()[4:]
    assert len(rows) == 20
    assert "(http://127.0.0.1:4200/artifacts/artifact/id-7)" in rows[7]
