"""What a render runs in: plain Python as it stands here, or Prefect, which adds its own."""

from __future__ import annotations

import random
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from pydantic import SecretStr

from longtake.clock import Clock, SystemClock
from longtake.ledger import Ledger
from longtake.rendering.slots import OwnLimits, SharedLimits
from longtake.segmind import Network
from longtake.settings import Settings

if TYPE_CHECKING:
    from longtake.media import Ffmpeg
    from longtake.rendering.media_work import MediaWork
    from longtake.rendering.render import Render


class Host:
    """Where time, chance, the key, the ledger and the limits of a render come from."""

    def __init__(self, clock: Clock | None = None, chance: random.Random | None = None) -> None:
        self.clock = clock or SystemClock()
        self.chance = chance or random.SystemRandom()

    async def api_key(self, settings: Settings) -> SecretStr:
        """The key; MissingKey says where it may come from."""
        return settings.key()

    def ledger(self, settings: Settings) -> AbstractAsyncContextManager[Ledger]:
        """The ledger, open."""
        return Ledger.open(settings.keeping.ledger)

    def media(self, ffmpeg: Ffmpeg, processes: int) -> MediaWork:
        """Who looks at files and cuts frames from them, in so many processes at once."""
        from longtake.media.helpers import Helpers
        from longtake.rendering.media_work import MediaWork

        return MediaWork(ffmpeg, Helpers(processes))

    def network(self) -> Network | None:
        """What carries requests to the service; None: this machine's network."""
        return None

    def limits(self, settings: Settings) -> SharedLimits:
        """What the settings say of other processes that share the account."""
        return OwnLimits()

    def around(self, render: Render) -> AbstractAsyncContextManager[object]:
        """Entered before the render's first report and left after its last."""
        return nullcontext()
