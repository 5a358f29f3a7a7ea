"""The smallest real media: a clip is a few bytes that say what they are, and prove that they are
whole."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from longtake.emulator import Dials
from longtake.errors import DamagedClip
from longtake.files import whole_file
from longtake.media import ClipFacts, Ffmpeg, FilmShape, Matrix, ReadStretch
from longtake.media.helpers import Helpers
from longtake.media.measure.keeping import Keeper
from longtake.media.measure.runner import Runner
from longtake.rendering.media_work import MediaWork
from longtake.story import Calibration, ClipPlan, ClipReading, PairReading, SeamReading

HEAD = b"\0\0\0\x18ftypsimu"
NO_FFMPEG = Ffmpeg("/nowhere/ffmpeg", "simulated", "system", frozenset())


def made_clip(model: str, body: dict[str, Any], dials: Dials) -> bytes:
    """What the service makes of a request: the request itself, sealed."""
    asked: dict[str, Any] = {"model": model, "body": {key: body[key] for key in sorted(body)}}
    if dials.ignores_last_image:
        asked["elsewhere"] = True
    content = HEAD + json.dumps(asked, sort_keys=True).encode()
    return content + hashlib.sha256(content).digest()


class TinyMedia(MediaWork):
    """Reads and makes such clips; ``short_share`` of them fall short of the gate, by their seed."""

    def __init__(
        self, short_share: float = 0.0, fetched: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(NO_FFMPEG, Helpers(0))
        self._short_share = short_share
        self._fetched = fetched

    async def inspect_clip(self, clip: Path, keeper: Keeper) -> ClipFacts:
        """Whether every byte is there; before that is known, ``fetched`` hears of it."""
        content = _content(clip)
        self._fetched()
        await asyncio.sleep(0)
        frames = int(_asked(clip.name, content)["body"].get("num_frames", 81))
        return ClipFacts(832, 480, frames, 16.0, "h264", len(content))

    async def fit_still(self, image: Path, into: Path, width: int, height: int) -> Path:
        """A few bytes that depend on the picture."""
        return _picture(into, "still", _sha256(image))

    async def fit_own(
        self,
        clip: Path,
        into: Path,
        *,
        frame_count: int,
        shape: FilmShape,
    ) -> Path:
        """A clip that says whose it is."""
        asked = {"file": _sha256(clip), "num_frames": frame_count}
        return _written(into, made_clip("own", asked, Dials()))

    async def extract_frame(
        self,
        clip: Path,
        frame_index: int,
        into: Path,
        *,
        width: int,
        height: int,
        untagged_matrix: Matrix,
        calibration: Calibration | None,
    ) -> Path:
        """A few bytes that depend on the clip: nothing is ever to be corrected."""
        said(clip)
        return _picture(into, str(frame_index), _sha256(clip))

    async def read_clip(self, clip: Path, *, untagged_matrix: Matrix, run: Runner) -> ClipReading:
        """Sound, or with a cut in its middle."""
        lot = int(_sha256(clip)[:2], 16) / 256
        pair = (100.0, 100.0)
        return ClipReading(
            luma=pair,
            contrast=pair,
            saturation=pair,
            sharpness=pair,
            motion=(1.0, 1.0),
            cuts=(40,) if lot < self._short_share else (),
        )

    async def read_pair(self, sent: Path, clip: Path, *, untagged_matrix: Matrix) -> PairReading:
        """The frame came back as it was."""
        return PairReading(psnr_db=50, ssim=1, colour_step=0, softness=1, repeats=True)

    async def choose_anchors(
        self, guide: Path, count: int, *, untagged_matrix: Matrix
    ) -> tuple[int, ...]:
        """Frames in a row."""
        return tuple(range(count))

    async def read_arrival(self, sent: Path, clip: Path, *, untagged_matrix: Matrix) -> PairReading:
        """The clip ends on the picture, unless the service overlooked it."""
        if "elsewhere" in _asked(clip.name, _content(clip)):
            return PairReading(psnr_db=9, ssim=0.2, colour_step=30, softness=1, repeats=False)
        return PairReading(psnr_db=50, ssim=1, colour_step=0, softness=1, repeats=True)

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
        """A seam that is not seen."""
        left, right = clips
        return SeamReading(
            left=left.id, right=right.id, kind="continuous", frame_index=right.first_frame_index
        )


def said(clip: Path) -> dict[str, Any]:
    """What was asked for, as the clip has it; raises DamagedClip where a byte is missing."""
    return _asked(clip.name, _content(clip))


def _asked(name: str, content: bytes) -> dict[str, Any]:
    whole, seal = content[:-32], content[-32:]
    if not whole.startswith(HEAD) or hashlib.sha256(whole).digest() != seal:
        raise DamagedClip(f"{name} is damaged")
    found: dict[str, Any] = json.loads(whole[len(HEAD) :])
    return found


def _written(into: Path, content: bytes) -> Path:
    with whole_file(into) as part:  # as ffmpeg's files are written
        part.write_bytes(content)
    return into


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise DamagedClip(f"{file} cannot be read: {error}") from error


def _sha256(file: Path) -> str:
    return hashlib.sha256(_content(file)).hexdigest()


def _picture(into: Path, *parts: str) -> Path:
    return _written(into, b"\x89PNG" + hashlib.sha256(" ".join(parts).encode()).digest())
