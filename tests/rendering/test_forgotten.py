"""An empty ledger next to a full store is a question before anything is bought twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.errors import LedgerForgotten, LedgerUnreachable
from longtake.ledger import Ledger, TakeState
from longtake.profile_parts import Keeping
from longtake.rendering.forgotten import refuse_forgotten_ledger
from longtake.rendering.planning import Wanted, planned
from longtake.store import Store
from tests.rendering.taken import clip_of, put


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    """A store that holds a take."""
    store = Store(str(tmp_path / "store"))
    await store.keep_sidecar("f" * 64, {"any": "take"})
    return store


async def test_an_empty_ledger_next_to_a_full_store_is_asked_about(
    ledger: Ledger, store: Store
) -> None:
    with pytest.raises(LedgerForgotten, match="ledger rebuild"):
        await refuse_forgotten_ledger(ledger, store, Keeping())


async def test_a_ledger_that_knows_a_take_or_is_meant_to_be_empty_is_not_asked_about(
    ledger: Ledger, store: Store, tmp_path: Path
) -> None:
    await refuse_forgotten_ledger(ledger, Store(str(tmp_path / "empty")), Keeping())
    await put(ledger, clip_of(), 1, TakeState.INTENDED)
    await refuse_forgotten_ledger(ledger, store, Keeping())


async def test_a_person_may_say_that_it_is_meant(ledger: Ledger, store: Store) -> None:
    await ledger.begin()
    await refuse_forgotten_ledger(ledger, store, Keeping())


@pytest.mark.parametrize("content", [None, b""], ids=["gone", "0 bytes"])
async def test_a_plan_without_a_ledger_asks_before_it_counts_all_as_new(
    store: Store, tmp_path: Path, content: bytes | None
) -> None:
    storyboard, profile, ledger = (tmp_path / name for name in ("a.yaml", "p.yaml", "ledger"))
    storyboard.write_text("title: A\nscenes: [{name: a, shots: [waves at night]}]")
    profile.write_text(f"keeping: {{ledger: {ledger}, store: {tmp_path / 'store'}}}")
    if content is not None:
        ledger.write_bytes(content)

    with pytest.raises(LedgerForgotten, match="ledger rebuild"):
        planned(storyboard, Wanted(str(profile)))

    assert planned(storyboard, Wanted(str(profile), fresh=True)).to_pay == (0.1, 0.1)
    assert content is None or ledger.read_bytes() == b"", "a plan leaves no tables"
    ledger.unlink(missing_ok=True)
    ledger.mkdir()
    with pytest.raises(LedgerUnreachable, match="it is a folder; name a file"):
        planned(storyboard, Wanted(str(profile)))
