"""A person looks at a tree's anchors before the clips between them are paid for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from prefect.input import RunInput
from pydantic import Field, create_model

from longtake.errors import MediaError, RenderStopped, SettingsError, StaleDecision
from longtake.ledger import Verdict
from longtake.record import Question
from longtake.rendering.anchors import (
    ShownAnchors,
    approve_anchors,
    are_approved,
    caption,
    draw_sheet,
    replace_anchors,
    shown_anchors,
    wanted_stills,
)
from longtake.rendering.render import Render
from longtake.segmind import data_uri
from longtake.story import GuidePlan
from tasks.people.asking import Questions, as_asked
from tasks.people.form import Approval, form_for


class AnchorApproval(Approval):
    """The form's fields where the pictures themselves may be replaced."""

    replace: list[str] = Field(
        [],
        description="Own pictures in the places of anchors: 3=mine.png (a path next to the "
        "storyboard, or an address); 3= takes it back. You are asked again, with them.",
    )


async def anchors_approved(render: Render, questions: Questions, guide: GuidePlan) -> bool:
    """Whether the clips may be made between these anchors, which are there.

    False after an answer that makes others of them: look again, and be asked about those. Raises
    RenderStopped for the answer stop.
    """
    shown = shown_anchors(render.film, guide)
    if not shown.pictures or await are_approved(render.ledger, shown):
        return True
    sheet = await draw_sheet(render.folder, guide, shown, render.settings.font)
    answer = await questions.ask(
        _form(shown).with_initial_data(description=await _description(render, guide, shown, sheet)),
        shown.about,
        f"the anchors of {guide.clip.id} are there, and are to be approved.",
        question=_question(render, guide, shown, sheet),
        elsewhere=lambda: _answered(render, guide, shown),
    )
    await questions.settled(shown.about)
    return await _done(render, guide, shown, answer)


def _form(shown: ShownAnchors) -> type[AnchorApproval]:
    """As of any take, so that whatever answers those answers this: the guide's, and its frames."""
    retake: Any = form_for([shown.guide.clip_id]).model_fields["retake"]
    return create_model("Anchors", __base__=AnchorApproval, retake=(retake.annotation, retake))


async def _done(render: Render, guide: GuidePlan, shown: ShownAnchors, answer: RunInput) -> bool:
    """What the answer asks for, done; whether it lets the clips be made."""
    if not isinstance(answer, AnchorApproval):
        raise TypeError(f"{answer!r} answers no question about anchors")
    note, name = answer.note.strip(), guide.clip.id
    if answer.decision == "stop":
        why = f": {note}" if note else ""
        raise RenderStopped(f"{name}: a person stopped the render{why}")
    try:
        if answer.decision == "retake":
            await render.ledger.decide_shown([shown.guide], {name: Verdict.REJECTED}, note)
            return False
        if stills := wanted_stills(answer.replace, shown.pictures):
            await replace_anchors(render, guide, render.film.takes[name], stills)
            return False
        if not await _are_still_these(render, guide, shown):
            render.report.remark(guide.clip, "asked again: the anchors are others by now")
            return False
        await approve_anchors(render.ledger, shown.guide, shown.about, note)
    except StaleDecision as stale:
        render.report.remark(guide.clip, f"asked again: {stale.changed[name]}")
        return False
    except (MediaError, SettingsError) as error:
        render.report.remark(guide.clip, f"asked again: {error}")
        return False
    return True


async def _answered(render: Render, guide: GuidePlan, shown: ShownAnchors) -> AnchorApproval | None:
    """What was decided by another way than the form: the ledger has it."""
    name = shown.guide.fingerprint
    decided = (await render.ledger.decisions([name])).get(name)
    note = decided.note if decided else ""
    if decided is not None and decided.verdict is Verdict.REJECTED:
        return AnchorApproval(decision="retake", note=note)
    if await are_approved(render.ledger, shown) or not await _are_still_these(render, guide, shown):
        return AnchorApproval(decision="approve", note=note)
    return None


async def _are_still_these(render: Render, guide: GuidePlan, shown: ShownAnchors) -> bool:
    """Whether the anchors are those that were shown; they are planted as they are now."""
    await render.film.plant(guide, render.film.takes[guide.clip.id])
    return shown_anchors(render.film, guide).about == shown.about


def _question(render: Render, guide: GuidePlan, shown: ShownAnchors, sheet: Path) -> Question:
    return Question(
        about=shown.about,
        unit=guide.clip.id,
        takes=as_asked([shown.guide]),
        sheet=render.folder.relative(sheet),
        anchors={number: caption(number, one) for number, one in shown.pictures.items()},
    )


async def _description(render: Render, guide: GuidePlan, shown: ShownAnchors, sheet: Path) -> str:
    """Markdown: what is to be paid between which pictures, and those on one sheet."""
    clips = [
        clip for chain in render.plan.chains if chain.guide == guide.clip.id for clip in chain.clips
    ]
    usd = sum(clip.usd_at_least for clip in clips)
    picture = data_uri(await asyncio.to_thread(sheet.read_bytes), "image/jpeg")
    remark = render.report.record.guides[guide.clip.id].remark
    said = f"{len(clips)} clips are made between them, for about {usd:.2f} USD"
    parts = [
        f"**{render.plan.title}: the anchors of {guide.clip.id}** are there. {said}.",
        remark or "",
        f"![anchors]({picture})",
        ", ".join(caption(number, one) for number, one in shown.pictures.items()),
    ]
    return "\n\n".join(part for part in parts if part)
