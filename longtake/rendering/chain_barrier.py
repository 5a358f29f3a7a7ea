"""Where chains wait for each other, and one of them asks for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class ChainBarrier:
    """Where the chains of one shot or scene meet, and the last of them asks for all."""

    def __init__(self, chains: int) -> None:
        self._away = chains
        self._chains = chains
        self._broken = False
        self._answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting: set[int] = set()
        """The numbers of the chains that stand here."""

    async def arrive(
        self, chain: int, ask: Callable[[], Awaitable[bool]], *, broken: bool = False
    ) -> bool:
        """Wait for the other chains; whether to go on from here, as the last of them was told.

        ``broken``: this chain has lost a clip, so there is nothing to decide any more.
        """
        answer = self._answer
        self._away -= 1
        self._broken = self._broken or broken
        self.waiting.add(chain)
        try:
            if self._away == 0:
                await self._settle(ask)
            return await answer
        finally:
            self.waiting.discard(chain)

    async def _settle(self, ask: Callable[[], Awaitable[bool]]) -> None:
        answer, broken = self._answer, self._broken
        try:
            result = broken or await ask()
        except BaseException as error:
            if not answer.done():
                answer.set_exception(error)
            return
        if not result:  # all of them will come by again
            self._away, self._broken = self._chains, False
            self._answer = asyncio.get_running_loop().create_future()
        answer.set_result(result)

    def close(self, error: Exception) -> None:
        """End every wait here with ``error``."""
        if self.waiting and not self._answer.done():
            self._answer.set_exception(error)
