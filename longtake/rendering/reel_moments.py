"""Which moments of a render its seam reel has, and from which files they are cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from longtake.errors import MediaError
from longtake.media import Matrix
from longtake.media.probe import read_header
from longtake.media.reel import ReelPart, Stretch
from longtake.media.shape import FilmShape, half_second, tail_frame_count
from longtake.record import ClipRecord, RunRecord
from longtake.review import BeforeOrAfter, seams_of
from longtake.story import SeamReading
from longtake.story.judging import seam_name


@dataclass(frozen=True)
class Around:
    """The moment around the seam of two clips, to be cut out.

    ``frames_before`` of its frames are before it.
    """

    name: str
    left: str
    right: str
    treatment: BeforeOrAfter
    frames_before: int
    part: ReelPart


async def shape_of(folder: Path, record: RunRecord, untagged_matrix: Matrix) -> FilmShape | None:
    """The film's shape; without a film, that of the first segment there is; None without any."""
    if film := record.film:
        return FilmShape(film.width, film.height, film.fps, untagged_matrix)
    for clip in record.clips.values():
        if segment := _segment(folder, clip):
            try:
                facts = await read_header(segment)
            except MediaError:
                continue
            return FilmShape(facts.width, facts.height, round(facts.fps), untagged_matrix)
    return None


async def moments_of(
    folder: Path, record: RunRecord, fps: int, absent: frozenset[str]
) -> list[Around]:
    """The moments around every seam, in film order; ``absent`` names files that are not there."""
    around = [await moments_of_seam(folder, record, seam, fps, absent) for seam in seams_of(record)]
    return [moment for each in around for moment in each]


async def moments_of_seam(
    folder: Path, record: RunRecord, seam: SeamReading, fps: int, absent: frozenset[str]
) -> list[Around]:
    """A seam's moments: half a second on either side, at least, or as much as the clips have.

    They are cut from the film, or from segments while there is none. Before correction, the clip
    after the seam is as the service made it. Nothing comes of a seam where a clip is missing.
    """
    left, right = record.clips[seam.left], record.clips[seam.right]
    # Both clips are in the film while one dissolves into the other: all of that is shown.
    both = max(0, left.first_frame_index + left.kept_frame_count - right.first_frame_index)
    before = max(1, min(tail_frame_count(fps), left.kept_frame_count - both))
    after = both + max(1, min(half_second(fps), right.kept_frame_count - both))
    if record.film and record.film.file not in absent:
        film = folder / record.film.file
        first = seam.frame_index - before
        tail = Stretch(film, first, before)
        shown: tuple[Stretch, ...] = (
            Stretch(film, first, before + after, pictures=(before - 1, before + both)),
        )
    else:
        tail_file, head_file = _segment(folder, left), _segment(folder, right)
        if tail_file is None or head_file is None or seam.kind == "dissolve":
            return []
        try:
            last = (await read_header(tail_file)).frame_count
        except MediaError:
            return []  # a damaged segment; the next render makes it again
        tail = Stretch(tail_file, last - before, before, pictures=(before - 1,))
        shown = (tail, Stretch(head_file, 0, after, pictures=(0,)))
    name = seam_name(left.id, right.id)
    undone = any(each and each.applied for each in (right.calibration, right.flash))
    corrected = seam.kind == "continuous" and undone
    moments = []
    if corrected and right.file and right.file not in absent:
        head = Stretch(folder / right.file, right.skip_frames, after, as_it_came=True)
        part = ReelPart(f"{name} · before correction", (replace(tail, pictures=()), head))
        moments.append(Around(name, left.id, right.id, "before", before, part))
    caption = f"{name} · corrected" if corrected else name
    part = ReelPart(caption, shown)
    return [*moments, Around(name, left.id, right.id, "after", before, part)]


def _segment(folder: Path, clip: ClipRecord) -> Path | None:
    """A clip's segment; what lies there of a clip that is missing is another render's."""
    name = clip.id.replace("/", "-")
    file = folder / "segments" / f"{name}.mp4"
    return file if clip.stage.ended_well and file.is_file() else None
