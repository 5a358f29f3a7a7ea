"""Better sentences: the author's own, with what gave a hazard away said in another way."""

from __future__ import annotations

import re

from longtake.story.lint.words import COMPARED

_LEFT_OUT = re.compile(
    r"again|once more|one more time|(?:as|like) before|still"
    r"|(?:as|like) in the (?:last|previous|first) \w+",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"(?:out of|off|from) ", re.IGNORECASE)
_GOES_OFF = re.compile(r"(\w+) (?:away|off)", re.IGNORECASE)
_UNFINISHED = re.compile(
    r"(?:[ ,]+(?:and|is|are|gets|slowly|quickly|suddenly|until|it|they|he|she))+ *$", re.IGNORECASE
)
_STAYS = "in the picture until the end"


def as_seen_now(text: str, found: str) -> str:
    """The sentence without what points at clips before it; empty where none is known.

    `He still runs` is `He runs`, `The sky gets darker` is `The sky gets dark`.
    """
    if _LEFT_OUT.fullmatch(found):
        return _tidy(text.replace(found, "", 1))
    compared = COMPARED.get(found.lower().split()[-1])
    return _tidy(text.replace(found, compared, 1)) if compared else ""


def in_the_picture(text: str, found: str) -> str:
    """The sentence with its subject in the picture until the end."""
    before = text[: text.index(found)].rstrip()
    subject = _UNFINISHED.sub("", before)
    if _OUT_OF.match(found):
        moves = subject == before
        return f"{subject} towards the edge, {_STAYS}" if moves else f"{subject}, {_STAYS}"
    if goes := _GOES_OFF.fullmatch(found):
        return f"{before} {goes[1]} towards the edge, {_STAYS}"
    follows = before.endswith(",") or re.search(r" and\b", before[len(subject) :])
    return f"{subject.rstrip(',')}{' and' if follows else ''} stays {_STAYS}"


def _tidy(text: str) -> str:
    said = re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,;")
    return said[:1].upper() + said[1:]
