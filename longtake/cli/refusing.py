"""A refusal that a script can read: what was refused, and how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from longtake.cli.console import print_json
from longtake.errors import Outdated, OverMaxUsd


@contextmanager
def refusing(as_json: bool) -> Iterator[None]:
    """Print refusals of the block as JSON, if that was asked for; they are raised all the same."""
    try:
        yield
    except (OverMaxUsd, Outdated) as refusal:
        if as_json:
            print_json({"refused": as_data(refusal)})
        raise


def as_data(refusal: OverMaxUsd | Outdated) -> dict[str, Any]:
    """The refusal's facts; ``go_on`` has the ways on, each with what it is and what it costs."""
    data: dict[str, Any] = {
        "error": type(refusal).__name__,
        "exit_code": refusal.exit_code,
        "message": str(refusal),
    }
    if isinstance(refusal, Outdated):
        return data | {"changed": refusal.changed, "go_on": [{"do": "plan again, and look at it"}]}
    ways: list[dict[str, Any]] = [
        {"do": "allow what it costs", "max_usd": refusal.usd, "usd": refusal.usd}
    ]
    if refusal.usd_at_most > refusal.usd:
        most = refusal.usd_at_most
        ways.append({"do": "allow the most it may cost", "max_usd": most, "usd": most})
    if refusal.shots:
        shots = list(refusal.shots)
        ways.append({"do": "render some shots", "only": shots, "usd": refusal.shots_usd})
    sums = {"max_usd": refusal.max_usd, "usd": refusal.usd, "usd_at_most": refusal.usd_at_most}
    return data | sums | {"go_on": ways}
