"""Where clips, frames, segments and films lie, by their content.

The only room that knows fsspec. Start at ``store.Store``.
"""

from __future__ import annotations

from longtake.store.objects import Listed, ObjectKind
from longtake.store.store import Store

__all__ = ["Listed", "ObjectKind", "Store"]
