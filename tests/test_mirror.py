"""Every file of the rooms that hold decisions has tests of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("longtake/rendering", "tasks", "flows")
FILES = sorted(
    path.relative_to(ROOT)
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if path.name != "__init__.py"
)

THROUGH = {
    "flows/heal.py": "tests/rendering/test_healing.py",
    "longtake/rendering/deciding.py": "tests/cli/test_choosing.py",
    "longtake/rendering/heals.py": "tests/rendering/test_healing.py",
    "longtake/rendering/kept_material.py": "tests/review/test_making.py",
    "longtake/rendering/own_clip.py": "tests/rendering/test_own_film.py",
    "longtake/rendering/plan_basis.py": "tests/rendering/test_kept_plan.py",
    "longtake/rendering/price_limit.py": "tests/cli/test_plan_refusals.py",
    "longtake/rendering/promises.py": "tests/rendering/test_kept_plan.py",
    "longtake/rendering/provenance.py": "tests/provenance/test_signing.py",
    "longtake/rendering/readings.py": "tests/end_to_end/test_render.py",
    "longtake/rendering/reasons.py": "tests/rendering/test_plan_reasons.py",
    "tasks/host.py": "tests/end_to_end/test_render.py",
    "tasks/own_server.py": "tests/tasks/test_prefect_server.py",
    "tasks/people/anchors.py": "tests/end_to_end/test_anchors.py",
    "tasks/people/approval.py": "tests/end_to_end/test_pauses.py",
    "tasks/people/asking.py": "tests/end_to_end/test_pauses.py",
    "tasks/people/credits.py": "tests/end_to_end/test_pauses.py",
    "tasks/people/form.py": "tests/end_to_end/test_pauses.py",
    "tasks/people/waking.py": "tests/end_to_end/test_pauses.py",
    "tasks/scene_runs.py": "tests/deployments/test_acceptance_deaths.py",
}
"""Those that no test imports: which tests go through them from outside. No new ones, please."""


def imported_by(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
    return names


@pytest.fixture(scope="module")
def tested() -> set[str]:
    """What the tests import."""
    return {name for path in (ROOT / "tests").rglob("*.py") for name in imported_by(path)}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_has_a_test_file_or_is_imported_by_a_test(path: Path, tested: set[str]) -> None:
    mirrored = ROOT / "tests" / path.relative_to(path.parts[0]).with_name(f"test_{path.name}")
    known = mirrored.is_file() or ".".join(path.with_suffix("").parts) in tested
    through = THROUGH.get(path.as_posix())
    assert known or through, "write its tests"
    assert through is None or (ROOT / through).is_file()
