"""What is asked of a render, whichever way it comes: of a storyboard, of a scene, of own clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class RenderTerms:
    """On which terms anything is rendered.

    ``run_name`` and ``run_id`` are what it is called on record; money is counted by the id. An
    ``emulated`` render is ``pace`` times faster than the service.
    """

    profile: str | None = None
    budget_usd: float | None = None
    retake_lost: bool = False
    emulated: bool = False
    pace: float = 60
    run_name: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class RenderRequest(RenderTerms):
    """What is asked of a render, in an author's words.

    ``storyboard`` is a file's path or the text itself, ``out`` the folder for all that the render
    leaves. ``only`` these shots, and what they need; ``plan_file`` is a plan that was kept and is
    held to; ``max_usd``: what it may cost.
    """

    storyboard: str
    out: Path | None = None
    captions: bool = False
    only: tuple[str, ...] = ()
    plan_file: Path | None = None
    max_usd: float | None = None


@dataclass(frozen=True)
class SceneRequest(RenderTerms):
    """What is asked of a render of one chain of another render's plan.

    Plan and ``stills`` (path in the folder → hash) lie in the store; money is counted as
    ``parent_run``'s.
    """

    plan_sha256: str
    stills: Mapping[str, str]
    folder: Path
    parent_run: str


@dataclass(frozen=True)
class OwnFilmRequest(RenderTerms):
    """What is asked of a film of own clips.

    ``title`` is its name in the ledger, which keeps its seed; ``out`` the folder for all that it
    leaves.
    """

    title: str
    out: Path | None = None
