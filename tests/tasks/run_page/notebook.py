"""A store of artifacts that only takes notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4


@dataclass
class Notebook:
    """Writes down what it is given; the first ``failures`` requests fail."""

    failures: int = 0
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)

    async def create(self, page: str) -> UUID:
        """Note a new artifact."""
        self._fail()
        self.created.append(page)
        return uuid4()

    async def update(self, artifact: UUID, page: str) -> None:
        """Note new data."""
        self._fail()
        self.updated.append(page)

    @property
    def latest(self) -> str:
        """What a person would see now."""
        return [*self.created, *self.updated][-1]

    def _fail(self) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the server is away")
