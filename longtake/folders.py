"""Where a user's lasting files lie when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """The user's folder for what must last: ``$XDG_DATA_HOME/longtake``."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "longtake"


def default_ledger() -> Path:
    """The ledger where none is named."""
    return data_folder() / "ledger.sqlite"


def default_store() -> Path:
    """The store where none is named."""
    return data_folder() / "store"
