from __future__ import annotations

from pathlib import Path

import av
import pytest

from longtake.errors import DamagedClip
from longtake.media.measure.averaged import averaged_frames
from tests.media.conftest import Draw


def test_frames_that_are_made_from_both_sides_are_told_as_the_decoder_tells_them(
    draw: Draw,
) -> None:
    clip = draw()
    with av.open(str(clip)) as container:
        kinds = [int(frame.pict_type) for frame in container.decode(video=0)]
    bidirectional = int(av.video.frame.PictureType.B)
    assert averaged_frames(clip).tolist() == [kind == bidirectional for kind in kinds]
    assert averaged_frames(clip).any()
    assert not averaged_frames(draw("plain.mp4", bf="0")).any()


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no clip")
    with pytest.raises(DamagedClip, match="fetch it again"):
        averaged_frames(tmp_path / "clip.mp4")
