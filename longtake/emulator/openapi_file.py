"""The committed OpenAPI document: ``python -m longtake.emulator.openapi_file`` prints it."""

from __future__ import annotations

import json
import sys

from longtake.emulator.openapi import document


def document_text() -> str:
    """The document as JSON: indented, with a newline at the end."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document_text())
