"""Documents against the tree: links and paths exist, the vocabulary's words are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = "longtake|tasks|flows|tests|bench|configs|deployments|docs"
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "deployments")
    for path in (ROOT / folder).glob("*.md")
)


@cache
def anchors(path: Path) -> set[str]:
    """What a link can name in a document: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def dead(document: Path) -> Iterator[str]:
    """Links of a document that lead nowhere, and paths in it that do not exist."""
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s:]+)\)", text):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        checked = anchor and target.suffix == ".md"
        if not target.exists() or (checked and anchor not in anchors(target)):
            yield link
    for path in re.findall(rf"`((?:{ROOMS})/[\w./-]+)`", text):
        if not (ROOT / path).exists():
            yield path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_at_is_there(document: Path) -> None:
    assert list(dead(document)) == []


def test_every_word_of_the_vocabulary_is_used_and_explained_once() -> None:
    table = (ROOT / "docs/vocabulary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| ", table, re.MULTILINE)
    cells = [row.partition(", as in")[0] for row in rows if row not in ("word", "in a name")]
    words = [word.strip("` ").lower() for cell in cells for word in cell.split(",")]
    assert len(words) == len(set(words))
    used = [path for room in ("longtake", "tasks") for path in (ROOT / room).rglob("*.py")]
    used += [path for path in DOCUMENTS if path.name != "vocabulary.md"]
    text = " ".join(path.read_text(encoding="utf-8") for path in used).lower()
    assert [word for word in words if word not in text] == []
