"""What a render has done to files: by ffmpeg here; a simulation hands in something smaller."""

from __future__ import annotations

from pathlib import Path

from longtake import media
from longtake.media import ClipFacts, Ffmpeg, FilmShape, Matrix, ReadStretch
from longtake.media.helpers import Helpers
from longtake.media.measure.keeping import Keeper
from longtake.media.measure.kept import ClipFile
from longtake.media.measure.pixels import Picture
from longtake.media.measure.runner import Runner
from longtake.rendering.decodes import Decodes
from longtake.story import Calibration, ClipPlan, ClipReading, PairReading, SeamReading


class MediaWork:
    """The media room with one ffmpeg, as far as it decides what a clip is and what follows from it.

    Each method is the room's function of that name.
    """

    def __init__(self, ffmpeg: Ffmpeg, helpers: Helpers) -> None:
        self.ffmpeg = ffmpeg
        self.decodes = Decodes()
        self.helpers = helpers

    async def inspect_clip(self, clip: Path, keeper: Keeper) -> ClipFacts:
        """Decode every frame, and show them to ``keeper``; DamagedClip where one is missing."""
        return await media.inspect_clip(clip, ffmpeg=self.ffmpeg, each=keeper.add)

    async def fit_still(self, image: Path, into: Path, width: int, height: int) -> Path:
        """A picture in the clip's shape, as PNG."""
        return await media.fit_still(image, into, width, height, ffmpeg=self.ffmpeg)

    async def fit_own(self, clip: Path, into: Path, *, frame_count: int, shape: FilmShape) -> Path:
        """The author's own clip in the film's shape and rate."""
        return await media.fit_own(
            clip, into, ffmpeg=self.ffmpeg, frame_count=frame_count, shape=shape
        )

    async def extract_frame(
        self,
        clip: ClipFile,
        frame_index: int,
        into: Path,
        *,
        width: int,
        height: int,
        untagged_matrix: Matrix,
        calibration: Calibration | None,
    ) -> Path:
        """One frame in the clip's shape, as PNG, its colours corrected."""
        return await media.take_frame(
            clip,
            frame_index,
            into,
            ffmpeg=self.ffmpeg,
            width=width,
            height=height,
            untagged_matrix=untagged_matrix,
            calibration=calibration,
        )

    async def read_clip(
        self, clip: ClipFile, *, untagged_matrix: Matrix, run: Runner
    ) -> ClipReading:
        """How a clip looks at its two ends, and what is broken inside."""
        return await media.read_clip(clip, untagged_matrix=untagged_matrix, run=run)

    async def read_pair(
        self, sent: Picture, clip: ClipFile, *, untagged_matrix: Matrix
    ) -> PairReading:
        """The frame that was handed over against the one that came back."""
        return await media.read_pair(
            sent, clip, untagged_matrix=untagged_matrix, run=self.helpers.run
        )

    async def choose_anchors(
        self, guide: Path, count: int, *, untagged_matrix: Matrix
    ) -> tuple[int, ...]:
        """The frames of a guide that clips are to lie between."""
        return await media.choose_anchors(guide, count, untagged_matrix=untagged_matrix)

    async def read_arrival(self, sent: Path, clip: Path, *, untagged_matrix: Matrix) -> PairReading:
        """The picture that the clip was to end on against its last frame."""
        return await media.read_arrival(
            sent, clip, untagged_matrix=untagged_matrix, run=self.helpers.run
        )

    async def read_seam(
        self,
        sides: tuple[ReadStretch, ReadStretch],
        clips: tuple[ClipPlan, ClipPlan],
        pair: PairReading | None,
        *,
        untagged_matrix: Matrix,
        repeat: Path | None,
        run: Runner,
    ) -> SeamReading:
        """The seam of two neighbours, of which the right one goes on from the left one."""
        left, right = clips
        return await media.read_seam(
            *sides,
            left=left.id,
            right=right.id,
            frame_index=right.first_frame_index,
            pair=pair,
            untagged_matrix=untagged_matrix,
            repeat=repeat,
            run=run,
        )
