"""The command line's reference page, made from the commands themselves."""

from __future__ import annotations

import sys
from pathlib import Path

from longtake.cli import EPILOGUE, app

PAGE = Path("docs/cli.md")


def reference() -> str:
    """The page as it must stand in ``docs/cli.md``, whatever program asks for it."""
    arguments, sys.argv = sys.argv, ["longtake"]  # cyclopts puts the program's name into usages
    try:
        commands = app.generate_docs(output_format="markdown", usage_name="longtake").rstrip()
    finally:
        sys.argv = arguments
    commands = commands.replace("(#longtake-install", "(#longtake---install")  # as GitHub has it
    return f"{commands}\n\n## Exit codes\n{EPILOGUE}"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
