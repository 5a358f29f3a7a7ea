"""``longtake emulate``: the emulator as a server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

from longtake.cli.authoring import Flag
from longtake.cli.console import to_person
from longtake.errors import SettingsError


def emulate(
    *,
    host: str = "127.0.0.1",
    port: int = 8931,
    pace: float = 60,
    faults: Path | None = None,
    dials: str | None = None,
    still: Annotated[tuple[str, ...], Flag] = (),
    captions: Annotated[bool, Flag] = False,
) -> int:
    """Run the built-in emulator: the service's whole contract and real clips, without cost.

    Point a profile at it (`configs/profiles/emulator.yaml` does), or the official SDK. What was
    accepted is listed at `/emulator/requests`. Ctrl-C stops it.

    Parameters
    ----------
    host
        Address to listen on.
    port
        Port to listen on; 0 takes a free one.
    pace
        How many times faster than the real service it works; 1 is real time.
    faults
        A YAML file of faults to play, see docs/emulator.md.
    dials
        How imperfect the clips are, by name: `faultless`, or `wan-fast` for the sizes that were
        measured on real clips. Replaces the fault file's own dials.
    still
        ADDRESS=FILE: serve a picture's address from a local file, offline. May be given again.
    captions
        Write the prompt into the picture, and what was read from it.
    """
    stills = dict(_still(one) for one in still)
    from longtake.emulator import PRESETS, EmulatorConfig, FaultScript, load_faults, serve_emulator

    if dials is not None and dials not in PRESETS:
        raise SettingsError(f"--dials {dials}: want one of {', '.join(PRESETS)}")
    wanted = PRESETS[dials] if dials is not None else None
    script = load_faults(faults) if faults else FaultScript()
    config = EmulatorConfig(
        pace=pace, faults=script, stills=stills, captions=captions, dials=wanted
    )
    with serve_emulator(config, host=host, port=port) as running:
        console = to_person()
        console.print(f"emulator at {running.base_url}, {pace:g} times real time; Ctrl-C stops it")
        console.print(f"accepted jobs: {running.base_url}/emulator/requests")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print(f"stopped after {len(running.emulator.requests)} accepted jobs")
    return 0


def _still(given: str) -> tuple[str, Path]:
    """``ADDRESS=FILE`` in its parts: an address may hold an equals sign, the file's name not."""
    address, _, name = given.rpartition("=")
    path = Path(name)
    if not address or not path.is_file():
        raise SettingsError(f"--still {given}: write ADDRESS=FILE, with a file that exists")
    return address, path
