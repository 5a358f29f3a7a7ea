"""``longtake doctor``: is this machine ready to render, and if not, what is the fix."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from rich.text import Text

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag, Json
from longtake.cli.console import print_json, to_person
from longtake.errors import LongtakeError, MissingKey
from longtake.figures import dollars
from longtake.surroundings import settle, unfit_for_prefect

if TYPE_CHECKING:
    from longtake.settings import Settings

ENOUGH_DISK_GB = 2.0
"""A render of a hundred clips with its segments and film takes less than this."""

_SIGNS = {"well": ("✓", "green"), "note": ("!", "yellow"), "broken": ("✗", "bold red")}


@dataclass(frozen=True)
class Check:
    """What was found: ``broken`` means that no render can work, ``note`` that some cannot."""

    name: str
    health: Literal["well", "note", "broken"]
    says: str
    fix: str = ""


def doctor(
    *,
    contract: Annotated[bool, Flag] = False,
    profile: str | None = None,
    ledger: str | None = None,
    json_: Json = False,
) -> int:
    """Check this machine: Python, ffmpeg, disk, Prefect, the key and balance, the emulator.

    Each problem is shown with its fix. Exit code 3 if a render could not work.

    With `--contract`: instead, what longtake assumes about the service, and what paid clips showed.

    Parameters
    ----------
    contract
        Show each assumption about the service, what was seen, when and on which request.
        Nothing is sent.
    profile
        Profile whose settings to examine: a name in configs/profiles, or a path.
    ledger
        With `--contract`: another ledger, a SQLite file's path or a `postgresql://` address.
    json_
        Print the findings as a JSON list of `name`, `health`, `says`, `fix`; of the contract
        `model`, `name`, `assumed`, `state`, `clip_count`, `seen`, `range` and when.
    """
    from longtake.settings import load_settings

    settle()
    settings = load_settings(profile)
    if contract:
        return _contract(settings, ledger, as_json=json_)
    findings = wait_for(_examine(settings, tell=None if json_ else _tell))
    if json_:
        print_json([asdict(finding) for finding in findings])
    return 3 if any(finding.health == "broken" for finding in findings) else 0


def _contract(settings: Settings, ledger: str | None, *, as_json: bool) -> int:
    from longtake.cli.contract import examine, show

    if ledger is not None:
        keeping = settings.keeping.model_copy(update={"ledger": ledger})
        settings = settings.model_copy(update={"keeping": keeping})
    show(wait_for(examine(settings)), as_json=as_json)
    return 0


async def _examine(settings: Settings, *, tell: Callable[[Check], None] | None) -> list[Check]:
    examinations: list[tuple[str, Callable[[Settings], Awaitable[Check]]]] = [
        ("python", _python),
        ("ffmpeg", _ffmpeg),
        ("disk", _disk),
        ("prefect", _prefect),
        ("key", _key),
        ("emulator", _emulator),
    ]
    findings = []
    for name, examine in examinations:
        try:
            finding = await examine(settings)
        except (LongtakeError, ValueError) as error:
            said = error if isinstance(error, LongtakeError) else unfit_for_prefect(error)
            if said is None:
                raise
            finding = Check(name, "broken", str(said))
        findings.append(finding)
        if tell:
            tell(finding)
    return findings


def _tell(finding: Check) -> None:
    sign, style = _SIGNS[finding.health]
    line = Text.assemble((f"{sign} ", style), (f"{finding.name:<9}", "bold"), finding.says)
    if finding.fix:
        line.append(f"\n  fix: {finding.fix}")
    to_person().print(line)


async def _python(_: Settings) -> Check:
    says = f"{platform.python_version()} at {sys.executable}"
    return Check("python", "well", says)


async def _ffmpeg(settings: Settings) -> Check:
    import asyncio

    from longtake.rendering.preflight import chosen_ffmpeg

    ffmpeg = await asyncio.to_thread(chosen_ffmpeg, settings)
    says = f"{ffmpeg.version} ({ffmpeg.origin}) at {ffmpeg.path}, with libx264 and png"
    return Check("ffmpeg", "well", says)


async def _disk(_: Settings) -> Check:
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    says = f"{free_gb:.1f} GB free in {Path.cwd()}"
    if free_gb < ENOUGH_DISK_GB:
        return Check("disk", "note", says, "make room, or choose another disk with --out")
    return Check("disk", "well", says)


async def _prefect(_: Settings) -> Check:
    from prefect import __version__

    from tasks.prefect_server import lasting_server, trouble_with_server

    url = lasting_server()
    if url is None:
        says = f"{__version__}, no server: each render starts its own for as long as it runs"
        fix = (
            "to watch runs in the UI: `prefect server start`, then "
            "`prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api`"
        )
        return Check("prefect", "note", says, fix)
    if trouble := await trouble_with_server():
        fix = "start it with `prefect server start`, or `prefect config unset PREFECT_API_URL`"
        return Check("prefect", "broken", f"{__version__}, {url} does not answer: {trouble}", fix)
    return Check("prefect", "well", f"{__version__}, server at {url}")


async def _key(settings: Settings) -> Check:
    from longtake.rendering.service import connect
    from longtake.settings import KEY_VARIABLE

    try:
        key = settings.key().get_secret_value()
    except MissingKey:
        fix = f"set {KEY_VARIABLE} to render on Segmind; --emulated works without"
        return Check("key", "note", "no Segmind API key", fix)
    async with connect(settings, key) as client:
        balance = await client.balance()
    says = f"accepted by {settings.api_url}; balance {dollars(balance.usd)}"
    if balance.free_usd:
        says += f" and {dollars(balance.free_usd)} free"
    if balance.usd + balance.free_usd <= 0:
        return Check("key", "note", says, "top up the account before rendering")
    return Check("key", "well", says)


async def _emulator(settings: Settings) -> Check:
    import asyncio

    from longtake.media import inspect_clip
    from longtake.rendering.preflight import chosen_ffmpeg
    from longtake.rendering.service import connect, emulating
    from longtake.story import Storyboard, build_plan

    smallest = {"title": "doctor", "scenes": [{"name": "one", "shots": ["a lighthouse"]}]}
    asked = build_plan(Storyboard.model_validate(smallest), base_seed=1).clips[0]
    ffmpeg = await asyncio.to_thread(chosen_ffmpeg, settings)
    with (
        tempfile.TemporaryDirectory() as folder,
        emulating(settings, 1000, Path(folder)) as (pointed, _),
    ):
        clip = Path(folder) / "clip.mp4"
        async with connect(pointed, "doctor") as client:
            generated = await client.generate(asked.model, asked.parameters, clip)
        facts = await inspect_clip(generated.path, ffmpeg=ffmpeg)
    says = f"made, sent and checked a clip of {facts.frame_count} frames"
    return Check("emulator", "well", says)
