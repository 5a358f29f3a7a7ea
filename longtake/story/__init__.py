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
from longtake.story.beginnings import Anchor, Cut, GivenPicture, Handover, Own, Pinned, Start, Still
from longtake.story.drifting import chain_drift
from longtake.story.experience import Estimate, PastClip, estimate, learned, price
from longtake.story.explain import explain
from longtake.story.family import Family, Lengths, VideoModel, declare, declared, family_of, shipped
from longtake.story.identity import fingerprint, seed_of, take_of
from longtake.story.judging import judge_arrival, judge_clip, judge_seam, score_take, worst_first
from longtake.story.named_files import is_remote
from longtake.story.paths import planted_plan
from longtake.story.pinning import Pin, follower_of, pinned_plan
from longtake.story.plan import ChainPlan, ClipPlan, GuidePlan, Plan, SegmentPlan, ShotPlan, Source
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
    Treatment,
)
from longtake.story.storyboard import Storyboard
from longtake.story.track_plans import CaptionsPlan, ShownTitle, SoundCue

__all__ = [
    "BEGINS_FROM",
    "NOTHING",
    "Anchor",
    "Anchoring",
    "Attached",
    "Calibration",
    "CaptionsPlan",
    "ChainPlan",
    "ClipPlan",
    "ClipReading",
    "Cut",
    "Drift",
    "DriftForecast",
    "Estimate",
    "Family",
    "Finding",
    "Flash",
    "GivenPicture",
    "GuidePlan",
    "Handover",
    "Lengths",
    "Own",
    "PairReading",
    "PastClip",
    "Pin",
    "Pinned",
    "Plan",
    "Rates",
    "SeamReading",
    "SegmentPlan",
    "ShotPlan",
    "ShownTitle",
    "ShownWords",
    "SoundCue",
    "Source",
    "Start",
    "Still",
    "Storyboard",
    "Treatment",
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
    "score_take",
    "seed_of",
    "shipped",
    "stretches",
    "take_of",
    "worst_first",
]
