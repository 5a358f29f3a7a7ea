"""What the artifacts and events of a storyboard are called, today and in a year."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LENGTH = 40


def slug_of(title: str) -> str:
    """A storyboard's title in ``[a-z0-9-]``, the same for the same title.

    Titles whose letters do not fit get six digits of their hash, so that two of them differ.
    """
    letters = unicodedata.normalize("NFKD", title)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(slug) <= _LENGTH and slug and plain.isascii():
        return slug
    mark = hashlib.sha256(title.encode()).hexdigest()[:6]
    return "-".join(part for part in (slug[:_LENGTH].rstrip("-"), mark) if part)


FILM = "-film"
"""What the key of a film's page ends in."""


def key_of(title: str) -> str:
    """The key of a film's page: ``the-last-keeper-film``; short, since the UI shows it as title."""
    return slug_of(title) + FILM


def clip_resource(title: str, clip_id: str) -> str:
    """The resource that a clip's events are about: ``longtake.clip.the-last-keeper.dusk/1.1``."""
    return f"longtake.clip.{slug_of(title)}.{clip_id}"


def render_resource(title: str) -> str:
    """The resource that a render's events are about: ``longtake.render.the-last-keeper``."""
    return f"longtake.render.{slug_of(title)}"
