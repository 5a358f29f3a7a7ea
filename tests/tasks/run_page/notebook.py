"""A store of artifacts that only takes notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from tasks.run_page.artifacts import Data, Panel


@dataclass
class Notebook:
    """Writes down what it is given; the first ``failures`` requests fail."""

    failures: int = 0
    created: list[tuple[str, Data, UUID | None]] = field(default_factory=list)
    updated: list[tuple[str, Data]] = field(default_factory=list)
    _names: dict[UUID, str] = field(default_factory=dict)

    async def create(self, panel: Panel, data: Data, task_run_id: UUID | None) -> UUID:
        """Note a new artifact."""
        self._fail()
        self.created.append((panel.what, data, task_run_id))
        artifact = uuid4()
        self._names[artifact] = panel.what
        return artifact

    async def update(self, artifact: UUID, data: Data) -> None:
        """Note new data."""
        self._fail()
        self.updated.append((self._names[artifact], data))

    def latest(self, what: str) -> Data:
        """The data that a person would see now."""
        written = [(name, data) for name, data, _ in self.created] + self.updated
        return [data for name, data in written if name == what][-1]

    def _fail(self) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the server is away")
