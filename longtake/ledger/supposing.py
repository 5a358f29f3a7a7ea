"""A ledger as it would be after other decisions: to price one before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from longtake.ledger.ledger import Ledger
from longtake.ledger.states import Verdict


class SupposedLedger(Ledger):
    """The ledger, but for some verdicts: ``supposed`` by take, None for no decision.

    To look into only: what is written goes into the ledger itself.
    """

    def __init__(self, ledger: Ledger, supposed: Mapping[str, Verdict | None]) -> None:
        super().__init__(ledger._db)
        self._supposed = supposed

    async def verdicts(self, fingerprints: Sequence[str]) -> Mapping[str, Verdict]:
        """What was decided about those takes, or is supposed to have been."""
        known = dict(await super().verdicts(fingerprints))
        for name in set(fingerprints) & self._supposed.keys():
            verdict = self._supposed[name]
            known.pop(name, None)
            if verdict is not None:
                known[name] = verdict
        return known
