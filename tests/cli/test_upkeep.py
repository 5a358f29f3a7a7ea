"""``longtake ledger verify`` and ``gc``: nothing that was paid for goes, and damage is noticed."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from longtake.ledger import Ledger
from longtake.store import ObjectKind, Store
from tests.cli.kept import OWNER, Kept, age, name_of, read_json

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A ledger with one stored take, ``a``."""
    kept = Kept(tmp_path)
    kept.store_clip("a")
    return kept


def words(capsys: Capture) -> str:
    captured = capsys.readouterr()
    return " ".join(f"{captured.out} {captured.err}".split())


def keys(kept: Kept) -> set[str]:
    return {listed.key for listed in asyncio.run(Store(kept.store_root).walk())}


# -- verify -------------------------------------------------------------------------------------


def test_a_whole_store_is_well(kept: Kept, capsys: Capture) -> None:
    assert kept.call("verify") == 0
    assert "read 1 object, 1.0 kB" in (said := words(capsys))
    assert "0 missing, 0 damaged, 0 unknown" in said
    assert "fix" not in said


def test_a_missing_clip_is_named_with_whose_it_is(kept: Kept, capsys: Capture) -> None:
    path = kept.store_clip("b", storyboard="Gulls [4]")
    path.unlink()
    assert kept.call("verify") == 4
    said = words(capsys)
    assert f"missing clips/{path.parent.name}/{path.name} scene/b.1 of Gulls [4]" in said
    assert "fix: run these renders again" in said


@pytest.mark.parametrize("damage", [b"", b"another clip"], ids=["cut", "changed"])
def test_a_damaged_clip_is_named_and_left_where_it_is(
    damage: bytes, kept: Kept, capsys: Capture
) -> None:
    path = kept.store_clip("b")
    path.write_bytes(damage)
    assert kept.call("verify", "--json") == 4
    answer = read_json(capsys.readouterr().out)
    assert (answer["missing"], answer["unknown"], answer["checked_count"]) == ([], [], 2)
    (fault,) = answer["damaged"]
    assert fault["key"].endswith(path.name)
    assert [take["clip_id"] for take in fault["takes"]] == ["scene/b.1"]
    assert path.read_bytes() == damage


def test_a_damaged_frame_that_the_ledger_knows_counts(kept: Kept, capsys: Capture) -> None:
    digest, path = kept.put("frame", ObjectKind.FRAME)
    kept.tell(lambda ledger: ledger.remember_frame("c" * 64, 80, "png-1", digest))
    assert kept.call("verify") == 0
    path.write_bytes(b"")
    assert kept.call("verify") == 4
    assert "damaged frames/" in words(capsys)


def test_what_the_ledger_never_promised_may_be_damaged_or_unknown(
    kept: Kept, capsys: Capture
) -> None:
    _, segment = kept.put("segment", ObjectKind.SEGMENT)
    segment.write_bytes(b"")
    _, orphan = kept.put("orphan", ObjectKind.CLIP)
    assert kept.call("verify") == 0
    said = words(capsys)
    assert "1 damaged, 1 unknown to the ledger" in said
    assert f"unknown clips/{orphan.parent.name}/{orphan.name}" in said
    assert "longtake ledger gc" in said


@pytest.mark.thorough
@pytest.mark.parametrize(
    "kind", [ObjectKind.SEGMENT, ObjectKind.FILM, ObjectKind.STILL, ObjectKind.PLAN]
)
def test_what_each_render_puts_there_again_is_not_unknown(
    kind: ObjectKind, kept: Kept, capsys: Capture
) -> None:
    kept.put("something", kind)
    assert kept.call("verify") == 0
    assert "0 damaged, 0 unknown" in words(capsys)


