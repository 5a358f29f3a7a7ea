"""The film that was there before: pieces of it that are to be in the new one are not encoded."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import anyio.to_thread

from longtake.errors import MediaError
from longtake.media import Segment
from longtake.media.cutting import cut_out
from longtake.media.proving import read_proof
from longtake.record.proof import ProvenSegment


class PreviousFilm:
    """A film with a proof, by which its pieces are known; a file that is no such thing has none.

    ``taken`` counts the pieces that were cut out of it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.taken = 0
        self._pieces: dict[str, ProvenSegment] | None = None

    async def cut(self, recipe: str, into: Path, *, frame_count: int, fps: int) -> Segment | None:
        """The piece of that recipe as a segment; None where there is none as it was made."""
        try:
            piece = (await self._known()).get(recipe)
            if piece is None or piece.frame_count != frame_count:
                return None
            copy = partial(
                cut_out,
                self.path,
                into,
                first_frame_index=piece.first_frame_index,
                digests=piece.frames,
                fps=fps,
            )
            segment = await anyio.to_thread.run_sync(copy)
        except (MediaError, OSError):
            return None
        self.taken += 1
        return segment

    async def _known(self) -> dict[str, ProvenSegment]:
        if self._pieces is None:
            if await anyio.Path(self.path).is_file():
                proof, _, _ = await anyio.to_thread.run_sync(read_proof, self.path)
                self._pieces = {piece.recipe: piece for piece in proof.segments if piece.recipe}
            else:
                self._pieces = {}
        return self._pieces
