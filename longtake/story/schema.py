"""The storyboard's JSON Schema, for editors: ``python -m longtake.story.schema`` prints it."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from longtake.story.authored import Authored
from longtake.story.family import Family, shipped
from longtake.story.storyboard import Storyboard

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _ForEditors(GenerateJsonSchema):
    """Says what to write: that a key may also be left empty is not worth a completion."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False  # a title that repeats the key tells nothing

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = super().default_schema(schema)
        if inner.get("default", ...) in (None, {}):
            inner.pop("default")
        return inner

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        fields = schema["cls"].model_fields
        for name, text in _docstrings(schema["cls"]):
            of_key = made["properties"].get(fields[name].alias or name)
            if of_key is not None:
                of_key["description"] = text
        return made


def _docstrings(model: type) -> Iterator[tuple[str, str]]:
    """Each attribute with the text below it: read here, since every start would pay for it."""
    for one in reversed(model.__mro__):
        if issubclass(one, Authored):
            source = ast.walk(ast.parse(textwrap.dedent(inspect.getsource(one))))
            definition = next(each for each in source if isinstance(each, ast.ClassDef))
            for field, below in pairwise(definition.body):
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and field.target.id in one.model_fields
                    and isinstance(below, ast.Expr)
                    and isinstance(below.value, ast.Constant)
                ):
                    yield field.target.id, inspect.cleandoc(str(below.value.value))


def storyboard_schema() -> dict[str, Any]:
    """The schema of a storyboard file, as JSON data."""
    schema = Storyboard.model_json_schema(schema_generator=_ForEditors)
    unwrapped: dict[str, Any] = _unwrapped(schema)
    return {"$schema": _DIALECT} | unwrapped


def schema_text() -> str:
    """The schema as it is committed: indented, with a newline at the end."""
    return json.dumps(storyboard_schema(), indent=2, ensure_ascii=False) + "\n"


def facts_in_words(family: Family) -> dict[str, str]:
    """What the descriptions leave open in <>, as the family has it."""
    counts = family.lengths.counts(family.default_fps)
    *most, last = map(str, counts.clean)
    sizes = {name: next(iter(shapes.values())) for name, shapes in family.sizes.items()}
    pixels = [f"{width}x{height} pixels" for width, height in sizes.values()]
    pixels[0] = f"default, {pixels[0]}"
    ranges = {name: f"{least:g} to {most:g}" for name, (least, most) in family.ranges.items()}
    return ranges | {
        "aspect_ratios": _either(
            f"`{ratio}`" + " (default)" * (not index)
            for index, ratio in enumerate(family.aspect_ratios)
        ),
        "sizes": _either(f"`{name}` ({each})" for name, each in zip(sizes, pixels, strict=True)),
        "least": str(family.lengths.default),
        "most": str(family.lengths.most),
        "clean": f"{', '.join(most)} and {last}",
        "beyond": str(counts.most + 1),
        "longest": str(counts.most),
        "default_fps": str(family.default_fps),
        "t2v_loras": str(family.text_to_video.most_loras),
        "i2v_loras": str(family.image_to_video.most_loras),
    }


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)


def _told(description: str) -> str:
    """As one line: where the source wraps it is nothing to an editor."""
    facts = facts_in_words(shipped())
    return " ".join(re.sub(r"<(\w+)>", lambda found: facts[found[1]], description).split())


def _unwrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _told(item) if key == "description" and isinstance(item, str) else _unwrapped(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    return value


if __name__ == "__main__":
    sys.stdout.write(schema_text())
