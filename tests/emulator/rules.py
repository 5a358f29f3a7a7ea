"""A single fault, and what becomes of a request under it."""

from __future__ import annotations

from typing import Any

import httpx

from longtake.emulator import Fault
from tests.emulator.service import NO_TLS

JUST_LONG_ENOUGH_SECONDS = 0.05
"""How long a silent or stalled answer lasts in these tests."""


def rule(on: str, do: str, **more: Any) -> Fault:
    return Fault.model_validate({"on": on, "do": do} | more)


def outcome(ask: Any) -> httpx.Response | str:
    """The answer, or the name of what broke."""
    try:
        answer: httpx.Response = ask()
        return answer
    except httpx.TransportError as error:
        return type(error).__name__


PATIENTLY: dict[str, Any] = {"trust_env": False, "verify": NO_TLS, "timeout": 60}
