"""What is heard is made once for what it is; captions are a file for as long as they are needed."""

from __future__ import annotations

from pathlib import Path

from longtake.media import find_ffmpeg
from longtake.profile_parts import Sound
from longtake.rendering.film_sound import caption_file, film_sound, sound_recipe
from longtake.story import CaptionsPlan, Plan, ShownWords, SoundCue
from longtake.story.track_plans import SoundPlan
from tests.rendering.taken import plan_of


def heard(*files: str) -> Plan:
    """A film with these files as its music."""
    cues = tuple(SoundCue(kind="music", file=file, begin_seconds=0, seconds=1) for file in files)
    return plan_of("a boat").model_copy(update={"sound": SoundPlan(cues=cues)})


async def test_a_sound_is_named_by_what_its_files_hold(tmp_path: Path) -> None:
    for name, content in (("a.wav", b"one"), ("b.wav", b"two")):
        (tmp_path / name).write_bytes(content)
    before = await sound_recipe(heard("a.wav"), tmp_path, Sound())
    assert before == await sound_recipe(heard("a.wav"), tmp_path, Sound())
    assert before != await sound_recipe(heard("a.wav"), tmp_path, Sound(loudness_lufs=None))
    (tmp_path / "a.wav").write_bytes(b"another")
    assert before != await sound_recipe(heard("a.wav"), tmp_path, Sound())


async def test_a_silent_film_has_no_sound(tmp_path: Path) -> None:
    recipe = await sound_recipe(plan_of("a boat"), tmp_path, Sound())
    made = await film_sound(heard(), tmp_path, tmp_path, recipe, Sound(), find_ffmpeg())
    assert (recipe, made) == ("", None)


async def test_the_sound_that_is_there_is_not_mixed_again(tmp_path: Path) -> None:
    there = tmp_path / f"{'a' * 16}.m4a"
    there.write_bytes(b"mixed before")
    plan = heard("gone.wav")  # it could not be mixed now
    made = await film_sound(plan, tmp_path, tmp_path, "a" * 64, Sound(), find_ffmpeg())
    assert made == there


def test_captions_are_a_file_for_as_long_as_the_block_lasts() -> None:
    line = ShownWords(begin_seconds=0, end_seconds=1, text="Land!")
    with caption_file(CaptionsPlan(lines=(line,), language="eng")) as track:
        assert track is not None
        path = track.path
        assert "Land!" in path.read_text(encoding="utf-8")
    assert not path.exists()
    with caption_file(CaptionsPlan()) as none:
        assert none is None
