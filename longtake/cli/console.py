"""How longtake speaks to a person: on standard error, plainly, and in colour where there is one."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from longtake.errors import LongtakeError, StoryboardError


def to_person() -> Console:
    """A console for what a person reads."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say_error(error: LongtakeError) -> None:
    """Say an error: every problem of an authored file on a line of its own, or what went wrong."""
    console = to_person()
    if isinstance(error, StoryboardError):
        for problem in error.problems:
            console.print(Text(str(problem)))
        count = len(error.problems)
        console.print(Text(f"{count} problem{'s' * (count != 1)}", style="bold red"))
        return
    console.print(Text.assemble(("error: ", "bold red"), str(error)))


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def dollars(usd: float) -> str:
    """A sum in USD, to the cent."""
    return f"{usd:.2f} USD"
