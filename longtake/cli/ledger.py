"""``longtake ledger``: what was made, what it cost, whether it is all there, what may go.

No command here sends or renders anything. Where there is no ledger yet, they say so and leave it
at that. Takes are found in ``slates`` and shown in ``tables``; the two long works are ``verifying``
and ``clearing``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag, Json
from longtake.cli.console import print_json, to_person

if TYPE_CHECKING:
    from longtake.ledger import Ledger
    from longtake.profile_parts import Keeping

SUMMARY = "Look into the ledger: what was made, what it cost, what may be deleted."
DAMAGE = 4
"""The exit code where something that was paid for is missing or damaged."""

StateName = Literal[
    "intended",
    "submitted",
    "completed",
    "stored",
    "failed",
    "refused",
    "ambiguous",
    "lost",
    "unusable",
]
Count = Annotated[int, Parameter(validator=Number(gte=1))]
Days = Annotated[int, Parameter(validator=Number(gte=0, lte=36500))]

app = App(name="ledger", help=SUMMARY, help_format="markdown")


@Parameter(name="*")
@dataclass(frozen=True)
class LedgerChoice:
    """Which ledger and store are meant, and whether a person or a script reads."""

    profile: str | None = None
    """Profile whose ledger and store to use: a name in configs/profiles, or a path."""

    ledger: str | None = None
    """Another ledger: a SQLite file's path, or `postgresql://user@host/database`."""

    store: str | None = None
    """Another store: a folder, or a URL such as `s3://bucket/path`."""

    json_: Json = False
    """Print the answer as JSON."""

    def keeping(self) -> Keeping:
        """The profile's places, with those of the command line in their stead."""
        from longtake.settings import load_settings

        named = {"ledger": self.ledger, "store": self.store}
        given = {name: value for name, value in named.items() if value is not None}
        return load_settings(self.profile).keeping.model_copy(update=given)


HERE = LedgerChoice()


def list_(
    *,
    storyboard: str | None = None,
    state: StateName | None = None,
    day: str | None = None,
    limit: Count = 50,
    place: LedgerChoice = HERE,
) -> int:
    """List takes, the last changed first.

    A sum with `~` is an estimate, until the service has reported what it charged.

    Parameters
    ----------
    storyboard
        Only takes of the storyboard with this title.
    state
        Only takes in this state, see docs/ledger.md.
    day
        Only takes whose money counts on this day, `YYYY-MM-DD`, in UTC.
    limit
        How many at most.
    """
    from longtake.cli import slates, tables

    on_day = slates.day_of(day)

    async def work(ledger: Ledger, _: Keeping) -> int:
        found = await slates.find(ledger, storyboard, state, on_day, limit + 1)
        shown, more = found[:limit], len(found) > limit
        if place.json_:
            print_json([slates.as_json(slate) for slate in shown])
        else:
            tables.print_table(shown, more=more)
        return 0

    return _run(place, work, empty=[])


def show(take: str, /, *, place: LedgerChoice = HERE) -> int:
    """Show everything about one take, its earlier requests too, and how to fix what went wrong.

    Parameters
    ----------
    take
        The beginning of its fingerprint (the column `take` of the list) or of its request id.
    """
    from longtake.cli import slates, tables

    async def work(ledger: Ledger, keeping: Keeping) -> int:
        slate = await slates.one(ledger, take)
        requests = await ledger.requests(slate.fingerprint)
        if place.json_:
            past = [slates.as_json(request) for request in requests]
            print_json(slates.as_json(slate) | {"requests": past, "fix": slates.fix(slate)})
        else:
            tables.print_one(slate, requests, keeping.store)
        return 0

    return _run(place, work, empty=None)


def give_up(take: str, /, *, place: LedgerChoice = HERE) -> int:
    """Give up a take of which nobody can tell whether it was accepted: an ambiguous one.

    First run its render again: it looks in the service's request history, which goes back 30 days.
    What is given up counts as paid and lost; `render --retake-lost` looks again, then pays again.

    Parameters
    ----------
    take
        The beginning of its fingerprint (the column `take` of the list).
    """
    from longtake.cli import slates

    async def work(ledger: Ledger, _: Keeping) -> int:
        slate = await slates.give_up(ledger, take)
        if place.json_:
            print_json(slates.as_json(slate) | {"fix": slates.fix(slate)})
        else:
            to_person().print(f"{slate.clip_id}: {slates.fix(slate)}")
        return 0

    return _run(place, work, empty=None)


