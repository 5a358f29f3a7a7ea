"""The client as the settings have it, and the emulator in the service's place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from longtake.rendering.service import at_pace, connect, emulating
from longtake.settings import Settings, load_settings
from longtake.story import Rates
from longtake.story.wan import WAN_FAST


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a profile that says where things are kept."""
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"keeping: {{ledger: {tmp_path}/l.sqlite, store: {tmp_path}/s}}\n")
    return load_settings(str(profile))


def test_a_service_that_is_twice_as_fast_takes_half_as_long_and_costs_the_same() -> None:
    rates, fast = Rates(), at_pace(Rates(), 2)
    slug = WAN_FAST.text_to_video.slug
    assert fast.expected_seconds[slug] == rates.expected_seconds[slug] / 2
    assert fast.usd == rates.usd


async def test_an_emulated_render_touches_neither_the_ledger_nor_the_store_of_real_ones(
    settings: Settings, tmp_path: Path
) -> None:
    with emulating(settings, 1000, tmp_path / "out") as (pointed, emulator):
        assert {pointed.api_url, pointed.upload_url, pointed.history_url} == {emulator.base_url}
        assert pointed.keeping.ledger.startswith(str(tmp_path / "out"))
        assert pointed.keeping.store.startswith(str(tmp_path / "out"))
        async with connect(pointed, SecretStr("a-key")) as client:
            assert (await client.balance()).usd == 100.0
