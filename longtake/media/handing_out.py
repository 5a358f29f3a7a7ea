"""Frames that a limited process has decoded, taken from its standard output as they come.

They are what PyAV would decode of the clip's own file, bit for bit, but for its index and times:
the picture of a clip that nobody has checked yet is decoded there, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BufferedReader

import av

Each = Callable[[av.VideoFrame, int], None]
"""Gets one frame after the other, and how many the clip claims to have; 0 where it claims none."""

PIXEL_FORMAT = "yuv420p"
"""What is handed out; clips of other pixels are only counted."""

_BUFFER_BYTES = 1 << 20


class HandedOut:
    """Reads YUV4MPEG to its end (a ``run.Reader``), each frame of the matrix and range named.

    ``is_broken`` where it ended within a frame: the process has failed, or will have.
    """

    def __init__(self, each: Each, claimed: int, colorspace: int, color_range: int) -> None:
        self.is_broken = False
        self._each = each
        self._claimed = claimed
        self._tags = (colorspace, color_range)

    def __call__(self, output: BufferedReader) -> int:
        """How many frames there were."""
        count = 0
        with output:
            for frame in self._frames(output):
                frame.colorspace, frame.color_range = self._tags
                self._each(frame, self._claimed)
                count += 1
        return count

    def _frames(self, output: BufferedReader) -> Iterator[av.VideoFrame]:
        """An error of reading ends them; one of ``each`` does not come by here.

        The rest is read all the same: a process whose output is closed would fail by that.
        """
        if not output.peek(1):
            return
        try:
            with av.open(
                output, "r", format="yuv4mpegpipe", buffer_size=_BUFFER_BYTES
            ) as container:
                yield from container.decode(container.streams.video[0])
        except av.error.FFmpegError:
            self.is_broken = True
            while output.read(_BUFFER_BYTES):
                pass
