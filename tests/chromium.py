"""A browser for tests that look at pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

needs_chromium = pytest.mark.skipif(
    not CHROMIUM or find_spec("playwright") is None,
    reason="there is no Chromium here: `apt-get install chromium`, and playwright of the extra dev",
)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; open servers first, since its driver keeps a loop running meanwhile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
