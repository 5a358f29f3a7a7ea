"""A storyboard as it is handed in, a file's path or the text itself; and where its render goes."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from longtake.documents import data_in
from longtake.record import read_run

RENDERS = Path("renders")
STARTER = "storyboard"
"""A file of this name is known by the folder that it lies in."""


def is_text(storyboard: str | Path) -> bool:
    """Whether this is a storyboard and not the path of one."""
    return "\n" in str(storyboard).strip() or str(storyboard).lstrip().startswith("{")


def as_file(storyboard: str | Path) -> Path:
    """A path as it is; a text is written down as ``renders/TITLE-HASH/storyboard.yaml``.

    The hash is of the title, so that a storyboard which was edited stays where it was.
    """
    if not is_text(storyboard):
        return Path(storyboard)
    path = folder_for_title(title_of(str(storyboard))) / "storyboard.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(storyboard), encoding="utf-8")
    return path


def folder_for(path: Path) -> Path:
    """Where a storyboard's render goes: ``renders/`` and its name, or where the text lies.

    If that is another storyboard's already, six digits of this one's path are added to the name.
    """
    if path.stem == STARTER and RENDERS in path.parents:
        return path.parent
    folder = RENDERS / name_of(path)
    if not _is_anothers(folder, path.resolve()):
        return folder
    mark = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:6]
    return folder.with_name(f"{folder.name}-{mark}")


def _is_anothers(folder: Path, storyboard: Path) -> bool:
    """Whether a film of another storyboard lies there; one that is gone may have been moved."""
    run = read_run(folder / "run.json")
    if run is None or Path(run.storyboard) == storyboard:
        return False
    return Path(run.storyboard).is_file()


def folder_for_title(title: str) -> Path:
    """A folder for a film that is known by its title only."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "film"
    return RENDERS / f"{slug}-{hashlib.sha256(title.encode()).hexdigest()[:6]}"


def title_of(storyboard: str) -> str:
    """The title of a storyboard's text; the storyboard itself may yet turn out wrong."""
    content = data_in(storyboard)
    title = content.get("title") if isinstance(content, dict) else None
    return title.strip() if isinstance(title, str) and title.strip() else "untitled"


def name_of(storyboard: str | Path) -> str:
    """What a person calls it: the file's name, that of its folder, or a text's title."""
    if is_text(storyboard):
        return title_of(str(storyboard))
    path = Path(storyboard)
    return path.resolve().parent.name or path.stem if path.stem == STARTER else path.stem
