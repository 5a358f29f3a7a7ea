"""Pictures at an address that are served from a local file: documentation addresses, offline."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from longtake.files import read_regular

MAX_STILL_BYTES = 64 * 2**20
"""A larger picture is not served."""


def mapped(body: Mapping[str, Any], stills: Mapping[str, Path]) -> dict[str, Any]:
    """``body`` as the maker gets it: a file's content for each address that is in ``stills``.

    A file that cannot be read leaves the address as it is; the job then fails as for any other.
    """
    found = {
        name: _data_url(stills[value])
        for name, value in body.items()
        if isinstance(value, str) and value in stills
    }
    return dict(body) | {name: url for name, url in found.items() if url is not None}


def _data_url(path: Path) -> str | None:
    try:
        content = read_regular(path, MAX_STILL_BYTES)
    except OSError:
        return None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
