"""What a render works in: its folder, its tools, and what it is connected to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr

from longtake.ledger import Ledger
from longtake.rendering.folder import RenderFolder
from longtake.rendering.forgotten import refuse_forgotten_ledger
from longtake.rendering.host import Host
from longtake.rendering.render_identity import current_identity
from longtake.rendering.requests import RenderTerms
from longtake.rendering.service import emulating
from longtake.settings import Settings
from longtake.store import Store

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator
    from longtake.media import Ffmpeg


class Workplace(NamedTuple):
    """What a render works in; connected to the service, or to an ``emulator`` and its ledger."""

    host: Host
    settings: Settings
    folder: RenderFolder
    ffmpeg: Ffmpeg
    key: SecretStr
    ledger: Ledger
    emulator: RunningEmulator | None = None


@asynccontextmanager
async def workplace(
    host: Host,
    settings: Settings,
    folder: RenderFolder,
    ffmpeg: Ffmpeg,
    terms: RenderTerms,
    *,
    captions: bool = False,
) -> AsyncIterator[Workplace]:
    """The service as the settings have it, or an emulator in its place, and the ledger for it."""
    async with AsyncExitStack() as stack:
        emulator = None
        key = SecretStr("SG_emulated")
        if terms.emulated:
            before = current_identity()
            running = before and before.emulator
            place = emulating(settings, terms.pace, folder.root, captions=captions, running=running)
            settings, emulator = stack.enter_context(place)
        else:
            key = await host.api_key(settings)
        ledger = await stack.enter_async_context(host.ledger(settings))
        await refuse_forgotten_ledger(ledger, Store(settings.keeping.store), settings.keeping)
        yield Workplace(host, settings, folder, ffmpeg, key, ledger, emulator)
