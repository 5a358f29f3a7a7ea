"""The image is built and the compose file started: films come, whatever befalls the containers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deployments.stack import ROOT

pytestmark = pytest.mark.slow

SCRIPT = ROOT / "deployments/try-containers.sh"
TRIED = 6
"""On request, by a schedule, a worker killed, one stopped, one cut off, the database restarted."""


def answers(environment: Mapping[str, str]) -> bool:
    """Whether an engine answers there."""
    done = subprocess.run(["docker", "info"], env=environment, capture_output=True, timeout=60)
    return done.returncode == 0


@pytest.fixture
def engine() -> Iterator[dict[str, str]]:
    """An engine that may be talked to, as an environment: the one that is there, or one of ours."""
    if not shutil.which("docker"):
        pytest.skip("there is no docker here: `apt-get install docker.io docker-compose`")
    environment = dict(os.environ)
    if answers(environment):
        yield environment
    elif shutil.which("dockerd") and os.geteuid() == 0:
        with tempfile.TemporaryDirectory(prefix="longtake-docker-") as name, ours(Path(name)) as at:
            yield environment | {"DOCKER_HOST": at}
    else:
        pytest.skip("no Docker engine answers, and none can be started but by root")


@contextmanager
def ours(folder: Path) -> Iterator[str]:
    """An engine of our own in a folder: its address."""
    at = f"unix://{folder}/docker.sock"
    words = ["--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
    words += ["-H", at, "--pidfile", str(folder / "pid")]
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen(["dockerd", *words], stdout=log, stderr=log)
        try:
            until = time.monotonic() + 60
            while not answers(os.environ | {"DOCKER_HOST": at}):
                if daemon.poll() is not None or time.monotonic() > until:
                    pytest.skip(
                        f"no engine could be started: {(folder / 'log').read_text()[-300:]}"
                    )
                time.sleep(0.5)
            yield at
        finally:
            daemon.terminate()
            daemon.wait(60)


@pytest.fixture
def base_images(engine: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """What the script needs for its base images: nothing, or a folder to make them in."""
    wanted = ["docker", "pull", "--quiet", "python:3.11-slim"]
    if subprocess.run(wanted, env=engine, capture_output=True, timeout=300).returncode == 0:
        return {}
    if not shutil.which("debootstrap") or os.geteuid() != 0:
        pytest.skip("no registry of images answers, and there is no debootstrap to make them with")
    return {"STAND_INS": str(tmp_path / "stand-ins"), "BUILD_NETWORK": "host"}


def test_films_come_whatever_befalls_the_containers(
    engine: dict[str, str], base_images: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "said"
    with log.open("w") as said:
        done = subprocess.run(
            [str(SCRIPT)], env=engine | base_images, stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, timeout=3600,
        )  # fmt: skip
    text = log.read_text()
    assert done.returncode == 0, text[-3000:]
    films = re.findall(r"^(.+): completed after (\d+) s, \d+ clips, .* once: True$", text, re.M)
    assert len(films) == TRIED, text[-3000:]
    print("\n".join(f"{title}: {seconds} s" for title, seconds in films))
