"""A shot under examination: what it says, what it inherits, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from longtake.errors import Problem
from longtake.story.family import Family
from longtake.story.look import Overrides
from longtake.story.paths import Authored
from longtake.story.storyboard import START_WORDS, Dissolve, Scene, Shot
from longtake.story.timing import ShotEnds

Place = tuple[str | int, ...]


@dataclass
class ShotContext:
    """A shot and its surroundings; problems are noted here."""

    scene: Scene
    slug: str
    """What the scene's clips are named after."""
    shot: Shot
    number: int
    """1-based within the scene."""
    place: Place
    force: Overrides
    """The parameters in force."""
    before: Overrides | None
    """The parameters in force in the scene's shot before, None for its first shot."""
    fps: int
    family: Family
    """The models that its clips are made by."""
    voice_seconds: Mapping[str, float] = field(default_factory=dict)
    """How long the voices are, by their files, as far as that is known."""
    head: int = 0
    """Frames of the dissolve that the shot begins with, 0 for none."""
    tail: int = 0
    """Frames of the dissolve that the next shot begins with, 0 for none."""
    clip_seconds: Mapping[str, float] = field(default_factory=dict)
    """How long clips of one's own are, by their files, as far as that is known."""
    after_skipped: str | None = None
    """The shot right before that is left out, by its id."""
    path: Authored = "chain"
    """The path of the take that the shot belongs to, as it is written."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The shot's id: `arrival/2`."""
        return f"{self.slug}/{self.number}"

    @property
    def dissolve(self) -> Dissolve | None:
        """The dissolve that the shot begins with, if it does."""
        return self.shot.start if isinstance(self.shot.start, Dissolve) else None

    @property
    def continued(self) -> bool:
        """Whether the shot begins from the last frame of the one before."""
        alone = self.before is None or self.shot.clip is not None
        start = self.shot.start or ("cut" if alone else "continue")
        closed_up = self.before is None and self.after_skipped is not None
        return start == "continue" and not closed_up

    @property
    def still(self) -> str | None:
        """The picture that the shot begins from, if it does."""
        match self.shot.start:
            case Dissolve(from_=still):
                return still
            case str(start) if start not in START_WORDS:
                return start
        return None

    @property
    def ends(self) -> ShotEnds:
        """How the shot's clips begin, end and meet."""
        return ShotEnds(
            continued=self.continued,
            whole_end=self.shot.end_image is not None,
            best=self.force.handover == "best" and self.path == "chain",
            head=self.head,
            tail=self.tail,
            counts=self.family.lengths.counts(self.fps),
        )

    @property
    def default_num_frames(self) -> int:
        """Frames of a clip that nothing is said of."""
        lengths = self.family.lengths
        return lengths.frames(lengths.default, self.fps)

    def with_dissolves(self, *, head: int | None = None, tail: int | None = None) -> ShotContext:
        """The same shot between other dissolves, on a context where nothing is noted yet."""
        head = self.head if head is None else head
        tail = self.tail if tail is None else tail
        return replace(self, head=head, tail=tail, problems=[])

    def note(self, key: str, message: str) -> None:
        """Note a problem at a key of the shot (``start.dissolve``: a key inside)."""
        self.problems.append(Problem((*self.place, *key.split(".")), message))
