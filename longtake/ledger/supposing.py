"""A ledger as it would be after other decisions: to price one before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from longtake.ledger.ledger import Ledger
from longtake.ledger.records import Slate
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
        return self._changed(await super().verdicts(fingerprints), fingerprints)

    async def known_takes(
        self, fingerprints: Sequence[str]
    ) -> tuple[Mapping[str, Verdict], dict[str, Slate]]:
        """The same, and how the takes stand."""
        known, slates = await super().known_takes(fingerprints)
        return self._changed(known, fingerprints), slates

    def _changed(
        self, known: Mapping[str, Verdict], fingerprints: Sequence[str]
    ) -> Mapping[str, Verdict]:
        asked = set(fingerprints) & self._supposed.keys()
        supposed = {name: self._supposed[name] for name in asked}
        told = {**known, **supposed}
        return {name: verdict for name, verdict in told.items() if verdict is not None}
