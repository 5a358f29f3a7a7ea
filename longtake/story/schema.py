"""The storyboard's JSON Schema, for editors: ``python -m longtake.story.schema`` prints it."""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

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


def storyboard_schema() -> dict[str, Any]:
    """The schema of a storyboard file, as JSON data."""
    schema = Storyboard.model_json_schema(schema_generator=_ForEditors)
    unwrapped: dict[str, Any] = _unwrapped(schema)
    return {"$schema": _DIALECT} | unwrapped


def schema_text() -> str:
    """The schema as it is committed: indented, with a newline at the end."""
    return json.dumps(storyboard_schema(), indent=2, ensure_ascii=False) + "\n"


def _unwrapped(value: Any) -> Any:
    """Descriptions as one line: where the source wraps them is nothing to an editor."""
    if isinstance(value, dict):
        return {
            key: " ".join(item.split())
            if key == "description" and isinstance(item, str)
            else _unwrapped(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    return value


if __name__ == "__main__":
    sys.stdout.write(schema_text())
