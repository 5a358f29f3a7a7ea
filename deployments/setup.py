"""Prepare a Prefect server for longtake: pools, limits, variables, automations and their block.

``python deployments/setup.py`` from the root, as often as you like: what is there stays as it is,
but for what an option sets and for the automations, which are brought to what
``automations.yaml`` says. Talks to PREFECT_API_URL.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from notices import ensure_notices, notices_block
from prefect.blocks.system import Secret
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import (
    GlobalConcurrencyLimitCreate,
    WorkPoolCreate,
    WorkPoolUpdate,
)
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.variables import Variable
from pydantic import SecretStr
from ruamel.yaml import YAML

HERE = Path(__file__).parent
KINDS = ("process", "docker", "kubernetes")
POOLS = {f"longtake-{kind}": kind for kind in KINDS} | {
    "longtake-scenes": "process",
    "longtake-scenes-docker": "docker",
    "longtake-scenes-kubernetes": "kubernetes",
}
"""Storyboards' pools and scenes' pools, each with its kind; see prefect.yaml."""

STORYBOARDS = 20
"""Storyboards that one pool renders at once; further runs wait for a place."""

JOBS, REQUESTS = "longtake-jobs", "longtake-requests"
"""The global concurrency limits that profiles name as ``fleet.jobs_limit``, ``requests_limit``."""

HEARTBEAT = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY"
"""Seconds between a run's words that it lives; the automation on zombies waits for three."""

PATIENCE = "PREFECT_CLIENT_RETRY_EXTRA_CODES"
"""What a run asks the server once more for: an answer of 500, as when its database restarts."""

ABSENT = "absent"
Json = dict[str, str] | str | None


async def main(options: argparse.Namespace) -> None:
    """Bring the server to what is asked for, and say what was done."""
    chosen = kinds(options.pools)
    async with get_client() as client:
        for name, kind in POOLS.items():
            if kind in chosen:
                most = None if "scenes" in name else options.storyboards or STORYBOARDS
                await ensure_pool(client, name, kind, most)
                if most is not None and options.storyboards:
                    await client.update_work_pool(name, WorkPoolUpdate(concurrency_limit=most))
        await ensure_limit(client, JOBS, jobs_limit(options.jobs or 8), options.jobs)
        paced = requests_limit(options.requests_per_minute or 120)
        await ensure_limit(client, REQUESTS, paced, options.requests_per_minute)
        await ensure_variable("longtake_profile", None, options.profile)
        shared = environment(os.environ) if options.share_environment else None
        await ensure_variable("longtake_environment", environment({}), shared)
        await ensure_notices(client, options.notices)
        if options.bucket:
            await asyncio.to_thread(ensure_bucket, options.bucket)
        if options.api_key_block:
            await store_key(options.api_key_block)
        await install_automations(client)


def kinds(given: str | None) -> list[str]:
    """The kinds of workers that there are: a pool without any would stay red in the UI forever."""
    if given is None and sys.stdin.isatty():
        given = input(f"Which workers will there be, of {', '.join(KINDS)}? [process] ") or None
    chosen = [kind.strip() for kind in (given or KINDS[0]).split(",")]
    if unknown := set(chosen) - set(KINDS):
        raise SystemExit(f"there are no {', '.join(unknown)} workers: name {', '.join(KINDS)}")
    return chosen


async def ensure_pool(client: PrefectClient, name: str, kind: str, most: int | None) -> None:
    """Make a work pool, unless it is there: an operator may have changed its template.

    ``most`` runs of it go on at once. Those that wait for a person do not count: they are none.
    """
    try:
        pool = await client.read_work_pool(name)
    except ObjectNotFound:
        template = await asyncio.to_thread(job_template, kind)
        await client.create_work_pool(
            WorkPoolCreate(name=name, type=kind, base_job_template=template, concurrency_limit=most)
        )
        print(f"pool {name}: made")
        return
    if pool.type != kind:
        raise SystemExit(f"pool {name} is there, of type {pool.type}: it must be {kind}; rename it")


def job_template(kind: str) -> dict[str, Any]:
    """A pool's template out of Prefect's own package.

    ``prefect work-pool create`` asks a registry on the network for those of Docker and Kubernetes.
    """
    views = files("prefect.server.api") / "collections_data/views/aggregate-worker-metadata.json"
    for collection in json.loads(views.read_text(encoding="utf-8")).values():
        for worker in collection.values():
            if worker["type"] == kind:
                template: dict[str, Any] = worker["default_base_job_configuration"]
                return template
    raise SystemExit(f"this Prefect knows no pools of type {kind!r}")


def jobs_limit(jobs: int) -> dict[str, float]:
    """As many slots as the account may have jobs in flight."""
    return {"limit": jobs, "slot_decay_per_second": 0}


