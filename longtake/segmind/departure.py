"""The last moment before a request leaves that is paid for: what its sender writes down in it."""

from __future__ import annotations

from typing import Protocol


class Departure(Protocol):
    """What a sender has to say once the request's turn has come, however long it waited for it."""

    async def begins(self) -> None:
        """Write down that it leaves now; what this raises keeps it from being sent."""

    def may_leave(self) -> bool:
        """Asked right before it leaves, with nothing between the two; False: it is not sent."""


class AtOnce:
    """Nothing is written down, and nothing speaks against it."""

    async def begins(self) -> None:
        """Nothing."""

    def may_leave(self) -> bool:
        """Always."""
        return True


AT_ONCE = AtOnce()
