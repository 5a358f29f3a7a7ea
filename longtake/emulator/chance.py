"""Everything that the emulator leaves to chance: ids, names of files, seeds that nobody chose."""

from __future__ import annotations

import itertools
import random
import uuid

SEED_LIMIT = 2**32
"""Seeds that the service draws are below it."""


class Chance:
    """A source of chance; the same ``seed`` gives the same draws in the same order.

    With None it is seeded by the machine. Not thread-safe: the emulator draws under its own lock.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311  ids here are no secrets
        self._masks = itertools.cycle(range(1, 256))

    def uuid(self) -> uuid.UUID:
        """A UUID of version 4."""
        return uuid.UUID(int=self._random.getrandbits(128), version=4)

    def mask(self) -> int:
        """Bits that spoil a byte: others than before, until all have been."""
        return next(self._masks)

    def seed(self) -> int:
        """A seed for a clip that was asked for without one."""
        return self._random.randrange(SEED_LIMIT)
