"""The room's own imports: from file to file, never through its front door, never in a circle."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp

ROOM = "longtake.emulator"


def test_its_files_import_each_other_directly_and_never_in_a_circle() -> None:
    graph = grimp.build_graph("longtake", cache_dir=None)
    files = graph.find_descendants(ROOM)
    imports = {one: graph.find_modules_directly_imported_by(one) for one in files}
    assert not [one for one, named in imports.items() if ROOM in named]
    order = TopologicalSorter({one: named & files for one, named in imports.items()})
    assert len(list(order.static_order())) == len(files)  # CycleError names the circle
