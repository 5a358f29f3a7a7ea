"""What of a seam could not be judged: neither right nor wrong, and no reason to take it again."""

from __future__ import annotations

from longtake.story.readings import SeamReading


def not_assessable(seam: SeamReading | None) -> tuple[str, ...]:
    """The rules that had nothing to measure a continuous seam by, as where its view stands still.

    Nothing of a seam that nobody read, nor of one that is meant to be seen.
    """
    if seam is None or seam.kind != "continuous" or not was_read(seam):
        return ()
    steady = all(one is None for one in (seam.hesitation, seam.motion_jump, seam.retrace))
    judged = {"step": seam.step_ratio is None, "motion": steady, "flash": seam.flash is None}
    return tuple(rule for rule, missing in judged.items() if missing)


def was_read(seam: SeamReading) -> bool:
    """Whether anything was measured of it."""
    values = seam.pair, seam.step_ratio, seam.hesitation, seam.flash, seam.motion_jump
    return any(value is not None for value in values)
