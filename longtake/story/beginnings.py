"""How clips begin and end: from text, from a frame handed over, from a picture, or as they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from longtake.story.planned import Planned


class Cut(Planned):
    """The clip begins from text alone."""

    kind: Literal["cut"] = "cut"


class Handover(Planned):
    """The clip begins from a frame of the clip before it."""

    kind: Literal["handover"] = "handover"
    clip_id: str
    """The clip that hands its frame over."""
    frame_index: int
    """Which frame of that clip's file: the last one that the film keeps."""


class Still(Planned):
    """The clip begins from a picture of the author's."""

    kind: Literal["still"] = "still"
    uri: str
    """A path next to the storyboard, an http(s) URL or a data URL, as authored."""


class Own(Planned):
    """The clip is the author's own: nothing is generated or paid."""

    kind: Literal["own"] = "own"
    file: str
    """A path next to the storyboard, as authored."""


class Anchor(Planned):
    """The clip starts over from an earlier clip's frame: its chain had drifted too far.

    No storyboard says so: it is decided while the chain is rendered, and the seam is a cut.
    """

    kind: Literal["anchor"] = "anchor"
    clip_id: str
    """The clip that shows the scene as it was: the first one of the chain."""
    frame_index: int = 0
    """Which frame of that clip's file."""


class Pinned(Planned):
    """The clip begins from, or ends on, a picture in the store: a frame of the film that stays.

    No storyboard says so: a clip in the middle was healed, and its neighbours stay as they are.
    """

    kind: Literal["pinned"] = "pinned"
    sha256: str
    """SHA-256 of the picture's bytes."""


GivenPicture = Still | Anchor | Pinned
"""Where a picture comes from that is not handed over by the clip before."""

Start = Annotated[Cut | Handover | GivenPicture | Own, Field(discriminator="kind")]
End = Annotated[GivenPicture, Field(discriminator="kind")]
