"""From a render's folder to its page and reel: the right frames, whatever is missing."""

from __future__ import annotations

import io
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest

from longtake.errors import OperatorError
from longtake.media import find_ffmpeg
from longtake.media.shape import half_second, tail_frame_count
from longtake.record import RunRecord
from longtake.rendering.review import Reviewed, as_ended, make_review
from longtake.story import SeamReading
from tests.review.renders import FPS, WORST, broken, read

HALF, TAIL = half_second(FPS), tail_frame_count(FPS)


async def review(folder: Path, record: RunRecord) -> tuple[Reviewed, str]:
    made = await make_review(folder, record, ffmpeg=find_ffmpeg())
    return made, made.page.read_text(encoding="utf-8")


def levels(video: Path) -> list[float]:
    """Each frame's brightness, which tells the clip that it is from."""
    with av.open(str(video)) as container:
        return [
            float(np.median(frame.to_ndarray(format="gray"))) for frame in container.decode(video=0)
        ]


def pictures(page: str) -> list[float]:
    """The brightness of the pictures on the page, in its order."""
    found = []
    for part in page.split("data:image/jpeg;base64,")[1:]:
        with av.open(io.BytesIO(b64decode(part.split('"')[0])), format="jpeg_pipe") as container:
            (frame,) = container.decode(video=0)
            found.append(float(np.median(frame.to_ndarray(format="gray"))))
    return found


async def test_the_reel_has_at_least_half_a_second_either_side_of_every_seam_in_film_order(
    folder: Path, record: RunRecord
) -> None:
    made, _ = await review(folder, record)
    assert made == Reviewed(folder / "review.html", folder / "review/seams.mp4", ())
    film = levels(folder / "film.mp4")
    seams = [clip.first_frame_index for clip in list(record.clips.values())[1:]]
    expected = [level for seam in seams for level in film[seam - TAIL : seam + HALF]]
    assert levels(folder / "review/seams.mp4") == pytest.approx(expected, abs=2)


@pytest.mark.thorough
async def test_a_corrected_seam_is_in_the_reel_before_and_after(
    folder: Path, record: RunRecord
) -> None:
    run = read(record)
    clip = run.clips["one/1.3"]
    (folder / str(clip.file)).write_bytes((folder / "clips/two-1.1.mp4").read_bytes())
    _, page = await review(folder, run)
    reel = levels(folder / "review/seams.mp4")
    film = levels(folder / "film.mp4")
    around = TAIL + HALF
    before, after = reel[around : 2 * around], reel[2 * around : 3 * around]
    seam = clip.first_frame_index
    assert after == pytest.approx(film[seam - TAIL : seam + HALF], abs=2)
    assert before[:TAIL] == pytest.approx(after[:TAIL], abs=2)
    assert before[TAIL] == pytest.approx(film[-1], abs=3)
    captions = (folder / "review/seams.vtt").read_text(encoding="utf-8")
    assert f"{WORST} · before correction" in captions
    assert f"{WORST} · corrected" in captions
    length = around / FPS
    for name, start in (("before", length), ("after", 2 * length)):
        assert f'data-{name}="{start} {length} {start + TAIL / FPS}"' in page


async def test_a_seam_shows_the_last_frame_before_and_the_first_after(
    folder: Path, record: RunRecord
) -> None:
    _, page = await review(folder, record)
    film = levels(folder / "film.mp4")
    seams = [clip.first_frame_index for clip in list(record.clips.values())[1:]]
    expected = [level for seam in seams for level in (film[seam - 1], film[seam])]
    assert pictures(page) == pytest.approx(expected, abs=4)


@pytest.mark.thorough
async def test_a_dissolve_is_shown_whole_with_what_is_around_it(
    folder: Path, record: RunRecord
) -> None:
    left, right = record.clips["one/2.1"], record.clips["two/1.1"]
    right.first_frame_index -= 8  # both clips are in the film for these frames
    first = right.first_frame_index
    record.seams = [SeamReading(left=left.id, right=right.id, kind="dissolve", frame_index=first)]
    _, page = await review(folder, record)
    film = levels(folder / "film.mp4")
    reel = levels(folder / "review/seams.mp4")
    assert reel[-TAIL - 8 - HALF :] == pytest.approx(film[first - TAIL : first + 8 + HALF], abs=2)
    assert pictures(page)[-2:] == pytest.approx([film[first - 1], film[first + 8]], abs=4)
    assert "A dissolve is meant to be seen" in page


async def test_an_incomplete_render_is_reviewed_from_its_segments(
    folder: Path, record: RunRecord
) -> None:
    made, page = await review(folder, broken(record))
    assert made.remarks == ()
    # Clips 1 and 2 meet; 3 and 4 are missing, and the film that lies there is an earlier one.
    segment = levels(folder / "segments/one-1.1.mp4")
    reel = levels(folder / "review/seams.mp4")
    assert len(reel) == TAIL + HALF
    assert reel[:TAIL] == pytest.approx(segment[-TAIL:], abs=2)
    assert len(pictures(page)) == 2
    assert "There is no film" in page


@pytest.mark.parametrize("whole", [True, False])
async def test_a_page_made_at_the_end_of_a_render_tells_how_it_ended(
    tmp_path: Path, record: RunRecord, whole: bool
) -> None:
    record = record if whole else broken(record)
    record.state, record.ended_at = "running", None
    ended = as_ended(record, datetime.now(UTC))
    made = await make_review(tmp_path, ended, ffmpeg=find_ffmpeg())
    state = "completed" if whole else "incomplete"
    assert f'class="state {state}"' in made.page.read_text(encoding="utf-8")
    assert record.state == "running"


async def test_a_render_of_which_nothing_is_left_still_has_its_page(
    tmp_path: Path, record: RunRecord
) -> None:
    made, page = await review(tmp_path, record)
    assert made.reel is None
    assert "<video" not in page
    assert "a sailing boat at dawn" in page


async def test_a_damaged_film_is_a_remark_on_the_page(folder: Path, record: RunRecord) -> None:
    film = folder / "film.mp4"
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    made, page = await review(folder, record)
    assert made.remarks
    assert "film.mp4" in made.remarks[0]
    assert 'class="remark"' in page


@pytest.mark.parametrize("taken", ["review.html", "review"])
async def test_a_folder_that_takes_no_page_or_no_reel_is_an_error_with_its_fix(
    folder: Path, record: RunRecord, taken: str
) -> None:
    if taken == "review":
        (folder / taken).write_text("a file where a folder should be", encoding="utf-8")
    else:
        (folder / taken).mkdir()
    with pytest.raises(OperatorError, match=r"cannot write .*; fix the folder"):
        await make_review(folder, record, ffmpeg=find_ffmpeg())


async def test_nothing_but_page_and_reel_is_left_in_the_folder(
    folder: Path, record: RunRecord
) -> None:
    before = names_in(folder)
    await review(folder, record)
    assert names_in(folder) - before == {"review.html", "review"}
    assert names_in(folder / "review") == {"seams.json", "seams.mp4", "seams.vtt"}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
