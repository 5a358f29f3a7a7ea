"""Figures as people read them: times and sums."""

from __future__ import annotations


def clock(seconds: float | None) -> str:
    """Seconds as ``m:ss``, or ``h:mm:ss`` from an hour on; nothing where they are unknown."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def dollars(usd: float | None, unknown: str = "") -> str:
    """A sum in USD, to the cent, since clips cost cents; ``unknown`` where it is not known."""
    return unknown if usd is None else f"{round(usd, 2) + 0.0:.2f} USD"  # and no "-0.00"


def price(usd: float, usd_at_most: float) -> str:
    """What something costs: a sum, or ``1.20 to 1.80 USD`` where it may cost more."""
    return (
        dollars(usd) if abs(usd_at_most - usd) < 0.005 else f"{usd:.2f} to {dollars(usd_at_most)}"
    )


def counted(count: int, noun: str) -> str:
    """A number of things: ``1 clip``, ``3 clips``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
