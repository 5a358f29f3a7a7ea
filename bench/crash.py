"""A soak: kill renders at random places, run them again, and count what was paid and what is there.

    python bench/crash.py --runs 200 [--minutes M] [--seed S] [--first N] [--flows N]

Each run takes a storyboard of several chains, kills its render up to three times (at a step of the
process, at a call in the service, or after a random time), lets the same render end it, and
compares with one that nobody disturbed. ``--first N --runs 1`` makes run N again. Every ``--flows``
Nth run (20 by default) is the command, as a flow; Prefect is what takes the most time, so that the
others are the walk of a render alone, with the same ledger, store, media and film.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# The renders' processes import this file too, and share the folder.
SCRATCH = Path(os.environ.get("CRASH_SCRATCH") or tempfile.mkdtemp(prefix="longtake-crash-"))
# Before Prefect is imported: its home is made for this soak alone.
os.environ |= {
    "CRASH_SCRATCH": str(SCRATCH),
    "PREFECT_HOME": str(SCRATCH / "prefect"),
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

from tests.end_to_end.crash import Call, Outcome, Renders, Walks, renders_of, start_fork_server
from tests.end_to_end.crash_child import LEDGER_STEPS, STEPS, Moment, Point

STORYBOARDS = {
    "two chains": """\
title: Two chains
look: {seed: 7}
scenes:
  - name: chained
    shots:
      - {prompt: a lighthouse at dusk, seconds: 1}
      - {prompt: the lamp is lit, seconds: 1}
  - name: other
    shots:
      - {prompt: a sailing boat at dawn, seconds: 1}
      - {prompt: it turns into the wind, seconds: 1}
""",
    "one long take": """\
title: One long take
look: {seed: 11, continuity: {colour: "off", deflash: false, gate: "off"}}
scenes:
  - name: long
    shots:
      - {prompt: a meadow in the mist, seconds: 1}
      - {prompt: the sun comes through, seconds: 6.5}
""",
    "three alone": """\
title: Three alone
look: {seed: 13, continuity: {colour: "off", deflash: false, gate: "off"}}
scenes:
  - {name: one, shots: [{prompt: waves at night, seconds: 1}]}
  - {name: two, shots: [{prompt: a harbour in snow, seconds: 1}]}
  - name: three
    shots:
      - {prompt: gulls over a cliff, seconds: 1}
      - {prompt: one gull dives, seconds: 1}
""",
}
PROFILES: Mapping[str, Mapping[str, Any]] = {
    "v2": {},
    "v1": {"endpoint": "v1"},
    "data uri": {"image_transport": "data_uri"},
}
# A call that its sender did not outlive may reach the emulator late on a busy machine: longer than
# this it does not take, and a soak must not blame the ledger for it.
KEEPING = {"lease_seconds": 2, "ambiguous_seconds": 1.5}
KILLED = -signal.SIGKILL

Where = Point | Call | float


FINDING_OUT = ("ambiguous", "reopen", "find attempt")
"""What only a render does that finds a POST whose sender died."""


class Tally(NamedTuple):
    """What one run came to."""

    kills: int
    double_payments: int
    lost_clips: int
    faults: list[str]


def main() -> int:
    """Soak, say one line a run and the sums; 1 unless nothing was paid twice and nothing lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin none after that")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=1, help="number of the first run")
    parser.add_argument("--flows", type=int, default=20, help="every Nth run is a flow's; 0: none")
    options = parser.parse_args()

    with server() if options.flows else nullcontext():
        start_fork_server()
        wholes = {name: undisturbed(name) for name in STORYBOARDS}
        numbers = range(options.first, options.first + options.runs)
        until = time.monotonic() + options.minutes * 60
        in_time = itertools.takewhile(lambda _: time.monotonic() < until, numbers)
        flow = options.flows or math.inf
        tallies = [
            soak(number, options.seed, wholes, Walks if number % flow else Renders)
            for number in in_time
        ]
    doubles = sum(tally.double_payments for tally in tallies)
    lost = sum(tally.lost_clips for tally in tallies)
    faulty = sum(bool(tally.faults) for tally in tallies)
    kills = sum(tally.kills for tally in tallies)
    print(f"{kills} kills; {faulty} runs ended otherwise than an undisturbed one")
    print(f"{len(tallies)} runs, {doubles} double payments, {lost} lost clips", flush=True)
    if doubles or lost or faulty:
        return 1
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return 0