def requests_limit(per_minute: int) -> dict[str, float]:
    """At most ``per_minute`` in any minute: a burst of a sixth, and the rest as slots decay."""
    burst = max(1, per_minute // 6)
    return {"limit": burst, "slot_decay_per_second": max(per_minute - burst, 1) / 60}


async def ensure_limit(
    client: PrefectClient, name: str, wanted: dict[str, float], asked: int | None
) -> None:
    """Make a global concurrency limit; change one that is there only where a figure was given."""
    try:
        await client.read_global_concurrency_limit_by_name(name)
        if asked is None:
            return
    except ObjectNotFound:
        await client.create_global_concurrency_limit(
            GlobalConcurrencyLimitCreate.model_validate({"name": name, **wanted})
        )
    else:
        await client.upsert_global_concurrency_limit_by_name(name, **wanted)  # type: ignore[arg-type]  # a field too many is said to be an int
    print(f"limit {name}: {wanted}")


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What containers get of our environment: addresses and dials, nothing that is secret."""
    ledger = ours.get("LONGTAKE_KEEPING__LEDGER", "")
    if urlsplit(ledger).password:
        raise SystemExit(
            "LONGTAKE_KEEPING__LEDGER holds a password, and anyone who sees the UI could read it: "
            "take it out, and give containers PGPASSWORD by a secret of their platform"
        )
    shared = {name: value for name, value in ours.items() if name.startswith("LONGTAKE_") and value}
    shared |= {
        name: ours[name] for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION") if name in ours
    }
    return {HEARTBEAT: "30", PATIENCE: "500"} | shared


async def ensure_variable(name: str, first: Json, given: Json) -> None:
    """Make a Prefect variable; change one that is there only where a value was given."""
    if given is None and await Variable.aget(name, default=ABSENT) != ABSENT:
        return
    value = first if given is None else given
    await Variable.aset(name, value, overwrite=True)
    print(f"variable {name}: {value}")


async def store_key(name: str) -> None:
    """Put SEGMIND_API_KEY into a Secret block, for workers that have no environment of their own.

    The server encrypts it with the key in PREFECT_SERVER_ENCRYPTION_KEY (or in its own database).
    """
    key = os.environ.get("SEGMIND_API_KEY", "").strip()
    if not key:
        raise SystemExit("--api-key-block stores SEGMIND_API_KEY, which is not set")
    await Secret(value=SecretStr(key)).save(name, overwrite=True)
    print(f"block {name}: holds the key; name it by LONGTAKE_API_KEY_BLOCK or in the profile")


def ensure_bucket(name: str) -> None:
    """Make a bucket on the S3 that the AWS_ variables name."""
    import fsspec

    system = fsspec.filesystem("s3")
    if not system.exists(name):
        system.mkdir(name)
        print(f"bucket {name}: made")


async def install_automations(client: PrefectClient) -> None:
    """Make each automation, or bring the one with its name up to date; remove its doubles."""
    for wanted in automations():
        for action in wanted["actions"]:
            if "block_document_id" in action:
                action["block_document_id"] = await notices_block(client)
        automation = AutomationCore.model_validate(wanted)
        there = await client.read_automations_by_name(automation.name)
        if not there:
            await client.create_automation(automation)
            print(f"automation {automation.name!r}: made")
        for first in there[:1]:  # somebody may have switched it off
            kept = automation.model_copy(update={"enabled": first.enabled})
            await client.update_automation(first.id, kept)
        for double in there[1:]:
            await client.delete_automation(double.id)


def automations() -> list[dict[str, Any]]:
    """What ``automations.yaml`` says; the block is still named, not known."""
    with (HERE / "automations.yaml").open(encoding="utf-8") as file:
        said: list[dict[str, Any]] = YAML(typ="safe").load(file)["automations"]
    return said


def command_line() -> argparse.ArgumentParser:
    """The options there are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, help="jobs in flight, all machines together; first 8")
    parser.add_argument(
        "--requests-per-minute", type=int, help="paid requests, all machines together; first 120"
    )
    parser.add_argument("--profile", help="the profile that runs use unless they say another")
    parser.add_argument(
        "--share-environment",
        action="store_true",
        help="let containers have this shell's LONGTAKE_ settings and AWS_ENDPOINT_URL",
    )
    parser.add_argument(
        "--pools", help="kinds of workers, as process,docker,kubernetes; asked for, else process"
    )
    parser.add_argument(
        "--storyboards", type=int, help=f"storyboards at once in a pool; first {STORYBOARDS}"
    )
    parser.add_argument(
        "--notices", metavar="URL", help="where notices go: any address that apprise can read"
    )
    parser.add_argument("--bucket", help="make this bucket for the store")
    parser.add_argument("--api-key-block", metavar="NAME", help="store SEGMIND_API_KEY in a block")
    return parser


if __name__ == "__main__":
    os.environ.setdefault("DO_NOT_TRACK", "1")
    line = command_line()
    chosen = line.parse_args()
    if not get_current_settings().api.url:
        line.error("set PREFECT_API_URL to the server's, such as http://127.0.0.1:4200/api")
    asyncio.run(main(chosen))
