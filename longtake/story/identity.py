"""What makes a take the same take: its seed and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from longtake.story.beginnings import Cut
from longtake.story.family import family_of
from longtake.story.look import MAX_SEED
from longtake.story.plan import ClipPlan

_FINGERPRINT_VERSION = 1
"""Raised when the meaning of a fingerprint changes: then no older take is taken for a new one."""


def seed_for(base_seed: int, name: str, number: int = 1) -> int:
    """The ``number``-th seed of what is named, 0 to 2**31 - 1: for the same arguments the same."""
    digest = hashlib.sha256(f"{base_seed}\n{name}\n{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & MAX_SEED


class Seeds:
    """The seeds of a film's clips, by what each clip is and not by where it stands.

    So a shot that is put in, or taken out, leaves all other seeds as they were, and their clips
    need not be made again. Clips that ask for the same are told apart by their order.
    """

    def __init__(self, base_seed: int) -> None:
        self._of_film = base_seed
        self._met: Counter[tuple[int, str]] = Counter()

    def next(self, nearest: int | None, asked: Mapping[str, Any]) -> int:
        """The seed of the next clip that asks for this (JSON values).

        It is drawn from the seed that is said ``nearest`` to it, else from the film's.
        """
        base_seed = self._of_film if nearest is None else nearest
        content = _digest(asked)
        self._met[base_seed, content] += 1
        return seed_for(base_seed, content, self._met[base_seed, content])


def take_of(clip: ClipPlan, number: int) -> ClipPlan:
    """The clip as its ``number``-th take (1-based) asks for it: all the same but for the seed."""
    parameters = _parameters(clip, number)
    return clip if number == 1 else clip.model_copy(update={"parameters": parameters})


def seed_of(clip: ClipPlan, number: int) -> int:
    """The seed of the ``number``-th take."""
    return clip.seed if number == 1 else seed_for(clip.seed, "take", number)


def _parameters(clip: ClipPlan, number: int) -> Mapping[str, Any]:
    if number == 1:
        return clip.parameters
    return clip.parameters | {family_of(clip.model).fields["seed"]: seed_of(clip, number)}


def fingerprint(
    clip: ClipPlan, number: int = 1, *, start_sha256: str | None, end_sha256: str | None
) -> str:
    """The identity of the ``number``-th take: 64 hex digits of model, parameters, images' content.

    Where the clip lies in the film and how it is trimmed are no part of it: they change nothing
    that is paid for. ``start_sha256`` and ``end_sha256`` are the SHA-256 of the images' bytes.
    Raises ValueError when a hash is missing for an image the clip has, or given for one it has not.
    """
    for name, wanted, given in (
        ("start", not isinstance(clip.start, Cut), start_sha256),
        ("end", clip.end is not None, end_sha256),
    ):
        if wanted != (given is not None):
            trouble = "needs the hash of its" if wanted else "has no"
            raise ValueError(f"clip {clip.id} {trouble} {name} image")
    identity = {
        "version": _FINGERPRINT_VERSION,
        "model": clip.model,
        "parameters": _parameters(clip, number),
        "start": start_sha256,
        "end": end_sha256,
    }
    return _digest(identity)


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def _digest(value: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON: no process, machine or order of keys changes it."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()
