"""A review page that is open in a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Opened:
    """An open page, and what it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def seam(self) -> str:
        """The number of the seam that is shown; there must be one."""
        (shown,) = self.page.locator(".seam:visible").all()
        return str(shown.get_attribute("data-number"))

    @property
    def mode(self) -> str | None:
        mode: str | None = self.page.locator("#viewer").get_attribute("data-mode")
        return mode

    def press(self, keys: str) -> None:
        for key in keys.split():
            self.page.keyboard.press(key)

    def plays(self, video: str, *, least: float = 0.0) -> None:
        """Wait until the video runs past ``least`` seconds."""
        self.page.wait_for_function(
            f"() => {{ const v = document.querySelector('{video}');"
            f" return !v.paused && v.currentTime > {least}; }}"
        )

    def rests(self, video: str) -> None:
        """Wait until the video stands still."""
        self.page.wait_for_function(f"() => document.querySelector('{video}').paused")
