"""What `bench/mutations.py` found: what lives, what of it is equal, and how many died."""

from __future__ import annotations

import subprocess
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

ROOT = Path(__file__).parents[1]
EQUAL = ROOT / "bench/equal_mutants.toml"
PAGE = ROOT / "docs/reliability.md"
BEGIN = "<!-- begin: python bench/mutations.py --page -->\n"
END = "<!-- end of the mutations -->\n"
LIVES = ("survived", "no test")


def file_of(mutant: str) -> str:
    """Its file, as longtake/ledger/claims.py."""
    return mutant.partition(".x")[0].replace(".", "/") + ".py"


def function_of(mutant: str) -> str:
    """What was changed, as ledger.claims.intend."""
    name = mutant.partition("__mutmut_")[0].removeprefix("longtake.")
    return name.replace("xǁ", "").replace("ǁ", ".").replace(".x_", ".")


def is_of(mutant: str, only: str) -> bool:
    """Whether it is of one of these files."""
    return not only or Path(file_of(mutant)).stem in only.split(",")


def changes(mutant: str) -> tuple[str, str]:
    """The line that is another in it: as it was, and as it is."""
    lines = get_diff_for_mutant(mutant, path=file_of(mutant)).split("\n")[2:]
    was = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    return was, " ".join(line[1:].strip() for line in lines if line.startswith("+"))


def print_survivors(results: dict[str, str]) -> None:
    """What was changed in each that lives and is not known to be equal."""
    known = set(equal(results))
    for name, result in results.items():
        if result in LIVES and name not in known:
            was, is_now = changes(name)
            print(f"## {function_of(name)} ({result})\n-{was}\n+{is_now}")


def reasons() -> dict[tuple[str, str, str], str]:
    """Why a mutant is equal, by its function and its line before and after."""
    said = tomllib.loads(EQUAL.read_text())["equal"]
    return {(each["of"], each["was"], each["is"]): each["why"] for each in said}


def equal(results: dict[str, str]) -> Iterable[str]:
    """Those of the mutants that live of which it is known why."""
    known = reasons()
    for name, result in results.items():
        if result in LIVES and (function_of(name), *changes(name)) in known:
            yield name


def table(results: dict[str, str]) -> Sequence[str]:
    """A row for each file, and their sum."""
    known = set(equal(results))
    by_file: dict[str, Counter[str]] = defaultdict(Counter)
    for name, result in results.items():
        for place in (f"`{file_of(name).removeprefix('longtake/')}`", "together"):
            by_file[place]["equal" if name in known else result] += 1
    rows = ["| file | mutants | killed | equal | survived |", "|---|---|---|---|---|"]
    for file, counted in sorted(by_file.items()):
        lives = sum(counted[each] for each in LIVES)
        total = counted.total() - counted["equal"]
        share = f"{1 - lives / total:.1%}" if total else "-"
        killed = f"{total - lives} ({share})"
        rows.append(f"| {file} | {counted.total()} | {killed} | {counted['equal']} | {lives} |")
    return rows


def equal_table(results: dict[str, str]) -> Iterable[str]:
    """Each that lives and is equal, with the reason."""
    yield from ("| equal | was | becomes | since |", "|---|---|---|---|")
    why = reasons()
    for name in equal(results):
        was, becomes = changes(name)
        reason = why[function_of(name), was, becomes]
        cells = (f"`{each}`".replace("|", "\\|") for each in (function_of(name), was, becomes))
        yield f"| {' | '.join(cells)} | {reason} |"


def write_page(results: dict[str, str]) -> None:
    """The table, into the page."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    when = (
        f"{datetime.now(UTC):%Y-%m-%d}, commit `{commit}`; equal ones are no part of the share.\n"
    )
    page = PAGE.read_text()
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    content = "\n".join([when, *table(results), "", *equal_table(results)]) + "\n"
    PAGE.write_text(before + BEGIN + content + END + after)
