"""The key as it might stand in whatever a render leaves."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

KEY = "SG_a-key?that&is/told+nowhere"


def spelled() -> dict[str, bytes]:
    """Its spellings, by their names."""
    raw = KEY.encode()
    escaped = "".join(f"\\u{ord(one):04x}" for one in KEY)
    once = base64.b64encode(raw)
    return {
        "plain": raw,
        "half": raw[: len(raw) // 2],
        "JSON escapes": escaped.encode(),
        "JSON escapes in JSON": json.dumps(escaped)[1:-1].encode(),
        "percent": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "base64": once.rstrip(b"="),
        "base64 twice": base64.b64encode(once).rstrip(b"="),
    }


def left(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, by its name."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield file.name, file.read_bytes()


def traces(told: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where the key is found, and how it is spelled there."""
    return [
        f"{where}: {how}"
        for where, content in told
        for how, key in spelled().items()
        if key in content
    ]
