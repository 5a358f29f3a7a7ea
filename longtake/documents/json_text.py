"""JSON by its own rules: YAML would refuse tabs."""

from __future__ import annotations

import json
from typing import Any

from longtake.documents.yaml_text import HugeNumber, Unreadable, nodes_of

_MOST_DIGITS = 25
_MAX_LINED_CHARACTERS = 2**20


def data_of(text: str) -> object:
    """The data of a JSON text, None where it is blank; raises Unreadable."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_int=_int) if text.strip() else None
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def lines_of(text: str) -> object:
    """The nodes of a JSON text, for their lines only; None where they cannot be had."""
    try:
        return nodes_of(text.replace("\t", " ")) if len(text) < _MAX_LINED_CHARACTERS else None
    except Unreadable:
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            raise Unreadable(f"`{key[:80]}` is written twice in the same place: keep one of them")
        data[key] = value
    return data


def _int(digits: str) -> object:
    return int(digits) if len(digits) <= _MOST_DIGITS else HugeNumber(digits)
