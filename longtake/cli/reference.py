"""The command line's reference page, made from the commands themselves."""

from __future__ import annotations

from pathlib import Path

from longtake.cli import EPILOGUE, app

PAGE = Path("docs/cli.md")


def reference() -> str:
    """The page as it must stand in ``docs/cli.md``."""
    commands = app.generate_docs(output_format="markdown", usage_name="longtake").rstrip()
    return f"{commands}\n\n## Exit codes\n{EPILOGUE}"


def write() -> None:
    """Bring the page up to date; from the repository's root.

    Called by ``python -c``: under ``python -m`` cyclopts names the program after the module.
    """
    PAGE.write_text(reference(), encoding="utf-8")
