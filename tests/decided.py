"""A film of two clips whose first has two takes, for tests of what a person decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from longtake.cli import run
from longtake.documents import load_plan
from longtake.ledger import Ledger, TakeIntent, Verdict
from longtake.record import RunRecord, Stage
from longtake.rendering.known_film import image_recipe
from longtake.rendering.takes import Images, take_name
from longtake.story import ClipPlan, Plan, take_of

STORYBOARD = """\
title: Chosen
look: {seed: 7}
scenes: [{name: one, shots: [a lighthouse at dusk, {prompt: the lamp is lit}]}]
"""


FIRST, SECOND = "one/1.1", "one/2.1"


OWNER = "tester"


T = TypeVar("T")


def content(name: str) -> str:
    """A hash that stands for a file's content."""
    return name.encode().hex().ljust(64, "0")


@dataclass
class DecidedFilm:
    """A render's folder with its record, and a ledger that knows two takes of its first clip."""

    folder: Path
    plan: Plan
    record: RunRecord

    def tell(self, story: Callable[[Ledger], Awaitable[T]]) -> T:
        async def tell() -> T:
            async with Ledger.open(self.folder / "ledger.sqlite") as ledger:
                return await story(ledger)

        return asyncio.run(tell())

    def call(self, command: str, *words: str) -> int:
        """Run a command on this render."""
        profile = str(self.folder / "profile.json")
        return run([command, str(self.folder), *words, "--profile", profile])

    def verdicts(self) -> dict[int, Verdict]:
        """The verdicts on the takes of the first clip, by number."""
        names = {self.name(FIRST, number): number for number in (1, 2)}
        found = self.tell(lambda ledger: ledger.verdicts(list(names)))
        return {names[name]: verdict for name, verdict in found.items()}

    def name(self, clip_id: str, number: int, start: str | None = None) -> str:
        return take_name(self.plan.clip(clip_id), number, Images(start))

    def make(self, clip: ClipPlan, number: int, start: str | None = None) -> None:
        """A take that is stored."""
        attempt = take_of(clip, number)
        take = TakeIntent(
            fingerprint=take_name(clip, number, Images(start)),
            storyboard=self.plan.title,
            clip_id=clip.id,
            number=number,
            model=clip.model,
            seed=attempt.parameters["seed"],
            parameters=attempt.parameters,
            estimated_usd=clip.usd,
            start_sha256=start,
        )
        sha256 = content(f"{clip.id} {number}")

        async def make(ledger: Ledger) -> None:
            await ledger.intend(take, owner=OWNER, run="r1", lease_seconds=60)
            await ledger.sending(take.fingerprint, OWNER)
            await ledger.submitted(take.fingerprint, OWNER, f"request-{sha256[:20]}")
            await ledger.completed(take.fingerprint, OWNER, "https://images.example/a.mp4", 0.09)
            await ledger.stored(take.fingerprint, OWNER, sha256, 4000, 81, 832, 480)

        self.tell(make)


def decided_film(folder: Path) -> DecidedFilm:
    """Two takes of the first clip, the first of them in the film; the second clip goes on there."""
    path = folder / "storyboard.yaml"
    path.write_text(STORYBOARD, encoding="utf-8")
    keeping = {"keeping": {"ledger": str(folder / "ledger.sqlite")}}
    (folder / "profile.json").write_text(json.dumps(keeping), encoding="utf-8")
    _, plan = load_plan(path)
    record = RunRecord.of(plan, storyboard=str(path), folder=str(folder))
    made = DecidedFilm(folder, plan, record)
    first, second = plan.clips
    made.make(first, 1)
    made.make(first, 2)
    frame = content("frame")
    recipe = image_recipe(second, "bt601", None)
    made.tell(lambda ledger: ledger.remember_frame(content(f"{FIRST} 1"), 80, recipe, frame))
    made.make(second, 1, frame)
    record.note(FIRST, fingerprint=made.name(FIRST, 1), stage=Stage.STORED)
    record.note(SECOND, fingerprint=made.name(SECOND, 1, frame), stage=Stage.STORED)
    record.write(folder / "run.json")
    return made
