"""``longtake anchors``: the pictures that a tree's clips lie between, looked at and decided on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from longtake.cli.authoring import Flag, Json, Note
from longtake.cli.console import print_json, to_person
from longtake.cli.review import read_record
from longtake.errors import SettingsError
from longtake.figures import counted

if TYPE_CHECKING:
    from longtake.rendering.anchor_desk import AnchorDesk


def anchors(
    run: Path,
    guide: str | None = None,
    /,
    *,
    approve: Annotated[bool, Flag] = False,
    replace: Annotated[tuple[str, ...], Flag] = (),
    retake: Annotated[bool, Flag] = False,
    note: Note = "",
    profile: str | None = None,
    json_: Json = False,
) -> int:
    """Show the anchors of a tree on one contact sheet; approve them, or replace some by pictures.

    A decision applies to exactly the anchors that are shown: if the guide was made again since, or
    a picture was replaced, `render --approve anchors` asks again. A render that waits for an
    answer goes on by itself; otherwise the next `longtake render` does what was decided.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    guide
        The guide's id, such as `arrival/1.guide`; needed only where there are several.
    approve
        Let the clips be made between these anchors.
    replace
        `3=mine.png`: use a picture of your own in place of anchor 3; `3=` takes it back.
        Only the two clips that meet there are made again. May be given several times.
    retake
        Reject the guide: it is made again with another seed.
    note
        Why; kept with the decision in the ledger.
    profile
        Profile that the render used: a name in configs/profiles, or a path.
    json_
        Print the anchors and what was decided as JSON.
    """
    import asyncio

    from longtake.rendering.anchor_desk import anchor_desks
    from longtake.rendering.deciding import deciding
    from longtake.settings import load_settings

    if approve + bool(replace) + retake > 1:
        raise SettingsError("decide one thing at a time: --approve, --replace or --retake")
    folder, record = read_record(run)

    async def work() -> int:
        async with deciding(folder, record, load_settings(profile)) as desk:
            found = _wanted(await anchor_desks(desk, folder), guide)
            if not (approve or replace or retake):
                await _show(found, as_json=json_)
                return 0
            if len(found) > 1:
                names = ", ".join(each.guide.clip.id for each in found)
                raise SettingsError(f"there are several guides: name one of {names}")
            said = await _decide(found[0], approve=approve, replace=replace, note=note)
        name = found[0].guide.clip.id
        if json_:
            print(json.dumps({"guide": name, "decided": said}, ensure_ascii=False))
        else:
            to_person().print(f"{name}: {said}")
        return 0

    return asyncio.run(work())


async def _decide(one: AnchorDesk, *, approve: bool, replace: tuple[str, ...], note: str) -> str:
    from longtake.rendering.anchors import wanted_stills

    if approve:
        await one.approve(note)
        return "its anchors are approved"
    if replace:
        stills = wanted_stills(replace, one.shown.pictures)
        await one.replace(stills)
        return f"replaced: {', '.join(map(str, stills))}; look at them before they are approved"
    await one.reject(note)
    return "rejected: the next render takes it again"


def _wanted(found: list[AnchorDesk], guide: str | None) -> list[AnchorDesk]:
    from longtake.story.explain import did_you_mean

    names = [each.guide.clip.id for each in found]
    if not names:
        raise SettingsError("no guide of this render is there; `path: tree` makes one")
    if guide is not None and guide not in names:
        raise SettingsError(f"no guide {guide!r} here; {did_you_mean(guide, names)}")
    return [each for each in found if guide in (None, each.guide.clip.id)]


async def _show(found: list[AnchorDesk], *, as_json: bool) -> None:
    from longtake.rendering.anchors import caption

    console, guides = to_person(), []
    for each in found:
        pictures = {
            str(number): caption(number, one) for number, one in each.shown.pictures.items()
        }
        sheet = str(await each.sheet())
        guides.append(_as_data(each, sheet, pictures))
        if not as_json:
            state = "approved" if each.approved else "not approved"
            name, count = each.guide.clip.id, counted(len(pictures), "anchor")
            console.print(f"{name}: {count}, {state}: {sheet}")
            for line in pictures.values():
                console.print(f"  {line}")
    if as_json:
        print_json({"guides": guides})


def _as_data(one: AnchorDesk, sheet: str, pictures: dict[str, str]) -> dict[str, Any]:
    about = {"guide": one.guide.clip.id, "about": one.shown.about, "approved": one.approved}
    return about | {"sheet": sheet, "anchors": pictures}
