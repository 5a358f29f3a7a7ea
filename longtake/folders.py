"""Where lasting files lie when nobody says otherwise: a user's, and those of emulated renders."""

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


def emulated_ledger(folder: Path, *, captions: bool = False) -> str:
    """The ledger of emulated renders into ``folder``; clips with captions have one of their own."""
    return str(_emulated(folder, captions) / "ledger.sqlite")


def emulated_store(folder: Path, *, captions: bool = False) -> str:
    """Their store, apart from everything that real money was paid for."""
    return str(_emulated(folder, captions) / "store")


def _emulated(folder: Path, captions: bool) -> Path:
    return folder / ("emulated/captions" if captions else "emulated")
