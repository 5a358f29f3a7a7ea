"""Search for an input that ends in anything but an error of longtake's own.

    python -m bench.fuzz storyboards --seconds 3600
    python -m bench.fuzz pictures --seconds 3600
    python -m bench.fuzz bodies --seconds 3600

Needs ``pip install atheris`` (coverage-guided; Linux). What is found is written to ``crash-…`` or
``timeout-…`` in the working directory. An input may take five seconds of the processor and 500 MB
more than the process had before it. Without atheris there is a random search with ``--blind``.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HANGS_SECONDS = 120
"""By the clock: an input that does not compute, and does not end."""


def main() -> None:
    """Fuzz one target for so many seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=["bodies", "pictures", "storyboards"])
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--blind", action="store_true", help="without atheris, at random")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    search = _blind if chosen.blind else _guided
    search(chosen.target, chosen.seconds, chosen.seed)


def _guided(name: str, seconds: int, seed: int) -> None:
    import atheris

    rooms = ["longtake.documents", "longtake.story", "longtake.segmind", "PIL"]
    with atheris.instrument_imports(include=rooms):
        from tests.fuzz import seeds
        from tests.fuzz.targets import MEMORY_MB, TARGETS, used_mb, within_limits
    files: list[bytes] = getattr(seeds, name)()
    with tempfile.TemporaryDirectory(prefix="longtake-corpus-") as corpus:
        for number, content in enumerate(files):
            (Path(corpus) / str(number)).write_bytes(content)
        limits = [f"-max_total_time={seconds}", f"-timeout={HANGS_SECONDS}", f"-seed={seed + 1}"]
        limits += [f"-rss_limit_mb={MEMORY_MB + used_mb()}", "-max_len=20000"]
        target: Callable[[bytes], None] = within_limits()(TARGETS[name])
        atheris.Setup([sys.argv[0], *limits, corpus], target)
        atheris.Fuzz()


def _blind(name: str, seconds: int, seed: int) -> None:
    from tests.fuzz import seeds
    from tests.fuzz.targets import TARGETS, used_mb, within_limits

    files: list[bytes] = getattr(seeds, name)()
    chance = random.Random(seed)
    slowest, count, before = 0.0, 0, used_mb()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        content = _altered(chance, files)
        began = time.process_time()
        try:
            with within_limits():
                TARGETS[name](content)
        except Exception:  # whatever it is, the input that shows it is kept
            Path("crash-blind").write_bytes(content)
            raise
        slowest = max(slowest, time.process_time() - began)
        count += 1
    print(
        f"{name}: {count} inputs in {seconds} s, nothing but errors of longtake's own; the slowest "
        f"took {slowest:.1f} s of processor time, the memory grew by {used_mb() - before} MB"
    )


def _altered(chance: random.Random, files: list[bytes]) -> bytes:
    content = bytearray(chance.choice(files))
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randrange(len(content) + 1), chance.choice([0, 1, 4, 30])
        other = chance.choice(files)
        start = chance.randrange(len(other))
        pieces = [chance.randbytes(chance.randint(0, 6)), other[start : start + 40]]
        content[at : at + length] = chance.choice(pieces)
    return bytes(content)


if __name__ == "__main__":
    main()
