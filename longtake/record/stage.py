"""Where a clip stands."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a clip stands, in the order in which it usually passes."""

    WAITING = "waiting"
    PREPARING = "preparing"  # its start and end images are made
    SUBMITTING = "submitting"
    RECONCILING = "reconciling"  # no answer to the submit: looking into the request history
    QUEUED = "queued"
    GENERATING = "generating"
    DOWNLOADING = "downloading"
    STORED = "stored"
    REUSED = "reused"  # made and paid for by an earlier render
    OWN = "own"  # the author's own clip: nothing was generated, nothing paid
    FAILED = "failed"
    BLOCKED = "blocked"  # stopped by the service because of its content
    SKIPPED = "skipped"  # never submitted: what it starts from is missing, or the render stopped

    @property
    def in_flight(self) -> bool:
        """Whether work on the clip has begun and has not ended."""
        return self is not Stage.WAITING and not self.ended

    @property
    def ended_well(self) -> bool:
        """Whether the clip is there."""
        return self in {Stage.STORED, Stage.REUSED, Stage.OWN}

    @property
    def ended_badly(self) -> bool:
        """Whether the clip is missing from the film."""
        return self in {Stage.FAILED, Stage.BLOCKED, Stage.SKIPPED}

    @property
    def ended(self) -> bool:
        """Whether the clip is there, or missing for good."""
        return self.ended_well or self.ended_badly
