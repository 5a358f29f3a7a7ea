"""The states of a take, and which step may follow which. Pure.

::

                    ┌──────────────── reopen (certainly never accepted) ────────┐
                    ▼                                                           │
    (new) ──▶ intended ──sending──▶ intended, sent ──no usable answer──▶ ambiguous
                                     │       │                            │   │
                                refused     submitted ◀──id was found─────┘   │ given up
                                (400)        │   │                            │
                                          failed completed ──▶ stored         │
                                                 │   ▲          │             │
                                                 ▼   │          ▼             ▼
                                                 lost ◀── file is gone ───────┘

``intended``   seed and parameters are committed, money is reserved; ``sent_at`` says whether the
               POST may have left. Only one ``sending`` succeeds until somebody reopens the take.
``submitted``  the request id is committed: the clip is being made and will be paid.
``completed``  the service made it: where the file lies, what it cost.
``stored``     the file lies in our store under its hash. The end.
``failed``     the service ran it and failed; not billed.
``refused``    the service would not run it; not billed.
``ambiguous``  it may have been accepted, no id is known: counted as paid, never sent again blindly.
``lost``       paid (or counted as paid), but the file cannot be had any more: its record, the
               history and the file's host have all said so for a while (``witnesses``).
``unusable``   paid, and the file came; but no film can be made of it. Reached like ``lost``.

``failed``, ``refused``, ``lost``, ``unusable`` and ``stored`` are ends, without a lease.
``reopen`` leads from every end but ``stored`` (and never from a content block) back to
``intended``; what the earlier attempt cost stays on record. Facts about money and
files (a first request id, a first cost, a first file) are accepted from every state: ``steps``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

CONTENT_BLOCKED = "content_blocked"
"""The ``error_kind`` of a take that must never be sent again unchanged."""


GIVEN_UP = "given_up"
"""The ``error_kind`` of a lost take of which nobody could tell whether it was accepted: a person
has decided that it counts as paid and is not waited for."""


class TakeState(StrEnum):
    """Where a take stands; the diagram is in the module's docstring."""

    INTENDED = "intended"
    SUBMITTED = "submitted"
    COMPLETED = "completed"
    STORED = "stored"
    FAILED = "failed"
    REFUSED = "refused"
    AMBIGUOUS = "ambiguous"
    LOST = "lost"
    UNUSABLE = "unusable"

    @property
    def ended(self) -> bool:
        """Whether nobody works on such a take any more."""
        return self in _ENDS

    @property
    def of_no_use(self) -> bool:
        """Whether it counts as paid, and there is nothing to make a film of."""
        return self in (TakeState.LOST, TakeState.UNUSABLE)


_ENDS = (TakeState.STORED, TakeState.FAILED, TakeState.REFUSED, TakeState.LOST, TakeState.UNUSABLE)


class Verdict(StrEnum):
    """What a person decided about a take that is there."""

    APPROVED = "approved"  # good enough to go on from
    REJECTED = "rejected"  # to be taken again, with another seed
    CHOSEN = "chosen"  # the one for the film, whatever the readings say


SOURCES: Mapping[TakeState, frozenset[TakeState]] = MappingProxyType(
    {
        TakeState.FAILED: frozenset({TakeState.INTENDED, TakeState.SUBMITTED, TakeState.AMBIGUOUS}),
        TakeState.REFUSED: frozenset({TakeState.INTENDED}),
        TakeState.AMBIGUOUS: frozenset({TakeState.INTENDED}),
        TakeState.LOST: frozenset(
            {TakeState.SUBMITTED, TakeState.COMPLETED, TakeState.AMBIGUOUS, TakeState.STORED}
        ),
        TakeState.UNUSABLE: frozenset(
            {TakeState.SUBMITTED, TakeState.COMPLETED, TakeState.STORED, TakeState.LOST}
        ),
        TakeState.INTENDED: frozenset(
            {
                TakeState.INTENDED,
                TakeState.AMBIGUOUS,
                TakeState.FAILED,
                TakeState.REFUSED,
                TakeState.LOST,
                TakeState.UNUSABLE,
            }
        ),
    }
)
"""From which states each verdict may be reached (``INTENDED``: by ``reopen``)."""

NEEDS_SENDING: frozenset[TakeState] = frozenset({TakeState.FAILED, TakeState.AMBIGUOUS})
"""Verdicts that make no sense for an intended take whose POST never left."""
