"""Which frames a codec made from both of their sides, told without decoding any."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from longtake.errors import DamagedClip
from longtake.media.measure.kept import ClipFile, Decoded, path_of
from longtake.media.probe import first_video


def averaged_frames(clip: ClipFile) -> npt.NDArray[np.bool_]:
    """Of each frame, in the order in which they are shown, whether it is a B-frame.

    Those are frames that come in the file after one that is shown later. Raises DamagedClip when
    the file cannot be read.
    """
    if isinstance(clip, Decoded) and clip.averaged is not None:
        return clip.averaged
    path = path_of(clip)
    try:
        # An open file instead of a name, and one demuxer: a playlist cannot lead elsewhere.
        with path.open("rb") as file, av.open(file, "r", format="mov") as container:
            packets = container.demux(first_video(container.streams.video, path))
            shown = np.array([packet.pts for packet in packets if packet.pts is not None], int)
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} cannot be read: {error}; fetch it again") from error
    averaged = shown < np.maximum.accumulate(shown)
    return np.asarray(averaged[np.argsort(shown, kind="stable")])
