"""The proof of a film that is being made: the run's record and the segments' digests, put together.

What decides nothing about the film (when it was made, for how long) is left out: the same takes,
joined in the same way, are the same bytes.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from longtake.files import read_regular, whole_file
from longtake.media import Ffmpeg, FilmFacts
from longtake.media.boxes import proof_in, seal
from longtake.media.proving import proof_path
from longtake.record import RunRecord
from longtake.record.proof import (
    MADE_BY_AI,
    FilmProof,
    ProvenTake,
    Versions,
    prove_segments,
)
from longtake.story import Plan

MAX_STORYBOARD_BYTES = 1 << 20
"""A longer storyboard (one with pictures as data URLs) is not put into the film."""


def sealing(
    record: RunRecord, plan: Plan, *, ffmpeg: Ffmpeg, recipes: Sequence[str], storyboard: str | None
) -> Callable[[FilmFacts], bytes]:
    """What ``assemble`` puts behind the film: the proof, and that it was made by AI.

    ``plan`` is the film as it was joined, ``recipes`` has a name for each of its segments.
    """

    def made(facts: FilmFacts) -> bytes:
        proof = _proof(record, plan, facts, ffmpeg, recipes, storyboard)
        tool = f"longtake {proof.versions.longtake}"
        return seal(proof.as_bytes(), title=plan.title, tool=tool)

    return made


def comment(plan: Plan) -> str:
    """What the film says to a person who looks at it with any player."""
    return f"Made with AI ({MADE_BY_AI}); longtake storyboard sha256 {plan.storyboard_sha256}"


def storyboard_text(path: Path, sha256: str) -> str | None:
    """The storyboard as it was written; None where it is too long, gone, or not the same by now."""
    try:
        content = read_regular(path, MAX_STORYBOARD_BYTES)
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != sha256:
        return None
    return content.decode("utf-8-sig", "replace")


def write_proof(film: Path) -> Path | None:
    """Put the proof that a film carries next to it; the file, or None for a film without one."""
    content = proof_in(film)
    if content is None:
        return None
    with whole_file(proof_path(film)) as part:
        part.write_bytes(content)
    return proof_path(film)


def _proof(
    record: RunRecord,
    plan: Plan,
    facts: FilmFacts,
    ffmpeg: Ffmpeg,
    recipes: Sequence[str],
    storyboard: str | None,
) -> FilmProof:
    sets = frozenset[str]().union(*(one.parameter_sets for one in facts.packets))
    digests = [one.digests for one in facts.packets]
    return FilmProof(
        title=plan.title,
        fps=plan.fps,
        width=facts.width,
        height=facts.height,
        frame_count=facts.frame_count,
        emulated=record.emulated,
        base_seed=plan.base_seed,
        storyboard_sha256=plan.storyboard_sha256,
        storyboard=storyboard,
        versions=Versions(
            longtake=version("longtake"),
            ffmpeg=ffmpeg.version,
            av=version("av"),
            python=platform.python_version(),
        ),
        titles=plan.titles,
        takes=tuple(ProvenTake.of(clip) for clip in record.clips.values()),
        segments=prove_segments(plan.segments, digests, dict(enumerate(recipes))),
        tracks=facts.tracks,
        parameter_sets=tuple(sorted(sets)),
    )
