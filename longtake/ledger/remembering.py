"""What is done once, and what was decided: the rest of the ledger's door.

What holds for every method stands in ``ledger``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from longtake.ledger import (
    memory,
    verdicts,
)
from longtake.ledger.door import Door
from longtake.ledger.records import Decision, ShownTake
from longtake.ledger.states import Verdict


class Remembering(Door):
    """What is done once, and what was decided: the rest of the ledger's door."""

    async def base_seed(self, storyboard: str, draw: Callable[[], int]) -> int:
        """The storyboard's base seed: drawn by the first who asks, the same for all ever after."""
        return await self._db.write(lambda tx: memory.base_seed(tx, storyboard, draw))

    async def known_base_seed(self, storyboard: str) -> int | None:
        """The storyboard's base seed, None where nobody has drawn one yet."""
        return await self._db.read(lambda tx: memory.known_base_seed(tx, storyboard))

    async def upload_url(self, content_sha256: str) -> str | None:
        """Where that content was uploaded, if it was and still holds."""
        return await self._db.read(lambda tx: memory.upload_url(tx, content_sha256))

    async def remember_upload(
        self, content_sha256: str, url: str, ttl_seconds: float | None = None
    ) -> None:
        """That content lies at the URL, for ``ttl_seconds`` or for ever."""
        await self._db.write(
            lambda tx: memory.remember_upload(tx, content_sha256, url, ttl_seconds)
        )

    async def frame(self, clip_sha256: str, frame_index: int, recipe: str) -> str | None:
        """The hash of the frame that the recipe takes from that clip, if it was taken before."""
        return await self._db.read(lambda tx: memory.frame(tx, clip_sha256, frame_index, recipe))

    async def remember_frame(
        self, clip_sha256: str, frame_index: int, recipe: str, frame_sha256: str
    ) -> None:
        """The recipe takes that frame from that clip."""
        await self._db.write(
            lambda tx: memory.remember_frame(tx, clip_sha256, frame_index, recipe, frame_sha256)
        )

    async def film(self, recipe: str) -> str | None:
        """The hash of the film that was assembled by that recipe, if one was."""
        return await self._db.read(lambda tx: memory.film(tx, recipe))

    async def remember_film(self, recipe: str, film_sha256: str) -> None:
        """The recipe (a hash of all clips and of how they are joined) makes that film."""
        await self._db.write(lambda tx: memory.remember_film(tx, recipe, film_sha256))

    async def measure(self, subject: str) -> str | None:
        """What was measured of that subject (a hash of files and of how they are looked at)."""
        return await self._db.read(lambda tx: memory.measure(tx, subject))

    async def remember_measure(self, subject: str, content: str) -> None:
        """Keep a measurement, as text: the same files read the same for ever."""
        await self._db.write(lambda tx: memory.remember_measure(tx, subject, content))

    async def decide(self, fingerprint: str, verdict: Verdict | None, note: str = "") -> None:
        """Write down what a person decided about a take; None takes the decision back."""
        await self._db.write(lambda tx: verdicts.decide(tx, fingerprint, verdict, note))

    async def decide_shown(
        self,
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
        await self._db.write(lambda tx: verdicts.decide_shown(tx, shown, decisions, note))

    async def decisions(self, fingerprints: Sequence[str]) -> Mapping[str, Decision]:
        """What was decided about those takes, with the notes; undecided takes are left out."""
        return await self._db.read(lambda tx: verdicts.decisions(tx, fingerprints))

    async def verdicts(self, fingerprints: Sequence[str]) -> Mapping[str, Verdict]:
        """What was decided about those takes; takes without a decision are left out."""
        return await self._db.read(lambda tx: verdicts.verdicts(tx, fingerprints))

    async def hold_off(self, account: str, seconds: float) -> None:
        """The service asked to be left alone: nobody submits for that account meanwhile."""
        await self._db.write(lambda tx: memory.hold_off(tx, account, seconds))

    async def hold_seconds(self, account: str) -> float:
        """For how long nobody should submit for that account; 0 where nothing is held."""
        return await self._db.read(lambda tx: memory.hold_seconds(tx, account))

    async def contents(self) -> frozenset[str]:
        """The hash of every clip, frame and film that the ledger knows: what may not be deleted."""
        return await self._db.read(memory.contents)
