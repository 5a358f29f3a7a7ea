"""What makes a take the same take: its seed and its fingerprint."""

from __future__ import annotations

import hashlib
import json

from longtake.story.look import MAX_SEED
from longtake.story.plan import ClipPlan, Cut

_FINGERPRINT_VERSION = 1
"""Raised when the meaning of a fingerprint changes: then no older take is taken for a new one."""


def seed_for(base_seed: int, clip_id: str, take: int = 1) -> int:
    """A clip's own seed, 0 to 2**31 - 1: the same for the same arguments, for ever.

    Each take (1-based) gets another one: the seed names the attempt in the service's history.
    """
    digest = hashlib.sha256(f"{base_seed}\n{clip_id}\n{take}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & MAX_SEED


def take_of(clip: ClipPlan, number: int) -> ClipPlan:
    """The clip as its ``number``-th take (1-based) asks for it: all the same but for the seed."""
    if number == 1:
        return clip
    seed = seed_for(clip.parameters["seed"], "take", number)
    return clip.model_copy(update={"parameters": clip.parameters | {"seed": seed}})


def fingerprint(clip: ClipPlan, *, start_sha256: str | None, end_sha256: str | None) -> str:
    """The identity of a generation, as 64 hex digits: model, parameters and the images' content.

    Where the clip lies in the film and how it is trimmed are no part of it: they change nothing
    that is paid for. ``start_sha256`` and ``end_sha256`` are the SHA-256 of the images' bytes.
    Raises ValueError when a hash is missing for an image the clip has, or given for one it has not.
    """
    for name, wanted, given in (
        ("start", not isinstance(clip.start, Cut), start_sha256),
        ("end", clip.end_image is not None, end_sha256),
    ):
        if wanted != (given is not None):
            trouble = "needs the hash of its" if wanted else "has no"
            raise ValueError(f"clip {clip.id} {trouble} {name} image")
    identity = {
        "version": _FINGERPRINT_VERSION,
        "model": clip.model.value,
        "parameters": clip.parameters,
        "start": start_sha256,
        "end": end_sha256,
    }
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
