"""The recipes of docs/cookbook.md that render."""

from __future__ import annotations

import pytest

from tests.cookbook import Block, Kitchen, kitchen, recipes

__all__ = ["kitchen"]

pytestmark = pytest.mark.slow  # each renders once or twice


@pytest.mark.parametrize("recipe", recipes(renders=True))
def test_a_recipe_does_what_it_says(recipe: list[Block], kitchen: Kitchen) -> None:
    kitchen.follow(recipe)
