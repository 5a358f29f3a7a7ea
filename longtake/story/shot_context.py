"""A shot under examination: what it says, what it inherits, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from longtake.errors import Place, Problem
from longtake.story.attached import Attached
from longtake.story.family import Family
from longtake.story.look import Overrides
from longtake.story.storyboard import START_WORDS, Dissolve, PathWord, Scene, Shot, Storyboard
from longtake.story.timing import ShotEnds


@dataclass
class ShotContext:
    """A shot and its surroundings; problems are noted here."""

    storyboard: Storyboard
    scene_number: int
    """1-based within the storyboard."""
    number: int
    """1-based within the scene."""
    force: Overrides
    """The parameters in force."""
    before: Overrides | None
    """The parameters in force in the scene's shot before, None for its first shot."""
    attached: Attached
    """What is known of the files that the storyboard names."""
    after_skipped: str | None = None
    """The shot right before that is left out, by its id."""
    head: int = 0
    """Frames of the dissolve that the shot begins with, 0 for none."""
    tail: int = 0
    """Frames of the dissolve that the next shot begins with, 0 for none."""
    path: PathWord = "chain"
    """The path of the take that the shot belongs to, as it is written."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        """The scene that it stands in."""
        return self.storyboard.scenes[self.scene_number - 1]

    @property
    def shot(self) -> Shot:
        """The shot as it is written."""
        return self.scene.shots[self.number - 1]

    @property
    def place(self) -> Place:
        """Where the storyboard has it."""
        return ("scenes", self.scene_number - 1, "shots", self.number - 1)

    @cached_property
    def fps(self) -> int:
        """Frames per second of the film."""
        return self.storyboard.fps

    @cached_property
    def family(self) -> Family:
        """The models that its clips are made by."""
        return self.storyboard.models

    @cached_property
    def id(self) -> str:
        """The shot's id: `arrival/2`."""
        return f"{self.scene.slug(self.scene_number)}/{self.number}"

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
