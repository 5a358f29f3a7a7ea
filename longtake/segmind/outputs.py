"""Where an answer says that a file lies: the address in any form that ``output`` is known to take.

Pure. Whether the address may be fetched at all is asked in ``guarded_hosts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from longtake.plain_text import printable
from longtake.segmind.answers import DEEPEST, LONGEST_ADDRESS_CHARACTERS, parsed

_WEB = re.compile(r"(https?:)?//[^/\s]", re.IGNORECASE)
_VIDEO = re.compile(r"\.(mp4|m4v|mov|webm|mkv)([?#]|$)", re.IGNORECASE)

# In the order of trust: a thumbnail's address may stand in an object next to the clip's.
_KEYS = ("video", "videos", "url", "urls", "output", "outputs", "video_url", "file", "files", "mp4")


def find_url(output: Any) -> str | None:
    """Return the clip's http(s) address; None where there is none that can be one.

    A string (with blanks around it, ``//host/…``, or JSON in the string), ``{"url": …}``,
    ``{"video": {"url": …}}``, ``{"videos": […]}``, or a list of any of them. Of several the first
    that ends like a video, else the first.
    """
    found = list(_addresses(output, DEEPEST))
    return next((url for url in found if _VIDEO.search(url)), found[0] if found else None)


def _addresses(output: Any, levels: int) -> Iterator[str]:
    if levels == 0:
        return
    if isinstance(output, str):
        text = output.strip()
        if text[:1] in ("{", "[", '"'):
            yield from _addresses(parsed(text), levels // 2)
        elif (url := _address(text)) is not None:
            yield url
    elif isinstance(output, list):
        for each in output[:100]:
            yield from _addresses(each, levels - 1)
    elif isinstance(output, dict):
        for key in _KEYS:
            yield from _addresses(output.get(key), levels - 1)


def _address(text: str) -> str | None:
    if len(text) > LONGEST_ADDRESS_CHARACTERS or not _WEB.match(text):
        return None
    if printable(text) != text or any(each in text for each in "\n\t"):
        return None
    return f"https:{text}" if text.startswith("//") else text
