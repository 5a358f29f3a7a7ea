"""Where the key comes from, outside of any run of Prefect's."""

from __future__ import annotations

import pytest

from longtake.errors import MissingKey
from longtake.settings import Settings, load_settings
from tasks.api_key import api_key


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those that nobody has set."""
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    return load_settings(None)


async def test_the_environments_key_is_taken_and_not_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMIND_API_KEY", "SG_a_key_for_tests")
    key = await api_key(settings)
    assert key.get_secret_value() == "SG_a_key_for_tests"
    assert "SG_a" not in repr(key)


async def test_without_a_key_or_a_block_every_remedy_is_named(settings: Settings) -> None:
    with pytest.raises(MissingKey, match="--emulated"):
        await api_key(settings)
