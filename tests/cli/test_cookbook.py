"""The recipes of docs/cookbook.md that render nothing."""

from __future__ import annotations

import pytest

from tests.cookbook import PAGE, Block, Kitchen, blocks, kitchen, recipes

__all__ = ["kitchen"]


def test_every_block_of_the_page_is_of_a_kind_that_is_run() -> None:
    found = blocks(PAGE.read_text("utf-8"))
    assert {each.kind for each in found} == {"yaml", "sh", "text"}
    assert all(each.name for each in found if each.kind == "yaml")
    assert PAGE.read_text("utf-8").count("```") == 2 * len(found)


@pytest.mark.parametrize("recipe", recipes(renders=False))
def test_a_recipe_does_what_it_says(recipe: list[Block], kitchen: Kitchen) -> None:
    kitchen.follow(recipe)
