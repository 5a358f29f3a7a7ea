"""A clip of one's own in a film: looked at first, fitted once, continued from, paid to nobody."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from longtake.documents import load_plan
from longtake.errors import StoryboardError
from longtake.ledger import Ledger
from longtake.media import find_ffmpeg, inspect_clip
from longtake.media.examining import trouble_with
from longtake.record import Stage
from longtake.rendering.outlook import Outlook
from tests.rendering.plain import Workshop, board


def film(path: Path, *, rate: int = 25, seconds: float = 1.5, size: str = "640x400") -> Path:
    """A clip as a camera or an editing program might have made it, with sound."""
    source = f"testsrc2=rate={rate}:size={size}:duration={seconds}"
    words = [find_ffmpeg(None).path, "-v", "error", "-y", "-f", "lavfi", "-i", source]
    words += ["-f", "lavfi", "-i", f"sine=duration={seconds}", "-pix_fmt", "yuv420p"]
    subprocess.run([*words, "-c:v", "libx264", "-preset", "ultrafast", str(path)], check=True)
    return path


OWN = board({"clip": "own.mp4"}, "the picture begins to move")


@pytest.mark.thorough
async def test_it_is_fitted_shown_and_continued_from_and_paid_to_nobody(
    workshop: Workshop,
) -> None:
    film(workshop.folder / "own.mp4")
    with workshop.emulator() as emulator:
        first = await workshop.render(emulator, OWN)
        again = await workshop.render(emulator, OWN)
    assert (first.error, again.error) == (None, None)
    assert len(first.accepted) == 1
    assert first.accepted[0].body["image"]
    assert again.accepted == []
    own = first.run.clips["one/1.1"]
    assert (own.stage, own.model, own.usd) == (Stage.OWN, "own", 0)
    assert (own.frame_count, own.width, own.height) == (24, 832, 480)
    facts = await inspect_clip(workshop.folder / "out" / str(own.file), ffmpeg=find_ffmpeg(None))
    assert (facts.frame_count, facts.fps, facts.width, facts.color_matrix) == (24, 16, 832, "bt709")
    assert again.run.totals.usd == 0
    async with Ledger.open(workshop.ledger) as ledger:
        assert [slate.clip_id for slate in await ledger.slates()] == ["one/2.1"]
        assert own.sha256 in await ledger.contents()  # so that nothing clears it away


@pytest.mark.thorough
async def test_the_plan_knows_it_and_what_follows_from_it(workshop: Workshop) -> None:
    film(workshop.folder / "own.mp4")
    with workshop.emulator() as emulator:
        await workshop.render(emulator, OWN)
    path = workshop.folder / "foreseen.yaml"
    path.write_text(OWN, encoding="utf-8")
    foreseen = await workshop.foreseen(OWN)
    assert foreseen.clips == {"one/1.1": Outlook.OWN, "one/2.1": Outlook.THERE}
    assert foreseen.usd == 0
    assert foreseen.decisions["one/1.1"].says == "your own clip own.mp4"


@pytest.mark.slow
async def test_another_file_under_the_name_is_another_clip(workshop: Workshop) -> None:
    film(workshop.folder / "own.mp4")
    with workshop.emulator() as emulator:
        await workshop.render(emulator, OWN)
        film(workshop.folder / "own.mp4", size="480x480")
        again = await workshop.render(emulator, OWN)
    assert len(again.accepted) == 1  # what continues it begins from another frame now


def test_a_damaged_clip_is_found_before_anything_is_paid(tmp_path: Path) -> None:
    whole = film(tmp_path / "own.mp4", seconds=2).read_bytes()
    middle = len(whole) // 2
    (tmp_path / "own.mp4").write_bytes(whole[:middle] + bytes(2000) + whole[middle + 2000 :])
    (tmp_path / "film.yaml").write_text(OWN, encoding="utf-8")
    with pytest.raises(StoryboardError, match=r"`own\.mp4`"):
        load_plan(tmp_path / "film.yaml", examine=trouble_with)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a readable MP4 or MOV"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is not a readable MP4 or MOV"),
        (None, "there is no clip `own.mp4`"),
    ],
)
def test_what_is_no_clip_is_reported_with_its_line(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "own.mp4").write_bytes(content)
    (tmp_path / "film.yaml").write_text(json.dumps(json.loads(OWN), indent=1), encoding="utf-8")
    with pytest.raises(StoryboardError, match=says) as raised:
        load_plan(tmp_path / "film.yaml")
    assert raised.value.problems[0].line is not None
    assert raised.value.problems[0].place[-1] == "clip"


def test_one_that_is_too_long_is_refused_by_its_head(tmp_path: Path) -> None:
    film(tmp_path / "own.mp4", rate=1, seconds=61, size="64x64")
    (tmp_path / "film.yaml").write_text(OWN, encoding="utf-8")
    with pytest.raises(StoryboardError, match=r"is 61\.0 seconds long, 60 at most"):
        load_plan(tmp_path / "film.yaml")


def test_a_clip_that_a_telephone_turned_is_no_damaged_one(tmp_path: Path) -> None:
    lying, standing = film(tmp_path / "lying.mp4", size="320x180"), tmp_path / "own.mp4"
    words = [find_ffmpeg(None).path, "-v", "error", "-i", str(lying), "-c", "copy"]
    subprocess.run([*words, "-metadata:s:v", "rotate=90", str(standing)], check=True)
    assert trouble_with(standing, "`own.mp4`") == ""


def test_a_clip_of_too_many_frames_a_second_is_refused_with_the_most(tmp_path: Path) -> None:
    film(tmp_path / "own.mp4", rate=240, seconds=0.5, size="320x180")
    (tmp_path / "film.yaml").write_text(OWN, encoding="utf-8")
    with pytest.raises(StoryboardError, match="has 240 frames a second, 120 at most"):
        load_plan(tmp_path / "film.yaml")