def test_a_remote_store_is_read_itself_and_not_its_cached_copies(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = f"memory://{secrets.token_hex(4)}/store"
    kept = Kept(tmp_path, store_root=root)
    kept.store_clip("a")
    (key,) = keys(kept)
    digest = Path(key).stem
    asyncio.run(Store(root).local(digest, ObjectKind.CLIP))  # cached now
    assert kept.call("verify") == 0
    import fsspec

    fsspec.filesystem("memory").pipe_file(f"{root.removeprefix('memory:/')}/{key}", b"broken")
    assert kept.call("verify") == 4
    assert "damaged clips/" in words(capsys)


# -- gc -----------------------------------------------------------------------------------------


@pytest.fixture
def littered(kept: Kept) -> Kept:
    """Next to the stored clip: a known frame, and in vain an object of every kind."""
    digest, _ = kept.put("known frame", ObjectKind.FRAME)
    kept.tell(lambda ledger: ledger.remember_frame("c" * 64, 80, "png-1", digest))
    for kind in ObjectKind:
        kept.put(f"in vain {kind}", kind)
    return kept


def test_without_yes_it_is_only_said(littered: Kept, capsys: Capture) -> None:
    before = keys(littered)
    assert littered.call("gc") == 0
    said = words(capsys)
    assert "would delete 6 objects, 77.0 kB" in said
    for kind in ObjectKind:
        assert f"{kind} 1 {len(f'in vain {kind}')}.0 kB" in said
    assert "nothing was deleted: --yes does it" in said
    assert keys(littered) == before


def test_with_yes_only_what_nobody_refers_to_goes(littered: Kept, capsys: Capture) -> None:
    assert littered.call("gc", "--yes", "--json") == 0
    answer = read_json(capsys.readouterr().out)
    assert (answer["deleted"], answer["size_bytes"]) == (True, 77000)
    assert {each["kind"] for each in answer["objects"]} == set(ObjectKind)
    assert sorted(key.split("/")[0] for key in keys(littered)) == ["clips", "frames"]
    assert littered.call("verify") == 0
    assert littered.call("gc", "--yes") == 0
    assert "deleted 0 objects" in words(capsys)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("days_old", "older_than", "goes"),
    [
        (6.9, [], False),
        (7.1, [], True),
        (2, ["--older-than", "1"], True),
        (0.03, ["--older-than", "0"], False),
        (0.05, ["--older-than", "0"], True),
    ],
)
def test_what_is_young_is_spared_for_an_hour_at_least(
    days_old: float, older_than: list[str], goes: bool, kept: Kept
) -> None:
    for kind in ObjectKind:
        kept.put(f"in vain {kind}", kind, days_old=days_old)
    assert kept.call("gc", "--yes", *older_than) == 0
    assert len(keys(kept)) == (1 if goes else 1 + len(ObjectKind))


@pytest.fixture
def crashed(kept: Kept) -> Kept:
    """``b`` was sent three days ago; its file was stored, then a crash came before the record."""
    kept.now = datetime.now(UTC) - timedelta(days=3)
    kept.submit("b")
    kept.put("b", ObjectKind.CLIP, days_old=2)
    return kept


def test_an_unknown_clip_stays_while_it_may_be_a_paid_takes_only_file(
    crashed: Kept, capsys: Capture
) -> None:
    _, older = crashed.put("from before it was sent", ObjectKind.CLIP, days_old=4)
    assert crashed.call("gc", "--yes", "--older-than", "1") == 0
    assert "spared 1 object, 1.0 kB: clips that may belong to takes" in words(capsys)
    assert not older.exists()
    assert len(keys(crashed)) == 2
    assert crashed.call("gc", "--json") == 0
    assert read_json(capsys.readouterr().out)["doubtful"] == []  # younger than a week anyway


@pytest.mark.parametrize("end", ["failed", "stored"])
def test_an_unknown_clip_goes_once_no_paid_take_lacks_its_file(end: str, crashed: Kept) -> None:
    async def settle(ledger: Ledger) -> None:
        if end == "failed":
            await ledger.failed(name_of("b"), OWNER, "CUDA went away")
        else:
            await ledger.stored(name_of("b"), OWNER, "c" * 64, 1000, 81, 832, 480)

    crashed.tell(settle)
    assert crashed.call("gc", "--yes", "--older-than", "1") == 0
    assert len(keys(crashed)) == 1


def test_unfinished_files_go_with_it(kept: Kept, capsys: Capture) -> None:
    parts = Path(kept.store_root, ".unfinished")
    parts.mkdir(exist_ok=True)
    old, young = parts / "old.part", parts / "young.part"
    for part in (old, young):
        part.write_bytes(b"half a clip")
    age(old, 8)
    assert kept.call("gc") == 0
    assert old.exists()
    assert kept.call("gc", "--yes") == 0
    assert "removed 1 that were left unfinished" in words(capsys)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_ledger_that_knows_no_clip_of_the_store_deletes_none(kept: Kept, capsys: Capture) -> None:
    stranger = Kept(kept.folder / "other", store_root=kept.store_root)
    stranger.folder.mkdir()
    stranger.tell(lambda ledger: ledger.costs())
    before = keys(kept)
    assert stranger.call("gc", "--yes") == 3
    assert "knows none of the clips in the store" in words(capsys)
    assert keys(kept) == before


def test_the_clip_of_a_take_that_was_lost_and_found_is_known(kept: Kept) -> None:
    name = kept.submit("b")

    async def lose(ledger: Ledger) -> None:
        await ledger.lost(name, OWNER, "gone")

    kept.tell(lose)
    digest, path = kept.put("b", ObjectKind.CLIP)
    kept.tell(lambda ledger: ledger.stored(name, OWNER, digest, 1000, 81, 832, 480))
    assert kept.call("gc", "--yes") == 0
    assert path.exists()


@pytest.mark.parametrize("command", ["verify", "gc"])
def test_a_store_that_cannot_be_used_is_an_error_with_a_fix(
    command: str, kept: Kept, capsys: Capture
) -> None:
    kept.store_root = "nowhere://store"
    assert kept.call(command) == 2
    assert "the store nowhere://store cannot be used" in words(capsys)
    clips = Path(kept.folder, "broken", "clips")
    clips.parent.mkdir()
    clips.write_text("a file where the folder of clips must be")
    kept.store_root = str(clips.parent)
    assert kept.call(command) == 3
    assert "check that the folder exists" in words(capsys)
