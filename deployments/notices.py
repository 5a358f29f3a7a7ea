"""Where notices go: one block on the Prefect server, which every automation here names."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from apprise import Apprise
from prefect.blocks.core import Block
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from pydantic import SecretStr

from tasks.run_page.index import NOTICES

KINDS = ("slack-webhook", "custom-webhook")
"""Of the block named NOTICES, by Prefect's slugs: what apprise has an address for, or the web."""


def ui_url() -> str:
    """Where a browser finds the server: PREFECT_UI_URL, else the API's address without ``/api``."""
    settings = get_current_settings()
    return (settings.ui_url or str(settings.api.url).removesuffix("/api")).rstrip("/")


def block_for(url: str) -> Block:
    """The block that sends to ``url``; SystemExit where nothing can.

    Apprise reads the addresses of some hundred services (``slack://…``, ``mailto://…``, the
    webhooks of Slack, Teams and Discord as they are copied), and Prefect's Slack block takes each
    of them. Any other ``https://`` address gets the notice as JSON.
    """
    if Apprise.instantiate(url) is not None:
        return SlackWebhook(url=SecretStr(url))
    if urlsplit(url).scheme in {"http", "https"}:
        return CustomWebhookNotificationBlock(
            name=NOTICES, url=url, json_data={"subject": "{{subject}}", "body": "{{body}}"}
        )
    raise SystemExit(
        f"--notices {urlsplit(url).scheme}://… is no address that apprise can read: see "
        "https://github.com/caronc/apprise/wiki for how to write one"
    )


def own_page() -> Block:
    """The block that needs no account: each notice is an artifact on the server's own page."""
    return CustomWebhookNotificationBlock(
        name=NOTICES,
        url=f"{get_current_settings().api.url}/artifacts/",
        json_data={"key": NOTICES, "type": "markdown", "data": "## {{subject}}\n\n{{body}}"},
    )


async def ensure_notices(client: PrefectClient, url: str | None) -> None:
    """Make the block, or change it where a ``url`` is given; there is one of all kinds."""
    there = {kind: await _document(client, kind) for kind in KINDS}
    if url is None and any(there.values()) and not await _on_own_page():
        return  # somebody sends the notices elsewhere
    block = own_page() if url is None else block_for(url)
    slug = "slack-webhook" if isinstance(block, SlackWebhook) else "custom-webhook"
    await block.save(NOTICES, overwrite=True)  # type: ignore[misc]  # a coroutine, as we are one
    for kind, document in there.items():
        if document is not None and kind != slug:
            await client.delete_block_document(document)
    if url is not None:
        print(f"block {NOTICES}: notices go to {urlsplit(url).scheme}://…")
    elif not any(there.values()):
        print(f"block {NOTICES}: notices are on {ui_url()}/artifacts/key/{NOTICES}")


async def notices_block(client: PrefectClient) -> str:
    """The id of the block, of whichever kind it is."""
    for kind in KINDS:
        if (document := await _document(client, kind)) is not None:
            return str(document)
    raise SystemExit(f"there is no block {NOTICES}: run deployments/setup.py")


async def _document(client: PrefectClient, kind: str) -> object | None:
    try:
        return (await client.read_block_document_by_name(NOTICES, kind)).id
    except ObjectNotFound:
        return None


async def _on_own_page() -> bool:
    try:
        block = cast(
            CustomWebhookNotificationBlock, await CustomWebhookNotificationBlock.aload(NOTICES)
        )
    except ValueError:  # Prefect's word for a block that is not there
        return False
    return block.url.endswith("/artifacts/")
