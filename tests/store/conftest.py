"""A store on every kind of place: a folder, fsspec's memory, and an S3 on loopback."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from longtake.store import Store


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 service of moto's on loopback, reached as s3fs reaches any other."""
    pytest.importorskip("s3fs", reason="the extra longtake[s3] is not installed")
    server = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        running.start()
        host, port = running.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        yield f"http://{host}:{port}"
        running.stop()


@pytest.fixture
def bucket(s3_endpoint: str) -> str:
    import s3fs

    name = f"films-{secrets.token_hex(4)}"
    s3fs.S3FileSystem().mkdir(name)
    return name


@pytest.fixture(params=["folder", "memory", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "store")
    if request.param == "memory":
        return f"memory://{secrets.token_hex(4)}/store"
    bucket: str = request.getfixturevalue("bucket")
    return f"s3://{bucket}/renders/store"


@pytest.fixture
def store(root: str, tmp_path: Path) -> Store:
    return Store(root, cache=tmp_path / "cache")


@pytest.fixture
def clip(tmp_path: Path) -> Callable[[bytes], tuple[Path, str]]:
    """A file with that content, and its hash."""

    def make(content: bytes = b"a clip" * 1000) -> tuple[Path, str]:
        digest = hashlib.sha256(content).hexdigest()
        path = tmp_path / f"{digest[:8]}.mp4"
        path.write_bytes(content)
        return path, digest

    return make
