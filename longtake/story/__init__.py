"""The storyboard and what follows from it: pure, without files, clock or chance.

``Storyboard`` (authored) -> ``build_plan`` -> ``Plan`` (chains of clips, seams, frames, USD).
"""

from __future__ import annotations

from longtake.story.anchoring import (
    BEGINS_FROM,
    Anchoring,
    DriftForecast,
    anchored_plan,
    anchoring_of,
    drift_finding,
    drift_forecast,
    stretches,
)
from longtake.story.attached import NOTHING, Attached, ShownWords
from longtake.story.beginnings import Anchor, Cut, End, Handover, Own, Picture, Pinned, Start, Still
from longtake.story.continuity import (
    Continuity,
    ContinuityOverrides,
    DriftMode,
    GateMode,
    HandoverMode,
    TakesPlan,
    UpTo,
)
from longtake.story.drifting import chain_drift
from longtake.story.experience import Estimate, PastClip, estimate, learned, price
from longtake.story.explain import explain
from longtake.story.family import (
    Family,
    Lengths,
    VideoModel,
    declare,
    declared,
    family_of,
    shipped,
)
from longtake.story.identity import fingerprint, seed_for, take_of
from longtake.story.judging import (
    TakeScore,
    judge_arrival,
    judge_clip,
    judge_seam,
    score_take,
    worst_first,
)
from longtake.story.look import Look, LoraPair, Loras, Overrides
from longtake.story.named_files import is_remote
from longtake.story.paths import planted_plan
from longtake.story.pinning import Pin, Pins, follower_of, pinned_plan
from longtake.story.plan import (
    ChainPlan,
    ClipPlan,
    FromText,
    GuidePlan,
    Plan,
    SeamPlan,
    SegmentPlan,
    ShotPlan,
    Source,
)
from longtake.story.planner import build_plan
from longtake.story.rates import Rates, billed_usd
from longtake.story.readings import (
    Calibration,
    ClipReading,
    Drift,
    Finding,
    Flash,
    PairReading,
    SeamReading,
    Spell,
    Treatment,
)
from longtake.story.splicing import Cuts, respliced, respliced_plan
from longtake.story.storyboard import Dissolve, Scene, Shot, Storyboard
from longtake.story.track_plans import CaptionsPlan, ShownTitle, SoundCue, SoundPlan
from longtake.story.wan import WAN_FAST

__all__ = [
    "BEGINS_FROM",
    "NOTHING",
    "WAN_FAST",
    "Anchor",
    "Anchoring",
    "Attached",
    "Calibration",
    "CaptionsPlan",
    "ChainPlan",
    "ClipPlan",
    "ClipReading",
    "Continuity",
    "ContinuityOverrides",
    "Cut",
    "Cuts",
    "Dissolve",
    "Drift",
    "DriftForecast",
    "DriftMode",
    "End",
    "Estimate",
    "Family",
    "Finding",
    "Flash",
    "FromText",
    "GateMode",
    "GuidePlan",
    "Handover",
    "HandoverMode",
    "Lengths",
    "Look",
    "LoraPair",
    "Loras",
    "Overrides",
    "Own",
    "PairReading",
    "PastClip",
    "Picture",
    "Pin",
    "Pinned",
    "Pins",
    "Plan",
    "Rates",
    "Scene",
    "SeamPlan",
    "SeamReading",
    "SegmentPlan",
    "Shot",
    "ShotPlan",
    "ShownTitle",
    "ShownWords",
    "SoundCue",
    "SoundPlan",
    "Source",
    "Spell",
    "Start",
    "Still",
    "Storyboard",
    "TakeScore",
    "TakesPlan",
    "Treatment",
    "UpTo",
    "VideoModel",
    "anchored_plan",
    "anchoring_of",
    "billed_usd",
    "build_plan",
    "chain_drift",
    "declare",
    "declared",
    "drift_finding",
    "drift_forecast",
    "estimate",
    "explain",
    "family_of",
    "fingerprint",
    "follower_of",
    "is_remote",
    "judge_arrival",
    "judge_clip",
    "judge_seam",
    "learned",
    "pinned_plan",
    "planted_plan",
    "price",
    "respliced",
    "respliced_plan",
    "score_take",
    "seed_for",
    "shipped",
    "stretches",
    "take_of",
    "worst_first",
]