def server() -> AbstractContextManager[None]:
    """One server of Prefect for all flows."""
    from prefect.testing.utilities import prefect_test_harness

    return prefect_test_harness(server_startup_timeout=600)


def undisturbed(storyboard: str) -> Outcome:
    """What a render leaves that nobody kills; its clips are in the emulator's memory after it."""
    folder = Path(tempfile.mkdtemp(prefix="whole-", dir=SCRATCH))
    with renders_of(folder, STORYBOARDS[storyboard], {"keeping": KEEPING}, Walks) as renders:
        assert renders.render() == 0, renders.said()
        outcome = renders.outcome()
    assert outcome.faults(outcome) == []
    assert all(outcome.frames_of(clip_id) for clip_id in outcome.run.clips)
    return outcome


def soak(number: int, seed: int, wholes: Mapping[str, Outcome], kind: type[Renders]) -> Tally:
    """One run: kill, perhaps again, end it, judge, say so."""
    chance = random.Random(f"{seed}/{number}")
    storyboard = chance.choice(list(STORYBOARDS))
    # Most renders go the usual way; the others differ in how they send, not in what must hold.
    profile = chance.choice(["v2", "v2", "v2", "v1", "data uri"])
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"run-{number}-", dir=SCRATCH))
    story: list[str] = []
    changes = {**PROFILES[profile], "keeping": KEEPING}
    with renders_of(folder, STORYBOARDS[storyboard], changes, kind) as renders:
        for before in range(chance.choice([1, 1, 2, 3])):
            at = anywhere(chance, again=before > 0)
            code = renders.render(at)
            told = f"after {at:.2f} s" if isinstance(at, float) else str(at)
            story.append(told if code == KILLED else f"({told}: not reached, exit {code})")
        code = renders.render()
        outcome = renders.outcome()
    faults = outcome.faults(wholes[storyboard])
    kills = sum(not each.startswith("(") for each in story)
    tally = Tally(kills, outcome.double_payments, len(outcome.lost_clips), faults)
    if code:
        faults.append(f"the last render ended with {code}: {renders.said()}")
    said = "; ".join(faults) or "well"
    way = ", then ".join(story)
    seconds = time.monotonic() - began
    way_in = "walk" if kind is Walks else "flow"
    print(
        f"{number:4} {way_in}, {storyboard}, {profile}: {way}: {said} ({seconds:.1f} s)", flush=True
    )
    if faults:
        print(f"     everything is in {folder}", flush=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def anywhere(chance: random.Random, *, again: bool) -> Where:
    """A random place to kill a render at; ``again`` if another was killed before it."""
    nth = chance.choice([1, 1, 2, 3])
    match chance.choices(["ledger", "step", "call", "time"], weights=[5, 3, 3, 1])[0]:
        case "ledger":
            steps = [step for step in LEDGER_STEPS if again or step not in FINDING_OUT]
            step = chance.choice(steps)
            return Point(chance.choice(list(Moment)), step, 1 if step == "base_seed" else nth)
        case "step":
            steps = [step for step in STEPS if step not in {*LEDGER_STEPS, *FINDING_OUT}]
            step = chance.choice([*steps, FINDING_OUT[-1]] if again else steps)
            often = {"run.json": chance.randint(1, 40), "join": 1}.get(step, nth)
            return Point(chance.choice([Moment.BEFORE, Moment.AFTER]), step, often)
        case "call":
            event = chance.choice(["before_accept", "accepted", "before_answer"])
            unseen = event == "before_accept" and chance.random() < 0.5
            return Call(event, nth, unseen)
        case _:
            return chance.uniform(0.3, 4.0)


if __name__ == "__main__":
    sys.exit(main())
