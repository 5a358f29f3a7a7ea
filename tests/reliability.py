"""The page of what may go wrong and what happens then, made from the tests that play it.

``docs/reliability.md`` has the table between two marks: ``python -m tests.reliability``. Whatever
stands outside of them is written by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reliability.md"
BEGIN = "<!-- begin: python -m tests.reliability -->\n"
END = "<!-- end -->\n"

TRUST = (
    "rendering/test_late_files.py",
    "rendering/test_unusable.py",
    "rendering/test_giving_up.py",
    "rendering/test_prices.py",
    "rendering/test_paying.py",
    "segmind/test_ambiguous.py",
    "segmind/test_departure.py",
    "segmind/test_history.py",
    "segmind/test_history_rows.py",
    "segmind/test_likeness.py",
    "segmind/test_key.py",
    "segmind/test_boundary.py",
    "segmind/test_hosts.py",
    "segmind/test_download.py",
    "ledger/test_witnesses.py",
    "ledger/test_rebuilding.py",
    "ledger/test_prices.py",
    "ledger/test_database.py",
    "ledger/test_migrations.py",
    "simulation/test_odd_answers.py",
    "rendering/test_key_nowhere.py",
    "documents/test_reading.py",
    "documents/test_problems.py",
    "documents/test_hostile_files.py",
    "media/test_stills.py",
    "rendering/test_stills.py",
    "rendering/test_preflight.py",
    "cli/test_streams.py",
    "cli/test_interrupting.py",
    "test_settings.py",
    "test_surroundings.py",
    "segmind/test_environment.py",
    "fuzz/test_inputs.py",
)
"""The tests of money, of hostile answers, files and surroundings, in the order of the page."""


def sections() -> Iterator[str]:
    """A section for each file: its sentence, then what its tests say happens."""
    for name in TRUST:
        path = ROOT / "tests" / name
        module = ast.parse(path.read_text(encoding="utf-8"))
        said = (ast.get_docstring(module) or "").partition("\n")[0]
        yield f"### {said}\n\nPlayed by [{name}](../tests/{name}):\n\n"
        yield "".join(f"- {sentence}\n" for sentence in _sentences(module)) + "\n"


def _sentences(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_":
            words = node.name.removeprefix("test_").replace("_", " ")
            yield words[0].upper() + words[1:]


def page(known: str) -> str:
    """The page with its table made again; what is around it stays."""
    before, _, rest = known.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + "".join(sections()) + END + after


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