def costs(
    *, by: Literal["storyboard", "day", "run", "all"] = "storyboard", place: LedgerChoice = HERE
) -> int:
    """Sum up what was paid, what is reserved, what of both was lost, and what was kept for it.

    A second that was kept costs all that was paid, divided by the seconds of one take of each clip.
    First pass: the share of clips whose first take is the one that is kept.

    Parameters
    ----------
    by
        What to sum over; days are UTC.
    """

    async def work(ledger: Ledger, _: Keeping) -> int:
        from longtake.cli import slates, tables

        rows = slates.with_yields(await ledger.costs(by), await ledger.yields(by))
        if place.json_:
            print_json(slates.costs_as_json(by, rows))
        else:
            tables.print_costs(by, rows)
        return 0

    from longtake.cli.slates import NOTHING_SPENT

    return _run(place, work, empty={"by": by, "rows": [], "total": NOTHING_SPENT})


def verify(*, place: LedgerChoice = HERE) -> int:
    """Read everything in the store and compare it with the ledger.

    Exit code 4 if a clip of a stored take is missing or anything that the ledger knows is damaged.
    """
    from longtake.cli import verifying

    async def work(ledger: Ledger, keeping: Keeping) -> int:
        found = await verifying.examine(ledger, keeping.store)
        if place.json_:
            print_json(found.as_json())
        else:
            found.say()
        return DAMAGE if found.broken else 0

    return _run(place, work, empty=verifying.Verified().as_json())


def gc(
    *, older_than: Days = 7, yes: Annotated[bool, Flag] = False, place: LedgerChoice = HERE
) -> int:
    """List what the store no longer needs, and with `--yes` delete it.

    That is: clips and frames that the ledger does not know, segments and films (they are made
    again when they are needed), and what crashed writers left. The clip of a stored take is never
    deleted. Use it with the ledger that the store belongs to.

    Parameters
    ----------
    older_than
        Keep what was stored in the last so many days; what is younger than an hour always stays.
    yes
        Delete it; otherwise it is only listed.
    """
    from longtake.cli import clearing

    before = datetime.now(UTC) - max(timedelta(days=older_than), clearing.GRACE)

    async def work(ledger: Ledger, keeping: Keeping) -> int:
        rubbish = await clearing.find_rubbish(ledger, keeping.store, before=before)
        cleared = await clearing.delete(rubbish, keeping.store) if yes else None
        if place.json_:
            print_json(rubbish.as_json(cleared))
        else:
            rubbish.say(cleared)
        return 0

    return _run(place, work, empty=clearing.Rubbish(before).as_json(None))


def _run(
    place: LedgerChoice, work: Callable[[Ledger, Keeping], Awaitable[int]], *, empty: Any
) -> int:
    """Do the work on the ledger; where there is none, say so (and print what a script expects)."""
    from longtake.ledger.existing import existing_ledger

    keeping = place.keeping()

    async def on_ledger() -> int | None:
        async with existing_ledger(keeping.ledger) as (name, ledger):
            if ledger is not None:
                return await work(ledger, keeping)
            to_person().print(f"no ledger at {name} yet: nothing has been rendered")
            return None

    code = wait_for(on_ledger())
    if code is None and place.json_:
        print_json(empty)
    return code or 0


def rebuild(*, begin: Annotated[bool, Flag] = False, place: LedgerChoice = HERE) -> int:
    """Rebuild a lost ledger from what its store keeps of every clip.

    Takes that the ledger knows stay as they are. What was never stored (jobs in flight, earlier
    takes that failed) is not in the store.

    Parameters
    ----------
    begin
        Begin an empty ledger instead, although its store holds clips: everything is paid for again.
    """
    from longtake.cli import rebuilding

    done = wait_for(rebuilding.rebuild(place.keeping(), begin=begin))
    if place.json_:
        print_json(done)
    return 0


_COMMANDS: dict[str, Callable[..., int]] = {
    "list": list_,
    "show": show,
    "give-up": give_up,
    "costs": costs,
    "verify": verify,
    "gc": gc,
    "rebuild": rebuild,
}
for _name, _command in _COMMANDS.items():
    # Each under its own name: the reference would else name them after the running program.
    app.command(App(name=_name, default_command=_command, version_flags=()))
