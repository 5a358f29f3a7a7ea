"""The key after all of that: searched for in every database, log, store and folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.deployments.acceptance import ON_REQUEST, Film
from tests.deployments.stack import KEY, ROOT, Stack

pytestmark = pytest.mark.slow

BLOCK = "acceptance-key"
KEPT_IN_BLOCK = "SG_blockkey9876543210"
"""Another key, which is in a Secret block alone."""


def dump(stack: Stack, database: str) -> str:
    """A whole database of the stack as SQL, every table of it."""
    address = stack.env["LONGTAKE_KEEPING__LEDGER"].rpartition("/")[0]
    (binary, *_) = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), reverse=True)
    done = subprocess.run(
        [str(binary), f"{address}/{database}"], capture_output=True, check=True, timeout=300
    )
    return done.stdout.decode()


def holders(folder: Path, mark: bytes) -> set[str]:
    """The files of a folder that have the mark in them."""
    found = set()
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # PostgreSQL's own come and go
            if path.is_file() and mark in path.read_bytes():
                found.add(str(path.relative_to(folder)))
    return found


def stored(stack: Stack, key: str) -> set[str]:
    """The objects of the store that have the key in them; all of it is fetched."""
    script = (
        "import sys; from fsspec.core import url_to_fs; fs, root = url_to_fs(sys.argv[1]); "
        "fs.get(root, sys.argv[2], recursive=True)"
    )
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-c", script, stack.env["LONGTAKE_KEEPING__STORE"], folder]
        subprocess.run(words, env=stack.env, check=True, timeout=300)
        assert any(Path(folder).rglob("*.mp4"))
        return {f"s3:{name}" for name in holders(Path(folder), key.encode())}


def places_of(stack: Stack, key: str) -> set[str]:
    """Where a key is found: in a dump, an object, or a file of the stack's folder."""
    found = {name for name in ("prefect", "ledger") if key in dump(stack, name)}
    return found | stored(stack, key) | holders(stack.folder, key.encode())


@contextmanager
def keyed_by_block(stack: Stack) -> Iterator[None]:
    """The deployments with a Secret block in place of the key in the workers' environment."""
    words = [sys.executable, str(ROOT / "deployments/setup.py"), "--api-key-block", BLOCK]
    environ = stack.env | {"SEGMIND_API_KEY": KEPT_IN_BLOCK}
    subprocess.run(words, env=environ, cwd=ROOT, check=True, timeout=180, capture_output=True)
    keyed = {"SEGMIND_API_KEY": "", "LONGTAKE_API_KEY_BLOCK": BLOCK}
    before = {}
    for name in (ON_REQUEST, "render-scene/longtake-scenes"):
        deployment = stack.api("GET", f"/deployments/name/{name}")
        before[deployment["id"]] = variables = deployment["job_variables"]
        changed = variables | {"env": variables["env"] | keyed}
        stack.api("PATCH", f"/deployments/{deployment['id']}", job_variables=changed)
    try:
        yield
    finally:
        for deployment_id, variables in before.items():
            stack.api("PATCH", f"/deployments/{deployment_id}", job_variables=variables)


def test_the_search_finds_what_is_there(unhurried: Stack) -> None:
    film = Film(unhurried, "Searched", (1,))
    film.is_whole(film.ended(film.begin()))
    found = places_of(unhurried, film.title)
    record = Path(film.out).relative_to(unhurried.folder) / "run.json"
    assert {"prefect", "ledger", str(record)} <= found
    assert any(name.startswith("s3:") and "plans/" in name for name in found)
    assert any(name.startswith("logs/scenes-") for name in found)
    assert any(name.endswith("/review.html") for name in found)


def test_a_key_in_a_secret_block_pays_and_is_nowhere_in_clear(unhurried: Stack) -> None:
    film = Film(unhurried, "Paid by block", (1,))
    with keyed_by_block(unhurried):
        film.is_whole(film.ended(film.begin()))
    (account,) = {job["account"] for job in film.jobs()}
    others = {job["account"] for job in unhurried.accepted() if job not in film.jobs()}
    assert account not in others
    assert BLOCK in dump(unhurried, "prefect")
    assert places_of(unhurried, KEPT_IN_BLOCK) == set()


def test_the_key_is_nowhere_but_in_its_own_file(unhurried: Stack) -> None:
    assert places_of(unhurried, KEY) == {"segmind.key"}
