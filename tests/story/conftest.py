"""How the property tests of this room run."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("story", settings.get_profile("longtake"), max_examples=60)
settings.load_profile("story")
