"""A storyboard as it is handed in: a file's path, or (from a form) the text itself."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

RENDERS = Path("renders")


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
    """Where a storyboard's render goes: renders/<the file's name>, or where the text lies."""
    return (
        path.parent
        if path.name == "storyboard.yaml" and RENDERS in path.parents
        else (RENDERS / path.stem)
    )


def folder_for_title(title: str) -> Path:
    """A folder for a film that is known by its title only."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "film"
    return RENDERS / f"{slug}-{hashlib.sha256(title.encode()).hexdigest()[:6]}"


def title_of(storyboard: str) -> str:
    """The title as written, for names only; the storyboard itself may yet turn out wrong."""
    match = re.search(r"""["']?title["']?\s*:\s*(.+)""", storyboard)
    return match[1].strip().strip("\"',}") if match else "untitled"


def name_of(storyboard: str) -> str:
    """What a person calls it: the file's name, or the title."""
    return title_of(storyboard) if is_text(storyboard) else Path(storyboard).stem
