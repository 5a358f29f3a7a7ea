"""A film that was there before gives its pieces only where it has a proof of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.rendering.previous_film import PreviousFilm


@pytest.mark.parametrize("content", [None, b"", b"no film at all"])
async def test_what_is_no_film_with_a_proof_has_no_pieces(
    tmp_path: Path, content: bytes | None
) -> None:
    film = tmp_path / "film.mp4"
    if content is not None:
        film.write_bytes(content)
    previous = PreviousFilm(film)
    for _ in range(2):
        piece = await previous.cut("recipe", tmp_path / "piece.mp4", frame_count=81, fps=16)
        assert piece is None
    assert previous.taken == 0
    assert not (tmp_path / "piece.mp4").exists()
