"""Rules that hold for the whole tree, each with its exceptions and their reasons."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("longtake", "tasks", "flows")
EVERY = (*OURS, "deployments", "bench", "tests")

MOST_LINES = 300
MOST_FIELDS = 13
"""About a dozen."""

DOCUMENTS = {"BaseModel", "BaseSettings", "Authored", "Planned", "Plan", "Overrides", "Reading"}
"""Bases of what is written to a file or read from one: as many fields as the file has keys."""

MANY_FIELDS = {
    "EmulatedRequest": "a row: what the emulator keeps of a job",
    "EmulatorConfig": "a list of settings, a flag or a key of a profile each, which a user writes",
    "ReportedFacts": "keyword arguments: the facts of run.json, one each",
    "Slate": "a row of the ledger's table",
}

REASONED = re.compile(r"(noqa: [A-Z0-9, ]+?( - |  )\s*\S)|(type: ?ignore\[[a-z, -]+\] +#? ?\S)")
WAIVED = re.compile(r"#\s*(noqa|type: ?ignore)")


def files(*rooms: str) -> list[Path]:
    """The Python files of rooms, by their paths from the root."""
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """What a file says."""
    return ast.parse(path.read_text(encoding="utf-8"))


def classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    """Every public class of the rooms that are shipped."""
    for path in files(*OURS):
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield path, node


def fields_of(node: ast.ClassDef) -> set[str]:
    """What an object of the class keeps: annotated, or set on ``self`` when it is made."""
    names = {
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name in ("__init__", "__post_init__"):
            names |= {
                each.attr
                for each in ast.walk(method)
                if isinstance(each, ast.Attribute)
                and isinstance(each.ctx, ast.Store)
                and ast.unparse(each.value) == "self"
            }
    return names


def test_no_file_is_long() -> None:
    lengths = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(*EVERY)
    }
    assert {path: count for path, count in lengths.items() if count > MOST_LINES} == {}


def test_a_name_means_one_class() -> None:
    places = defaultdict(list)
    for path, node in classes():
        places[node.name].append(path.relative_to(ROOT))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_class_has_many_fields_but_rows_and_documents() -> None:
    found = {
        node.name
        for _, node in classes()
        if len(fields_of(node)) > MOST_FIELDS
        and not DOCUMENTS & {ast.unparse(base) for base in node.bases}
    }
    assert found == set(MANY_FIELDS)


def imported_by(path: Path) -> set[str]:
    """The modules that a file imports when it is loaded or later, by their whole names."""
    nodes = list(ast.walk(parsed(path)))
    plain = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_every_file_of_tasks_needs_prefect() -> None:
    imports = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): imported_by(path)
        for path in files("tasks")
        if path.name != "__init__.py"
    }
    needing = {"prefect"}
    for _ in imports:  # as many steps as the longest way from sibling to sibling can have
        needing |= {
            module
            for module, names in imports.items()
            if needing & (names | {name.partition(".")[0] for name in names})
        }
    assert set(imports) - needing == set(), "these belong in longtake/rendering"


def test_whoever_waives_a_rule_says_why() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(*EVERY)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WAIVED.search(line) and not REASONED.search(line)
    ]
    assert silent == []


def patched(path: Path) -> Iterator[tuple[str, str]]:
    """What a test file patches: where a name lies, as far as it is written, and the name."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "monkeypatch.setattr":
            words = [ast.unparse(each).strip("'\"") for each in node.args]
            target, name = words[:2] if len(words) > 2 else words[0].rsplit(".", 1)
            yield target, name


def test_no_test_patches_a_private_name_or_a_module_of_ours() -> None:
    ours = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files(*OURS)}
    modules = ours | {module.rpartition(".")[2] for module in ours}
    patching = [path for path in files("tests") if "monkeypatch.setattr" in path.read_text("utf-8")]
    every = {each for path in patching for each in patched(path)}
    assert every, "nothing is patched at all: is this still how it is written?"
    assert {
        (target, name) for target, name in every if name[0] == "_" or target in modules
    } == set()
