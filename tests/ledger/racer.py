"""One of two processes that want the same takes: ``racer.py PLACE OWNER``; starts at a newline.

Intends every take within a budget, sends what it holds, and prints what it sent, one a line.
"""

from __future__ import annotations

import sys

import anyio

from longtake.errors import BudgetReached
from longtake.ledger import Budget, Ledger, Scope, TakeIntent

TAKES = 24
BUDGET = Budget("both together", 1.65, Scope.ALL)


def take(number: int) -> TakeIntent:
    """The same takes in every racer."""
    return TakeIntent(
        fingerprint=f"{number:064x}",
        storyboard="Film",
        clip_id=f"scene/{number}.1",
        number=1,
        model="wan-2.2-t2v-fast",
        seed=number,
        parameters={"prompt": "a gull"},
        estimated_usd=0.10,
    )


async def race(place: str, owner: str) -> None:
    """Open the ledger (both at once), then try for every take at once."""
    print("ready", flush=True)
    sys.stdin.readline()
    async with Ledger.open(place) as ledger, anyio.create_task_group() as group:

        async def one(number: int) -> None:
            try:
                claim = await ledger.intend(
                    take(number), owner=owner, run=owner, lease_seconds=600, budgets=[BUDGET]
                )
            except BudgetReached:
                return
            if claim.held:
                await ledger.sending(claim.slate.fingerprint, owner)
                await ledger.submitted(claim.slate.fingerprint, owner, f"{owner}-{number}")
                print(number, flush=True)

        for number in range(TAKES):
            group.start_soon(one, number)


if __name__ == "__main__":
    anyio.run(race, sys.argv[1], sys.argv[2])
