"""How late the request history is: told by requests that were accepted and that it lacks."""

from __future__ import annotations

LATEST_SECONDS = 3600.0
"""A row that the history lacks for longer is not late: it is gone, or of another account."""


class HistoryDelay:
    """What a client has seen of it."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def lacks(self, ago_seconds: float) -> None:
        """A request was accepted so long ago, and is not listed."""
        if ago_seconds <= LATEST_SECONDS:
            self._seconds = max(self._seconds, ago_seconds)

    def patience_seconds(self, least: float) -> float:
        """From what age on a request that is not listed was not accepted.

        A row that has not come yet may take as long again, and rows differ: twice the longest time
        that one was seen to lack, within ``LATEST_SECONDS``; ``least`` at least.
        """
        return max(least, min(2 * self._seconds, LATEST_SECONDS))
