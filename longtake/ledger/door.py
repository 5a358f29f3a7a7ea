"""What the parts of the ledger's door have in common: the database behind it."""

from __future__ import annotations

from longtake.ledger.database import Database


class Door:
    """An open database, and nothing else."""

    def __init__(self, database: Database) -> None:
        self._db = database
