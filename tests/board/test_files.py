"""What a browser may have of a render's folder: its video, in ranges, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from longtake.record import RunRecord
from tests.board.conftest import Ask


def test_a_film_comes_in_the_ranges_that_a_player_asks_for(ask: Ask, key: str, film: Path) -> None:
    board, content = ask(), (film / "film.mp4").read_bytes()
    whole = board.get(f"/films/{key}/film.mp4")
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["accept-ranges"] == "bytes"
    part = board.get(f"/films/{key}/film.mp4", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(content)}"
    end = board.get(f"/films/{key}/film.mp4", headers={"range": "bytes=-5"})
    assert end.content == content[-5:]
    beyond = board.get(f"/films/{key}/film.mp4", headers={"range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416


def test_nothing_else_of_the_folder_or_beyond_it(
    ask: Ask, key: str, renders: Path, film: Path
) -> None:
    (renders / "secret.mp4").write_bytes((film / "film.mp4").read_bytes())
    board = ask()
    for name in (
        *("run.json", "../secret.mp4", "%2e%2e/secret.mp4", "..%2fsecret.mp4"),
        *("clips/../../secret.mp4", "/etc/passwd", "%2fetc%2fpasswd", "clips", "clips/"),
        *("film.mp4/", "film.mp4%00", "emulated/ledger.sqlite"),
    ):
        assert board.get(f"/films/{key}/{name}").status_code == 404, name


@pytest.mark.parametrize(
    "named", ["../secret.mp4", "/SECRET", "clips/link.mp4", "run.json", "\0.mp4"]
)
def test_a_record_that_names_other_files_gets_none_of_them(
    ask: Ask, key: str, renders: Path, film: Path, record: RunRecord, named: str
) -> None:
    secret = renders / "secret.mp4"
    secret.write_bytes((film / "film.mp4").read_bytes())
    (film / "clips/link.mp4").symlink_to(secret)
    named = named.replace("/SECRET", str(secret))
    first = next(iter(record.clips.values()))
    first.file = named
    first.takes = []
    record.write(film / "run.json")
    (film / "segments" / f"{first.id.replace('/', '-')}.mp4").unlink()
    board = ask()
    assert board.get(f"/films/{key}/{quote(named)}").status_code == 404
    assert board.get(f"/films/{key}/posters/1.jpg").status_code == 404
    assert board.get(f"/films/{key}/seams/1-left.jpg").status_code == 404


def test_takes_and_seams_have_pictures(ask: Ask, key: str) -> None:
    board = ask()
    for path in ("posters/1.jpg", "posters/1-1.jpg", "seams/1-left.jpg", "seams/1-right.jpg"):
        said = board.get(f"/films/{key}/{path}")
        assert said.headers["content-type"] == "image/jpeg", path
        assert said.content.startswith(b"\xff\xd8")
    for path in ("posters/0.jpg", "posters/99.jpg", "posters/1-77.jpg", "seams/0-left.jpg",
                 "seams/99-left.jpg", "seams/1-middle.jpg"):  # fmt: skip
        assert board.get(f"/films/{key}/{path}").status_code == 404, path


def test_a_film_that_nobody_knows_is_not_there(ask: Ask) -> None:
    board = ask()
    for path in ("", "film.mp4", "posters/1.jpg", "seams/1-left.jpg"):
        assert board.get(f"/films/..%2f..%2fetc/{path}").status_code == 404
        assert board.get(f"/films/nobody-000000/{path}").status_code == 404


def test_a_record_that_is_a_pipe_is_not_waited_for(ask: Ask, renders: Path) -> None:
    (renders / "pipe").mkdir()
    os.mkfifo(renders / "pipe/run.json")
    assert "cannot be read by this longtake" in ask().get("/").text


def test_a_log_that_leads_elsewhere_is_not_shown(ask: Ask, key: str, film: Path) -> None:
    (film.parent / "secret.txt").write_text("a secret")
    (film / "render.log").symlink_to(film.parent / "secret.txt")
    assert "a secret" not in ask().get(f"/films/{key}/").text
