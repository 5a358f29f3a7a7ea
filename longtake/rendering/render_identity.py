"""What a render has before its flow begins: one name in the ledger, and one emulator."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from longtake.rendering.host import Host

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator


MOST_CALLS = 1000
"""As many as the largest plan of the service allows in a minute."""


class RenderIdentity(NamedTuple):
    """What is kept of a render that is opened more than once."""

    run: str
    """What the ledger calls it: money is counted by it."""
    emulator: RunningEmulator | None
    calls: deque[float]
    """When its last calls of the service started, in monotonic seconds: they count in its limit."""


_IDENTITY: ContextVar[RenderIdentity | None] = ContextVar("render identity", default=None)


def current_identity() -> RenderIdentity | None:
    """What has begun of the render that is about to be opened."""
    return _IDENTITY.get()


@contextmanager
def one_render(host: Host, *, pace: float, emulated: bool, captions: bool) -> Iterator[None]:
    """Whatever is opened in the block is one render, on one emulator if it is ``emulated``."""
    with ExitStack() as stack:
        emulator = None
        if emulated:
            from longtake.emulator import EmulatorConfig, serve_emulator

            config = EmulatorConfig(pace=pace, captions=captions)
            emulator = stack.enter_context(serve_emulator(config))
        token = _IDENTITY.set(
            RenderIdentity(
                f"{host.chance.getrandbits(64):016x}", emulator, deque(maxlen=MOST_CALLS)
            )
        )
        try:
            yield
        finally:
            _IDENTITY.reset(token)
