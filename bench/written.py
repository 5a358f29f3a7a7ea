"""Where benches write what they measured: tables in documents, and the figures that pages tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RATES = Path(__file__).resolve().parent.parent / "longtake/record/error_rates.json"
"""What the limits find and what they take for a fault: next to each verdict on the pages."""

REAL = "bench/real.py"
"""Its figures, of clips that models made, stay until it writes others."""


def renew(document: Path | None, text: str, name: str) -> None:
    """Put the text between the document's marks of that name; None: nowhere."""
    if document is None:
        return
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = document.read_text("utf-8").partition(begin)
    if not found or end not in rest:
        raise SystemExit(f"{document} has no marks '{begin}' and '{end}'")
    document.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", "utf-8")


def text_of(document: Path | None, name: str) -> list[str]:
    """The lines between the document's marks of that name."""
    if document is None:
        return []
    rest = document.read_text("utf-8").partition(f"<!-- {name}: begin -->")[2]
    return rest.partition(f"<!-- {name}: end -->")[0].splitlines()


def write_rates(verdicts: Mapping[str, Mapping[str, Any]], measured: str) -> None:
    """Put verdicts in the place of those that were there, with the command that measured them.

    What clips of models told of a rule is not replaced by what photographs tell of it.
    """
    known: dict[str, Any] = json.loads(RATES.read_text("utf-8"))
    for rule, rates in verdicts.items():
        before = (known.get(rule) or {}).get("measured", "")
        if measured.startswith(REAL) or not before.startswith(REAL):
            known[rule] = {"measured": measured, **rates}
    RATES.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
