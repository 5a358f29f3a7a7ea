"""The key, from wherever the operator keeps it; it is handed on as a SecretStr and never shown."""

from __future__ import annotations

from prefect.blocks.system import Secret
from pydantic import SecretStr

from longtake.errors import MissingKey
from longtake.settings import Settings
from tasks.run_states import flow_run_here


async def api_key(settings: Settings) -> SecretStr:
    """The key from the environment or its file, else from the Secret block of the profile.

    Raises MissingKey, which names every remedy that there is where this runs.
    """
    try:
        return settings.key()
    except MissingKey:
        if settings.api_key_block is not None:
            return await _from_block(settings.api_key_block)
        run = flow_run_here()
        if run is None or run.deployment_id is None:
            raise
    raise MissingKey(
        "this deployment's run has no API key: set SEGMIND_API_KEY where its worker was started "
        "and start the worker again, or keep the key in a Secret block (`python "
        "deployments/setup.py --api-key-block NAME`) and name it by LONGTAKE_API_KEY_BLOCK or as "
        "`api_key_block` in the profile; to try without a key, run it with `emulated` on"
    )


async def _from_block(name: str) -> SecretStr:
    try:
        block: Secret[str] = await Secret.aload(name)
    except ValueError:
        raise MissingKey(
            f"api_key_block: Prefect has no Secret block {name!r}; make it in the UI under Blocks, "
            "or set SEGMIND_API_KEY where this runs"
        ) from None
    key = str(block.get()).strip()
    if not key:
        raise MissingKey(f"api_key_block: the Secret block {name!r} is empty")
    return SecretStr(key)
