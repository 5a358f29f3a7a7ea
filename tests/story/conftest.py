"""How the property tests of this room run."""

from __future__ import annotations

from hypothesis import settings

# A busy machine makes no property wrong, so no example has a deadline.
settings.register_profile("story", deadline=None, max_examples=60)
settings.load_profile("story")
