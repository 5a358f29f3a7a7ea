"""What `bench/mutations.py` found: what lives, what of it is equal, and how many died."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass
class Row:
    """What became of a file's mutants, and of which commit it was."""

    mutants: int = 0
    equal: int = 0
    lives: int = 0
    commit: str = ""

    def __str__(self) -> str:
        total = self.mutants - self.equal
        share = f"{1 - self.lives / total:.1%}" if total else "-"
        killed = f"{total - self.lives} ({share})"
        cells = (self.mutants, killed, self.equal, self.lives, self.commit)
        return " | ".join(map(str, cells))


def rows(results: dict[str, str]) -> dict[str, Row]:
    """A row for each file that was judged."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    known = set(equal(results))
    by_file: dict[str, Row] = defaultdict(lambda: Row(commit=f"`{commit}`"))
    for name, result in results.items():
        row = by_file[file_of(name).removeprefix("longtake/")]
        row.mutants += 1
        row.equal += name in known
        row.lives += result in LIVES and name not in known
    return by_file


def table(by_file: dict[str, Row]) -> Sequence[str]:
    """The rows, and their sum."""
    all_rows = by_file.values()
    together = Row(*(sum(getattr(row, name) for row in all_rows) for name in _COUNTED))
    head = ["| file | mutants | killed | equal | survived | commit |", "|---|---|---|---|---|---|"]
    files = [f"| `{file}` | {row} |" for file, row in sorted(by_file.items())]
    return [*head, *files, f"| together | {together} |"]


def equal_rows(results: dict[str, str]) -> Iterable[str]:
    """A line for each that lives and is equal, with the reason."""
    why = reasons()
    for name in equal(results):
        yield f"| {_cells(name)} | {why[function_of(name), *changes(name)]} |"


def live_rows(results: dict[str, str]) -> Iterable[str]:
    """A line for each that lives and is not known to be equal."""
    known = set(equal(results))
    for name, result in results.items():
        if result in LIVES and name not in known:
            yield f"| {_cells(name)} | lives |"


def _cells(mutant: str) -> str:
    cells = (f"`{each}`".replace("|", "\\|") for each in (function_of(mutant), *changes(mutant)))
    return " | ".join(cells)


def write_page(results: dict[str, str]) -> None:
    """The tables, into the page; files that were not judged keep what stands there of them."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    judged = rows(results)
    kept = {file: row for file, row in _rows_in(old) if file not in judged}
    modules = {file.removesuffix(".py").replace("/", ".") for file in judged}
    others = [line for line in _mutants_in(old) if not _of(line, modules)]
    mutants = sorted([*equal_rows(results), *live_rows(results), *others])
    content = [
        "Equal ones are no part of the share.",
        "",
        *table(judged | kept),
        "",
        "| equal | was | becomes | since |",
        "|---|---|---|---|",
        *(line for line in mutants if not line.endswith("| lives |")),
        "",
        "| survived | was | becomes | |",
        "|---|---|---|---|",
        *(line for line in mutants if line.endswith("| lives |")),
    ]
    PAGE.write_text(before + BEGIN + "\n".join(content) + "\n" + END + after)


_COUNTED = ("mutants", "equal", "lives")
_ROW = re.compile(r"\| `([^`]+\.py)` \| (\d+) \| [^|]+ \| (\d+) \| (\d+) \| ([^|]+) \|$")


def _rows_in(content: str) -> Iterable[tuple[str, Row]]:
    for line in content.splitlines():
        if found := _ROW.match(line):
            file, mutants, equals, lives, commit = found.groups()
            yield file, Row(int(mutants), int(equals), int(lives), commit)


def _mutants_in(content: str) -> Iterable[str]:
    lines = content.splitlines()
    return (each for each in lines if each.startswith("| `") and not _ROW.match(each))


def _of(line: str, modules: set[str]) -> bool:
    function = line.removeprefix("| `").partition("`")[0]
    return any(function.startswith(f"{module}.") for module in modules)
