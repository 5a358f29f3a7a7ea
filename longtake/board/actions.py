"""What a person does on a film's page: each is what the command line and Prefect's form do, too.

An action comes with what the person saw: the takes, file by file, and the price. If a take was made
again meanwhile, or the price has risen, nothing is done and the person is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from longtake.board.film_facts import healable
from longtake.board.launching import heal_words, launch, render_words
from longtake.board.place import BoardPlace
from longtake.errors import Outdated, SettingsError
from longtake.figures import counted, price
from longtake.ledger import ShownTake, Verdict
from longtake.record import ClipRecord, RunRecord
from longtake.rendering.deciding import Decisions
from longtake.rendering.presence import is_at_work

Text = Annotated[str, Field(max_length=4000)]


class TakeShown(BaseModel):
    """A take as the page showed it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clip: Text
    number: int
    fingerprint: Text
    sha256: Text = ""

    @property
    def as_shown(self) -> ShownTake:
        """As the ledger is asked about it."""
        return ShownTake(self.clip, self.fingerprint, self.sha256)


class BoardAction(BaseModel):
    """What is to be done. ``usd_at_most``: the price that the person has agreed to, if any.

    A choice and a heal are of one take; a render is of none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: Literal["choose", "lock", "unlock", "reject", "retake", "approve", "render", "heal"]
    takes: Annotated[list[TakeShown], Field(max_length=1000)] = []
    about: Text = ""
    note: Text = ""
    usd_at_most: float | None = Field(None, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _of_as_many_takes(self) -> Self:
        wanted = {"choose": 1, "heal": 1, "render": 0}.get(self.do, max(1, len(self.takes)))
        if len(self.takes) != wanted:
            raise ValueError(f"{self.do} is of {wanted} takes, not of {len(self.takes)}")
        return self


class Price(BaseModel):
    """What an action costs, said before it is done."""

    usd: float
    usd_at_most: float
    clips: list[str]
    says: str
    emulated: bool


async def price_of(action: BoardAction, desk: Decisions) -> Price:
    """What the action makes the next render pay, above what it would pay anyway.

    For `render`, and for what begins a render, it is all that the render pays.
    """
    if action.do == "heal":
        clip = _clip(desk.record, action.takes[0].clip)  # of one take, and nothing that follows it
        return _price(clip.expected_usd, clip.expected_usd, [clip.id], desk.record)
    after = await desk.foresee(await _supposed(action, desk))
    if after is None:
        raise SettingsError(
            f"{desk.record.storyboard} is not where it was: render it again by its new name"
        )
    usd, most, made = after.usd, after.usd_at_most, after.made
    if action.about or action.do in {"choose", "reject", "unlock"}:
        before = await desk.foresee() or after
        usd, most = max(0.0, usd - before.usd), max(0.0, most - before.usd_at_most)
        made = [name for name in made if name not in before.made] or (made if usd else [])
    return _price(usd, most, made, desk.record)


async def do(action: BoardAction, desk: Decisions, place: BoardPlace, folder: Path) -> str:
    """Do it and return what was done, in words; raises Outdated where things have changed."""
    shown = [take.as_shown for take in action.takes]
    match action.do:
        case "choose":
            (take,) = action.takes
            verdicts: Mapping[str, Verdict | None] = {take.clip: Verdict.CHOSEN}
            await desk.ledger.decide_shown(shown, verdicts, action.note)
            return f"{take.clip}: take {take.number} is chosen"
        case "lock":
            _in_the_film(action.takes, desk.record)
            done = await desk.lock([_clip(desk.record, take.clip) for take in action.takes])
            return "; ".join(f"{name}: {each.what}" for name, each in done.items())
        case "unlock":
            for take in action.takes:
                await desk.unlock(_clip(desk.record, take.clip))
            return "the readings decide again"
        case "approve":
            _same_question(action, desk.record)
            await desk.approve(shown, action.note)
            return await _answered(action, desk.record, place, folder, again=())
        case "reject":
            if action.about:
                _same_question(action, desk.record)
                await _agreed(action, desk)
            await desk.reject(shown, action.note)
            if action.about:
                again = [take.clip for take in action.takes]
                return await _answered(action, desk.record, place, folder, again=again)
            return "rejected: " + ", ".join(
                f"{take.clip} take {take.number}" for take in action.takes
            )
        case "retake" | "render" | "heal":
            return await _begin(action, desk, place, folder)


async def _answered(
    action: BoardAction, record: RunRecord, place: BoardPlace, folder: Path, *, again: Sequence[str]
) -> str:
    """A process that waits finds the answer in the ledger; a run without one is woken."""
    if is_at_work(folder):
        return "decided: the render goes on"
    if place.wake is None or not record.flow_run_id:
        return "decided: render again to go on"
    await place.wake(record.flow_run_id, again, action.note)
    return "decided: the run begins again"


async def _begin(action: BoardAction, desk: Decisions, place: BoardPlace, folder: Path) -> str:
    if is_at_work(folder):
        raise Outdated("a render is at work here: wait for it, or answer what it asks", {})
    agreed = await _agreed(action, desk)
    if action.do == "heal":
        (take,) = action.takes
        _in_the_film(action.takes, desk.record)
        if take.clip not in healable(desk.record):
            raise SettingsError(f"{take.clip} has no neighbour on either side: retake it")
        words = heal_words(folder, take.clip, budget_usd=agreed.usd_at_most)
        await launch(place, folder, words)
        return f"{take.clip} is made again between its neighbours"
    if action.takes:
        await desk.reject([take.as_shown for take in action.takes], action.note)
    record = desk.record
    words = render_words(
        record.storyboard, folder, emulated=record.emulated, max_usd=agreed.usd_at_most
    )
    await launch(place, folder, words)
    return "the render has been started"


async def _agreed(action: BoardAction, desk: Decisions) -> Price:
    """The price now, if it is no more than the person has agreed to."""
    now = await price_of(action, desk)
    if action.usd_at_most is None or now.usd_at_most > action.usd_at_most + 1e-6:
        raise Outdated(f"the price is another one by now: {now.says}", {"price": now.says})
    return now


def _in_the_film(takes: Sequence[TakeShown], record: RunRecord) -> None:
    """Raise Outdated where the film has another take by now than the one that was shown."""
    for take in takes:
        clip = _clip(record, take.clip)
        if (clip.fingerprint, clip.sha256 or "") != (take.fingerprint, take.sha256):
            says = f"{clip.id}: the film has take {clip.take} by now; look again, then decide again"
            raise Outdated(says, {clip.id: "is another take"})


def _same_question(action: BoardAction, record: RunRecord) -> None:
    if record.question is None or record.question.about != action.about:
        raise Outdated("other takes are asked about by now: look again", {"question": "is another"})


async def _supposed(action: BoardAction, desk: Decisions) -> dict[str, Verdict | None]:
    """The verdicts that the action would write down."""
    names = [take.fingerprint for take in action.takes]
    supposed: dict[str, Verdict | None] = {}
    if action.do in {"choose", "unlock"}:
        for take in action.takes:
            chosen = await desk.chosen(await desk.takes(_clip(desk.record, take.clip)))
            supposed |= {chosen.fingerprint: None} if chosen else {}
    match action.do:
        case "reject" | "retake":
            return dict.fromkeys(names, Verdict.REJECTED)
        case "choose":
            return supposed | dict.fromkeys(names, Verdict.CHOSEN)
        case "approve":
            return dict.fromkeys(names, Verdict.APPROVED)
    return supposed


def _price(usd: float, most: float, made: list[str], record: RunRecord) -> Price:
    return Price(
        usd=round(usd, 6),
        usd_at_most=round(most, 6),
        clips=made,
        says=_in_words(usd, most, made, emulated=record.emulated),
        emulated=record.emulated,
    )


def _clip(record: RunRecord, name: str) -> ClipRecord:
    if name not in record.clips:
        raise SettingsError(f"no clip {name!r} here")
    return record.clips[name]


def _in_words(usd: float, most: float, made: Sequence[str], *, emulated: bool) -> str:
    if not made or most <= 0:
        return "nothing is to be paid"
    named = ", ".join(made[:6]) + (f" and {len(made) - 6} more" if len(made) > 6 else "")
    says = f"{price(usd, most)} for {counted(len(made), 'clip')}: {named}"
    return says + (" (emulated: nothing is paid)" if emulated else "")
