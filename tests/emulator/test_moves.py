"""What the camera does, by the words."""

from __future__ import annotations

import io

import av
import numpy as np
import numpy.typing as npt
import pytest

from longtake.emulator.drawing import clips
from longtake.emulator.drawing.landscape import draw_landscape
from longtake.emulator.drawing.moves import COMMON, CameraPath, move_of, moves_said
from longtake.emulator.drawing.notes import ClipNotes, Notebook
from longtake.emulator.drawing.pictures import Picture, to_planes
from longtake.emulator.drawing.scenery import scenery
from longtake.emulator.drawing.stage import Canvas, Margins
from longtake.emulator.validation import T2V, read_parameters


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("The camera pushes in on her face", ("push in",)),
        ("slow dolly in", ("push in",)),
        ("We slowly zoom out", ("pull out",)),
        ("the camera pulls back from the table", ("pull out",)),
        ("it tilts slowly up to the moon", ("tilt up",)),
        ("tilt down to the water", ("tilt down",)),
        ("a crane shot over the roofs", ("crane up",)),
        ("the camera cranes down", ("crane down",)),
        ("the camera slowly rises", ("crane up",)),
        ("the camera orbits the statue", ("orbit",)),
        ("it spirals upwards", ("orbit", "crane up")),
        ("the camera pans left, then right", ("pan left",)),
        ("truck right along the wall", ("pan right",)),
        ("static shot of a door", ("hold",)),
        ("the camera holds", ("hold",)),
        ("pushes in, then pulls out", ("push in",)),
        ("he holds a cup on the left", ()),
        ("the sun rises", ()),
        ("a cat walks along the quay wall", ()),
    ],
)
def test_words_name_the_move(words: str, said: tuple[str, ...]) -> None:
    assert sorted(moves_said(ClipNotes.of_prompt(words))) == sorted(said)


def test_the_nearest_text_that_names_a_move_decides() -> None:
    notes = ClipNotes(shot="the camera pans left", beat="it pushes in", style="static camera")
    assert moves_said(notes) == ("push in",)
    assert moves_said(ClipNotes(shot="a door", beat="it opens", style="static camera")) == ("hold",)


def test_without_such_words_it_is_the_common_motion() -> None:
    assert move_of(ClipNotes.of_prompt("a lighthouse")) == COMMON


@pytest.mark.parametrize("words", ["push in", "tilt up", "orbit", "pan left", "static"])
def test_a_continued_clip_begins_and_ends_in_the_common_motion(words: str) -> None:
    path = CameraPath.of(move_of(ClipNotes.of_prompt(words)), 81, 2.0, from_start=False)
    steps = np.diff(path.right)
    assert np.allclose(steps[[0, -1]], 2.0, atol=0.1)
    assert np.allclose(np.diff(path.down)[[0, -1]], 0, atol=0.1)
    assert abs(steps[40] - 2.0) > 0.5, "in between it is the words' move"


def test_the_way_to_a_picture_ends_where_it_began() -> None:
    path = CameraPath.between(81, 2.0)
    assert abs(path.right[-1]) < 1e-9
    assert np.allclose(np.diff(path.right)[[0, -1]], 2.0, atol=0.1)


def test_a_camera_that_has_not_moved_shows_exactly_the_picture() -> None:
    picture = draw_landscape("a harbour at noon", 5, 320, 180, 320)
    path = CameraPath.of(move_of(ClipNotes.of_prompt("push in")), 81, 2.0, from_start=False)
    first = next(Canvas(picture, Margins(right=80)).frames(path))
    planes = to_planes(picture)
    assert np.abs(first.luma.astype(int) - planes.luma[:, :240]).max() <= 1


@pytest.mark.parametrize(
    ("notes", "hour", "weather", "place"),
    [
        (ClipNotes(shot="A boat", scene="Night", style="warm light"), "night", "clear", "sea"),
        (ClipNotes(shot="A boat at noon", beat="grass on the shore"), "day", "clear", "sea"),
        (
            ClipNotes(shot="The keeper sleeps by the dark lamp", scene="Morning", style="mist"),
            "dawn", "fog", "sea",
        ),
        (ClipNotes(shot="a street at noon", beat="midnight strikes"), "night", "clear", "city"),
        (ClipNotes(shot="Dunes in a storm", scene="Dusk"), "dusk", "storm", "desert"),
        (ClipNotes.of_prompt("snow on pines at dawn"), "dawn", "snow", "forest"),
    ],
)  # fmt: skip
def test_the_nearest_text_decides_hour_weather_and_place(
    notes: ClipNotes, hour: str, weather: str, place: str
) -> None:
    seen = scenery(notes)
    assert (seen.hour, seen.weather) == (hour, weather)
    if "keeper" not in notes.shot:
        assert seen.place == place


def test_notes_are_found_by_prompt_and_seed_and_else_by_prompt() -> None:
    book = Notebook()
    night, day = ClipNotes(scene="Night"), ClipNotes(scene="Day")
    book.add({"prompt": "a street", "seed": 1}, night)
    book.add({"prompt": "a street", "seed": 2}, day)
    assert book.of({"prompt": "a street", "seed": 2}) is day
    assert book.of({"prompt": "a street", "seed": 99}) is night
    assert book.of({"prompt": "a road", "seed": 1}) is None


def frames(clip: bytes) -> list[Picture]:
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        return [np.asarray(one.to_ndarray(format="rgb24")) for one in container.decode(video=0)]


def light(picture: npt.NDArray[np.uint8]) -> float:
    return float(picture.mean())


@pytest.mark.thorough
def test_a_scenes_name_makes_night_of_the_same_prompt() -> None:
    parameters = read_parameters(T2V, {"prompt": "a boat on the sea"})
    by_night, by_day = (
        frames(clips.text_to_video(parameters, 3, notes=ClipNotes(shot="a boat", scene=name)))[0]
        for name in ("Night", "Noon")
    )
    assert light(by_night) < 60 < 100 < light(by_day)
