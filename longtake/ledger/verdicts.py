"""What people decided about takes; the rest of the ledger tells what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select

from longtake.errors import StaleDecision
from longtake.ledger import rows, schema
from longtake.ledger.database import Transaction
from longtake.ledger.records import Decision, ShownTake, Slate
from longtake.ledger.states import TakeState, Verdict

__all__ = ["Verdict", "decide", "decide_shown", "decisions", "verdicts"]

_verdicts = schema.verdicts
_of_some = select(_verdicts).where(_verdicts.c.fingerprint.in_(bindparam("some", expanding=True)))


async def decide(
    tx: Transaction, fingerprint: str, verdict: Verdict | None, note: str = ""
) -> None:
    """Write down what a person decided about a take; None takes the decision back."""
    same = _verdicts.c.fingerprint == fingerprint
    await tx.connection.execute(delete(_verdicts).where(same))
    if verdict is not None:
        row = {"fingerprint": fingerprint, "verdict": verdict.value, "note": note}
        await tx.connection.execute(insert(_verdicts).values(decided_at=tx.now, **row))


async def decide_shown(
    tx: Transaction,
    shown: Sequence[ShownTake],
    decisions: Mapping[str, Verdict | None],
    note: str = "",
) -> None:
    """Write down what a person decided, having been shown those takes: all of it or nothing.

    ``decisions`` are by clip id; what is shown and not named is a part of the question. CHOSEN
    takes back the choice of another take of the clip. Raises StaleDecision where a take that
    was shown is not there any more, has another file by now, or cannot be approved since
    another one was chosen (or it was rejected) meanwhile. Ask again then: nothing was written.
    """
    changed = {}
    for take in shown:
        why = await _changed(tx, take, decisions.get(take.clip_id))
        if why is not None:
            changed[take.clip_id] = why
    if changed:
        raise StaleDecision(changed)
    for take in shown:
        if take.clip_id not in decisions:
            continue
        verdict = decisions[take.clip_id]
        if verdict is Verdict.CHOSEN:
            for rival in await _chosen_rivals(tx, take.fingerprint):
                await decide(tx, rival.fingerprint, None, "")
        await decide(tx, take.fingerprint, verdict, note)


async def _changed(tx: Transaction, take: ShownTake, verdict: Verdict | None) -> str | None:
    """How the take has changed since it was shown; None where it has not."""
    slate = await rows.find(tx, take.fingerprint)
    if slate is None or slate.state is not TakeState.STORED:
        return f"the take that was shown is {slate.state if slate else 'not in the ledger'} now"
    if slate.clip_sha256 != take.sha256:
        return f"take {slate.take_number} was made again since it was shown"
    if verdict is Verdict.APPROVED:
        known = await verdicts(tx, [take.fingerprint])
        if known.get(take.fingerprint) is Verdict.REJECTED:
            return f"take {slate.take_number} was rejected since it was shown"
        for rival in await _chosen_rivals(tx, take.fingerprint):
            return f"take {rival.take_number} was chosen since take {slate.take_number} was shown"
    return None


async def _chosen_rivals(tx: Transaction, fingerprint: str) -> list[Slate]:
    """Other takes of the clip, from the same images, that a person chose."""
    mine = await rows.need(tx, fingerprint)
    query = (
        select(schema.slates)
        .join(_verdicts, _verdicts.c.fingerprint == schema.slates.c.fingerprint)
        .where(
            _verdicts.c.verdict == Verdict.CHOSEN.value,
            schema.slates.c.fingerprint != fingerprint,
            schema.slates.c.storyboard == mine.storyboard,
            schema.slates.c.clip_id == mine.clip_id,
        )
    )
    found = [rows.as_slate(row) for row in await tx.connection.execute(query)]
    return [each for each in found if each.asks_for == mine.asks_for]


async def decisions(tx: Transaction, fingerprints: Sequence[str]) -> dict[str, Decision]:
    """What was decided about those takes, with the notes; undecided takes are left out."""
    return {
        row.fingerprint: Decision(Verdict(row.verdict), row.note, row.decided_at)
        for row in await rows.of_some(tx, _of_some, fingerprints)
    }


async def verdicts(tx: Transaction, fingerprints: Sequence[str]) -> Mapping[str, Verdict]:
    """What was decided about those takes; takes without a decision are left out."""
    known = await decisions(tx, fingerprints)
    return {name: decision.verdict for name, decision in known.items()}
