"""Where the files of a render lie."""

from __future__ import annotations

from pathlib import Path

from longtake.rendering.takes import StoredTake, Take
from longtake.story import ClipPlan


class RenderFolder:
    """A render's folder: ``root`` holds all that it leaves.

    ``pictures`` is the folder from which the storyboard names its pictures.
    """

    def __init__(self, root: Path, pictures: Path) -> None:
        self.root = root
        self.pictures = pictures

    @property
    def film(self) -> Path:
        """The film."""
        return self.root / "film.mp4"

    @property
    def sound(self) -> Path:
        """The folder in which the film's sound lies by itself."""
        return self.root / "sound"

    def relative(self, path: Path) -> str:
        """The path as ``run.json`` says it: from the render's folder on, where it lies there."""
        inside = path.is_relative_to(self.root)
        return (path.relative_to(self.root) if inside else path).as_posix()

    def clip(self, take: Take | StoredTake) -> Path:
        """The take's checked clip: ``clips/arrival-2.1.mp4``, or ``….take-2.mp4``."""
        ending = ".mp4" if take.number == 1 else f".take-{take.number}.mp4"
        return self._path("clips", take.clip, ending)

    def unchecked(self, take: Take) -> Path:
        """The take's clip until it is checked: by its fingerprint, so never another's."""
        return self._path("clips", take.clip, f".{take.fingerprint[:12]}.unchecked.mp4")

    def image(self, clip: ClipPlan, end: str) -> Path:
        """The picture that the clip starts from or ends on: ``frames/arrival-2.1-start.png``."""
        return self._path("frames", clip, f"-{end}.png")

    def still(self, name: str) -> Path:
        """A still behind an address, as it was fetched: ``frames/still-NAME.original``."""
        folder = self.root / "frames"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"still-{name}.original"

    def segment(self, clip: ClipPlan, *, dissolve: bool = False) -> Path:
        """A piece of the film before it is joined, by its first clip."""
        return self._path("segments", clip, ".dissolve.mp4" if dissolve else ".mp4")

    def _path(self, kind: str, clip: ClipPlan, ending: str) -> Path:
        folder = self.root / kind
        if not folder.is_dir():  # asked for at every step, and made once
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{clip.id.replace('/', '-')}{ending}"
