"""The storyboard and what follows from it: pure, without files, clock or chance.

``Storyboard`` (authored) -> ``build_plan`` -> ``Plan`` (chains of clips, seams, frames, USD).
"""

from __future__ import annotations

from longtake.story.continuity import (
    Continuity,
    ContinuityOverrides,
    DriftMode,
    GateMode,
    HandoverMode,
    TakesPlan,
    UpTo,
)
from longtake.story.explain import explain
from longtake.story.identity import fingerprint, seed_for, take_of
from longtake.story.look import Look, LoraPair, Loras, Overrides
from longtake.story.model import Model, pixel_size
from longtake.story.plan import (
    ChainPlan,
    ClipPlan,
    Cut,
    Handover,
    Plan,
    SeamPlan,
    ShotPlan,
    Still,
)
from longtake.story.planner import build_plan
from longtake.story.rates import Rates
from longtake.story.readings import (
    Calibration,
    ClipReading,
    Drift,
    Finding,
    PairReading,
    SeamReading,
    Spell,
)
from longtake.story.storyboard import Scene, Shot, Storyboard, is_remote

__all__ = [
    "Calibration",
    "ChainPlan",
    "ClipPlan",
    "ClipReading",
    "Continuity",
    "ContinuityOverrides",
    "Cut",
    "Drift",
    "DriftMode",
    "Finding",
    "GateMode",
    "Handover",
    "HandoverMode",
    "Look",
    "LoraPair",
    "Loras",
    "Model",
    "Overrides",
    "PairReading",
    "Plan",
    "Rates",
    "Scene",
    "SeamPlan",
    "SeamReading",
    "Shot",
    "ShotPlan",
    "Spell",
    "Still",
    "Storyboard",
    "TakesPlan",
    "UpTo",
    "build_plan",
    "explain",
    "fingerprint",
    "is_remote",
    "pixel_size",
    "seed_for",
    "take_of",
]
