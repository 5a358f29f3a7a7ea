"""Plans of storyboards that are written in a line."""

from __future__ import annotations

from typing import Any

from longtake.story import (
    Plan,
    Storyboard,
    build_plan,
)


def plan(
    *shots: Any,
    look: dict[str, Any] | None = None,
    scene_look: dict[str, Any] | None = None,
    base_seed: int = 5,
) -> Plan:
    """The plan of a storyboard with one scene, called One."""
    scene = {"name": "One", "look": scene_look, "shots": list(shots)}
    data = {"title": "T", "look": look, "scenes": [scene]}
    return build_plan(Storyboard.model_validate(data), base_seed=base_seed)
