"""A real PostgreSQL for tests: a cluster of our own in a temporary folder, on a free port.

``with postgres_cluster(folder) as cluster: cluster.new_database()`` gives a URL. Raises
PostgresMissing where no server is installed; skip then.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class PostgresMissing(Exception):
    """No PostgreSQL server is installed here."""


@dataclass(frozen=True)
class PostgresCluster:
    """A running cluster; ``url`` is that of its maintenance database."""

    bin: Path
    port: int
    data: Path

    @property
    def pid(self) -> int:
        """The server's main process."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def url(self, database: str) -> str:
        """The URL of a database, as a person would write it."""
        return f"postgresql://longtake@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"ledger_{secrets.token_hex(4)}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def empty_database(self) -> str:
        """The URL of the one database that tests share, emptied; much quicker than a new one."""
        self.sql("postgres", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.url("postgres")

    def sql(self, database: str, statement: str) -> str:
        """Run one statement through psql and return what it prints."""
        command = [
            str(self.bin / "psql"), "-X", "-q", "-A", "-t",
            "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database),
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()


@contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A cluster of trusting users on loopback, gone at the end."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="longtake-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        data = folder / "data"
        _run(binaries / "initdb", "-D", data, "-U", "longtake", "-A", "trust", "-E", "UTF8", "-N")
        port = _free_port()
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off"
        options += f" -c unix_socket_directories={folder} -c max_connections=60"
        control = (binaries / "pg_ctl", "-D", data, "-w")
        _run(*control, "-l", folder / "log", "-o", options, "start")
        try:
            yield PostgresCluster(binaries, port, data)
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = shutil.which("pg_ctl")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "psql").exists():
            return place
    raise PostgresMissing("PostgreSQL is not installed (apt-get install postgresql)")


def _run(*command: str | Path) -> None:
    """The server refuses to run as root, so root becomes nobody."""
    user = "nobody" if os.geteuid() == 0 else None
    words = [str(word) for word in command]
    # pg_ctl's server inherits our pipes, so what it says goes to its log instead.
    done = subprocess.run(
        words, user=user, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
