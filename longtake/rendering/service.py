"""A client of the service, or the emulator in the service's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from longtake.clock import Clock, SystemClock
from longtake.folders import emulated_ledger, emulated_store
from longtake.rendering.render_identity import current_identity
from longtake.segmind import Network, SegmindClient, Throttle, Timeouts
from longtake.settings import Settings
from longtake.story import Rates

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator


def connect(
    settings: Settings,
    key: SecretStr | str,
    clock: Clock | None = None,
    on_closed: Callable[[float], None] = lambda seconds: None,
    network: Network | None = None,
) -> SegmindClient:
    """A client as the settings describe it; ``on_closed`` hears for how long a 429 closes it.

    ``network`` carries the requests in place of this machine's.
    """
    waiting, clock, before = settings.waiting, clock or SystemClock(), current_identity()
    return SegmindClient(
        api_key=key,
        api_url=settings.api_url,
        upload_url=settings.upload_url,
        history_url=settings.history_url,
        private_addresses=settings.private_addresses,
        throttle=Throttle(
            settings.requests_per_minute,
            clock=clock.monotonic,
            sleep=clock.sleep,
            on_closed=on_closed,
            calls=before and before.calls,
        ),
        now=clock.now,
        monotonic=clock.monotonic,
        network=network,
        timeouts=Timeouts(
            connect=waiting.connect_seconds,
            read=waiting.read_seconds,
            generate_read=waiting.generate_seconds,
        ),
    )


@contextmanager
def emulating(
    settings: Settings,
    pace: float,
    folder: Path,
    *,
    captions: bool = False,
    running: RunningEmulator | None = None,
) -> Iterator[tuple[Settings, RunningEmulator]]:
    """An emulator for one render, and the settings pointed at it and brought to its pace.

    Its ledger and store lie in ``folder``, apart from everything that real money was paid for.
    Clips with ``captions`` have a ledger of their own: their requests are the same. One that is
    ``running`` stays so.
    """
    from longtake.emulator import EmulatorConfig, serve_emulator

    config = EmulatorConfig(pace=pace, captions=captions)
    with nullcontext(running) if running else serve_emulator(config) as emulator:
        changes = {
            **dict.fromkeys(("api_url", "upload_url", "history_url"), emulator.base_url),
            "rates": at_pace(settings.rates, pace),
            "keeping": settings.keeping.model_copy(
                update={
                    "ledger": emulated_ledger(folder, captions=captions),
                    "store": emulated_store(folder, captions=captions),
                    "ambiguous_seconds": settings.keeping.ambiguous_seconds / max(pace, 1),
                }
            ),
            "requests_per_minute": int(settings.requests_per_minute * max(pace, 1)),
        }
        yield settings.model_copy(update=changes), emulator


def at_pace(rates: Rates, pace: float) -> Rates:
    """The rates of a service that works ``pace`` times as fast."""
    seconds = {model: usual / pace for model, usual in rates.expected_seconds.items()}
    return rates.model_copy(update={"expected_seconds": seconds})
