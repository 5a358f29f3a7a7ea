"""What is heard, read and drawn in a film; what a change of it costs; and the film's own proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.emulator import RunningEmulator
from longtake.media.proving import examine, proof_path
from longtake.rendering.assembling import make_film
from longtake.rendering.opening import open_render
from longtake.rendering.requests import RenderRequest
from longtake.story import SeamReading
from tests.media.sounds import clicks, read_sound, tone, write_sound
from tests.rendering.plain import Workshop, make_all

SHOTS = [
    {"prompt": "A pier at noon", "seconds": 5, "start": "cut"},
    {"prompt": "A boat", "seconds": 5, "start": {"dissolve": 0.5}},
]
PIECES = 3
"""Two clips, and the dissolve between them."""


def film_board(**more: Any) -> str:
    calm = {"colour": "off", "deflash": False, "gate": "off"}
    shots = [dict(shot) for shot in SHOTS]
    shots[0] |= more.pop("first", {})
    look = {"seed": 7, "continuity": calm}
    scenes = [{"name": "one", "shots": shots}]
    return json.dumps({"title": "Heard", "look": look, "scenes": scenes} | more)


class Films(Workshop):
    """A workshop whose renders end in a film."""

    async def film(self, emulator: RunningEmulator, storyboard: str) -> tuple[Path, int, int]:
        """The film, how many clips were asked for, and how many pieces were not encoded."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        before = len(emulator.emulator.requests)
        profile = self.profile(emulator.base_url)
        request = RenderRequest(str(path), self.folder / "out", profile=profile)
        async with open_render(request) as render:
            await make_all(render)
            film = await make_film(render)
        return film, len(emulator.emulator.requests) - before, render.film.previous.taken

    async def first_seam(
        self, emulator: RunningEmulator, storyboard: str
    ) -> tuple[SeamReading, Path]:
        """How the film's first seam reads, and the film."""
        path = self.folder / "storyboard.yaml"
        path.write_text(storyboard, encoding="utf-8")
        profile = self.profile(emulator.base_url)
        async with open_render(
            RenderRequest(str(path), self.folder / "out", profile=profile)
        ) as render:
            await make_all(render)
            film = await make_film(render)
            return await render.readings.seam(render.film.seams.plan.seams[0]), film


def packets_of(film: Path) -> list[bytes]:
    return [frame for piece in examine(film).proof.segments for frame in piece.frames]


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Films:
    monkeypatch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
    write_sound(tmp_path / "m.flac", clicks(10, [0.0, 5.0, 9.9]), codec="flac")
    write_sound(tmp_path / "v.wav", tone(2))
    return Films(tmp_path)


@pytest.mark.thorough
async def test_sound_and_words_are_changed_without_paying_or_encoding(films: Films) -> None:
    with films.emulator() as emulator:
        film, paid, taken = await films.film(emulator, film_board(soundtrack="m.flac"))
        assert (paid, taken) == (2, 0)
        picture = packets_of(film)
        _check_sound(film)
        _check_proof(film, film_board(soundtrack="m.flac"))

        louder = {"file": "m.flac", "gain": -9}
        first = {"voice": "v.wav", "captions": "A voice"}
        changed = film_board(soundtrack=louder, first=first)
        film, paid, taken = await films.film(emulator, changed)
        assert (paid, taken) == (0, PIECES)
        assert packets_of(film) == picture
        assert [track.kind for track in examine(film).proof.tracks] == ["audio", "subtitle"]

        # In another folder the picture comes out of the store.
        film.unlink()
        film, paid, taken = await films.film(emulator, film_board())
        assert (paid, taken) == (0, PIECES)
        assert packets_of(film) == picture
        assert not film.with_name("film.before.mp4").exists()

        # The first shot is a clip and, by half, a dissolve: only these are encoded again.
        burnt = film_board(captions={"burn": True}, first={"captions": "Only here"})
        film, paid, taken = await films.film(emulator, burnt)
        assert (paid, taken) == (0, PIECES - 2)
        assert examine(film).intact


def _check_sound(film: Path) -> None:
    sound = read_sound(film)
    assert len(sound) / 48_000 <= 10
    at = np.flatnonzero(np.abs(sound) > 0.2) / 48_000
    assert at[0] < 1 / 16
    assert 9.9 <= at[-1] < 9.9 + 1 / 16


def _check_proof(film: Path, storyboard: str) -> None:
    found = examine(film)
    assert found.intact
    assert proof_path(film).is_file()
    assert all(take.request_id and take.sha256 for take in found.proof.takes)
    assert found.proof.storyboard == storyboard
    with av.open(str(film)) as container:
        assert "trainedAlgorithmicMedia" in container.metadata["comment"]


@pytest.mark.thorough
async def test_a_card_that_begins_at_a_seam_is_no_flash_there(films: Films) -> None:
    shots = [{"prompt": "A pier at noon", "seconds": 10}]
    scenes = [{"name": "one", "shots": shots}]
    card = {"text": "The end", "seconds": 5, "fade_in": 1}
    with films.emulator() as emulator:
        bare, _ = await films.first_seam(emulator, film_board(scenes=scenes))
        titles = {"credits": card}
        found, film = await films.first_seam(emulator, film_board(scenes=scenes, titles=titles))
    with av.open(str(film)) as container:
        frames = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    assert frames[79] - frames[79 + 32] > 50  # the card is in the film
    assert found.flash == pytest.approx(bare.flash, abs=0.5)
    assert found.step_ratio == pytest.approx(bare.step_ratio, abs=0.1)
