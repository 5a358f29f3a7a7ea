"""A plan that is kept in a file, and held to: the render does that, or says what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from longtake.errors import OperatorError, SettingsError, StalePlan
from longtake.figures import counted
from longtake.files import read_regular
from longtake.record.run import MAX_RECORD_BYTES
from longtake.rendering.plan_document import PlanBasis, PlanDocument
from longtake.story import ClipPlan, Plan
from longtake.story.decisions import PAID, ClipDecision

Told = Iterator[tuple[str, str]]
"""What has changed, by its name, and how."""


def keep_plan(document: PlanDocument, path: Path) -> None:
    """Write the plan down; OperatorError where that cannot be."""
    try:
        path.write_text(document.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"cannot write {path}: {error.strerror}; name another file") from error


def read_plan(path: Path) -> PlanDocument:
    """The plan that was kept; SettingsError for a file that is none."""
    try:
        return PlanDocument.model_validate_json(read_regular(path, MAX_RECORD_BYTES))
    except OSError as error:
        raise SettingsError(f"cannot read the plan {path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{path} is no plan of this longtake ({place}: {first['msg']}); "
            f"make one: longtake plan STORYBOARD --out {path.name}"
        ) from None


def refuse_stale(
    kept: PlanDocument, plan: Plan, basis: PlanBasis, decisions: Mapping[str, ClipDecision]
) -> None:
    """Raise StalePlan if a render would do anything else by now than the plan says.

    A plan that has been carried out in part is not stale: what it was to pay for is there then.
    """
    changed = dict(_changed_basis(kept, plan, basis)) or dict(_changed_clips(kept, plan, decisions))
    if changed:
        said = "; ".join(f"{name}: {how}" for name, how in changed.items())
        raise StalePlan(
            f"the plan does not hold any more: {said}. Nothing was sent; "
            "plan again with `longtake plan --out` and look at it",
            changed,
        )


def _changed_basis(kept: PlanDocument, plan: Plan, basis: PlanBasis) -> Told:
    was = kept.basis
    if kept.storyboard_sha256 != plan.storyboard_sha256:
        yield "storyboard", "edited since the plan was made"
    for name in sorted(was.files.keys() | basis.files.keys()):
        if was.files.get(name) != basis.files.get(name):
            yield f"file {name}", "is gone" if basis.files.get(name) == "" else "has other content"
    for name in sorted(was.settings.keys() | basis.settings.keys()):
        before, now = was.settings.get(name), basis.settings.get(name)
        if before != now:
            yield f"setting {name}", f"{before} → {now}"
    if was.only != basis.only:
        yield "only", f"{', '.join(was.only) or 'all'} → {', '.join(basis.only) or 'all'}"
    if kept.base_seed != plan.base_seed:
        yield "seed", f"{kept.base_seed} → {plan.base_seed}"
    if kept.captions != plan.captions:
        yield "captions", "are others"
    if kept.titles != plan.titles:
        yield "titles", "are others"


def _changed_clips(kept: PlanDocument, plan: Plan, now: Mapping[str, ClipDecision]) -> Told:
    if [clip.id for clip in kept.made] != [clip.id for clip in plan.made]:
        yield "clips", "this longtake plans others"
        return
    for before, clip in zip(kept.made, plan.made, strict=True):
        if _asked(before) != _asked(clip):
            yield clip.id, "this longtake asks for something else"
        elif how := _otherwise(kept.decisions[clip.id], now[clip.id]):
            yield clip.id, how


def _asked(clip: ClipPlan) -> tuple[object, ...]:
    """What is paid for, and what of it is in the film."""
    kept = clip.skip_frames, clip.kept_frame_count
    return clip.model, clip.parameters, clip.start, clip.end, clip.takes, kept


def _otherwise(planned: ClipDecision, now: ClipDecision) -> str:
    """How a clip would be treated otherwise than planned; "" if it would not.

    What was to be rendered may be there by now, or under way: the plan began to be carried out.
    """
    if now.action == "decide" and planned.action != "decide":
        return now.says
    if planned.action in PAID:
        more = now.takes_at_most - planned.takes_at_most
        return f"{counted(more, 'more take')} would be paid for: {now.says}" if more > 0 else ""
    if now.action in PAID:
        return f"would be paid for: {now.says}"
    if now.fingerprint != planned.fingerprint:
        return f"take {now.take} would be in the film, and not take {planned.take}: {now.says}"
    if planned.sha256 and now.sha256 != planned.sha256:
        return f"take {now.take} was made again since"
    return ""
