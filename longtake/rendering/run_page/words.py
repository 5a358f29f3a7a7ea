"""Figures and texts as the page says them, in Markdown that nothing can break out of."""

from __future__ import annotations

import re
from urllib.parse import quote

_NOTE_LENGTH = 300


def plain(text: str | None) -> str:
    """Any text as one line of a Markdown table, cut to a readable length."""
    line = " ".join((text or "").split())
    if len(line) > _NOTE_LENGTH:
        line = line[: _NOTE_LENGTH - 1].rstrip() + "…"
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", line)


def link(words: str, address: str) -> str:
    """A Markdown link to an address that browsers open; any other place is said as it is.

    Browsers follow no link from a page to a file of the machine, and the newer of Prefect's UIs
    shows none: a path that can be copied is of more use.
    """
    if not address.startswith(("http://", "https://")):
        return address
    return f"[{plain(words)}]({quote(address, safe=':/?&=%#')})"
