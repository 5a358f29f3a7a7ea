"""A model family: two models that make one chain, and every fact of theirs that longtake uses.

A family is data, and so is the one that is shipped (``longtake.story.wan``): planner, checks,
schema, requests and documents read it. ``family:`` in a storyboard names it. Others become known
with ``declared``, before settings and storyboards are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class VideoModel:
    """One model of the family: its name in addresses, and what is expected of it at first.

    ``usd`` is the price of a clip by resolution, ``expected_seconds`` the time from submit to
    result: what was really billed and measured replaces both. It takes ``most_loras`` LoRAs.
    """

    slug: str
    usd: Mapping[str, float]
    expected_seconds: float
    most_loras: int = 0


@dataclass(frozen=True)
class FrameCounts:
    """The frame counts that clips can have at one frame rate, in ascending order.

    ``clean`` ones are kept exactly by the models. Up to ``most_asked`` may be asked for.
    """

    clean: tuple[int, ...]
    most_asked: int

    @property
    def least(self) -> int:
        """Frames of the shortest clip."""
        return self.clean[0]

    @property
    def most(self) -> int:
        """Frames of the longest clip."""
        return self.clean[-1]

    @property
    def least_shown(self) -> int:
        """Of a beat's clip, so many are shown at least: three quarters of the shortest clip."""
        return -(-3 * self.least // 4)

    @property
    def handle(self) -> int:
        """How many frames a splice may cut on either side: 12, and of short clips a sixth."""
        return min(12, self.least // 6)


@dataclass(frozen=True)
class Lengths:
    """How long a clip may be, in the ``unit`` that the service is told.

    From ``least`` to ``most``, ``default`` where nothing is said; ``clean`` are the lengths that
    the models keep exactly. Lengths in seconds have ``extra_frames`` more than seconds times fps.
    """

    unit: Literal["frames", "seconds"]
    clean: tuple[int, ...]
    least: int
    most: int
    default: int
    extra_frames: int = 0

    def frames(self, length: int, fps: int) -> int:
        """The frames of a clip of that length."""
        return length if self.unit == "frames" else length * fps + self.extra_frames

    def counts(self, fps: int) -> FrameCounts:
        """The frame counts that clips can have at ``fps`` frames per second."""
        clean = tuple(self.frames(length, fps) for length in self.clean)
        return FrameCounts(clean, self.frames(self.most, fps))

    def sent(self, num_frames: int, fps: int) -> int:
        """What the service is told for a clip of ``num_frames``, one of those that can be."""
        if self.unit == "frames":
            return num_frames
        return (num_frames - self.extra_frames) // fps


@dataclass(frozen=True)
class Contract:
    """What is assumed of every clip that is paid for, next to what its request asks for.

    Each is compared with every clip that comes (``longtake.story.contract``); none is relied on
    where relying on it would cost money. ``price_share``: by so much of the table's price may a
    bill differ. ``slowness``: so many times as long as is expected may a clip take, and never less
    than ``patience_seconds`` longer.
    """

    codec: str = "h264"
    pixel_format: str = "yuv420p"
    colour_tags: tuple[str, ...] = ()
    """Matrix, range, primaries and transfer, as far as a file names them."""
    begins_on_start_image: bool = True
    ends_on_end_image: bool = True
    same_seed_same_clip: bool = True
    price_share: float = 0.25
    slowness: float = 3.0
    patience_seconds: float = 60.0


@dataclass(frozen=True)
class Family:
    """A text-to-video and an image-to-video model whose clips follow one another.

    ``fields`` are the service's names by longtake's; what is not in it, the family does not take:

    - always there: ``prompt``, ``seed``, ``length``, ``start_image``
    - where the family has a choice: ``fps``, ``resolution``, ``aspect_ratio``
    - what an author may set: ``negative_prompt``, ``go_fast``, ``sample_shift``, ``end_image``
    - of a LoRA: ``high_noise``, ``high_noise_scale``, ``low_noise``, ``low_noise_scale``;
      ``lora_suffix`` is added from the second one on

    ``sizes`` are those of text-to-video clips by resolution and aspect ratio, and of start images,
    which are fitted to them. The first of each is the default. ``ranges`` (both ends included) are
    those of ``fps``, ``sample_shift`` and ``lora_scale``.
    """

    name: str
    text_to_video: VideoModel
    image_to_video: VideoModel
    lengths: Lengths
    sizes: Mapping[str, Mapping[str, Size]]
    default_fps: int
    fields: Mapping[str, str]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    lora_suffix: str = "_{number}"
    most_prompt_characters: int | None = None
    contract: Contract = Contract()

    def __post_init__(self) -> None:
        missing = {"prompt", "seed", "length", "start_image"} - self.fields.keys()
        if missing:
            raise ValueError(f"{self.name}: `fields` lacks {', '.join(sorted(missing))}")
        ascending = tuple(sorted(set(self.lengths.clean))) == self.lengths.clean
        if not ascending or self.lengths.frames(self.lengths.clean[0], self.fps_range[0]) < 2:
            raise ValueError(f"{self.name}: lengths must ascend, from two frames on")

    @property
    def models(self) -> tuple[VideoModel, VideoModel]:
        """Text to video, image to video."""
        return self.text_to_video, self.image_to_video

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The default first."""
        return tuple(self.sizes)

    @property
    def aspect_ratios(self) -> tuple[str, ...]:
        """The default first."""
        return tuple(next(iter(self.sizes.values())))

    @property
    def fps_range(self) -> tuple[int, int]:
        """The least and the most frames per second."""
        least, most = self.ranges.get("fps", (self.default_fps, self.default_fps))
        return int(least), int(most)

    @property
    def num_frames_range(self) -> tuple[int, int]:
        """The least and the most frames that a clip can have, at any frame rate."""
        slowest, fastest = self.fps_range
        lengths = self.lengths
        return lengths.frames(lengths.least, slowest), lengths.frames(lengths.most, fastest)

    def value_of(self, name: str, parameters: Mapping[str, Any], default: Any = None) -> Any:
        """What a request of the family says under longtake's ``name``."""
        return parameters.get(self.fields.get(name, ""), default)

    def resolution_of(self, parameters: Mapping[str, Any]) -> str:
        """A request's resolution, whether it names it or the family has only one."""
        return str(self.value_of("resolution", parameters, self.resolutions[0]))

    def fps_of(self, parameters: Mapping[str, Any]) -> float:
        """A request's frames per second, whether it names them or the family has only one rate."""
        fps = self.value_of("fps", parameters)
        known = isinstance(fps, int | float) and not isinstance(fps, bool) and fps > 0
        return float(fps) if known else float(self.default_fps)

    def length_of(self, parameters: Mapping[str, Any]) -> int | None:
        """A request's length in the service's unit; None where it tells none."""
        length = self.value_of("length", parameters)
        return length if isinstance(length, int) and not isinstance(length, bool) else None


_known: dict[str, Family] = {}
_of_model: dict[str, Family] = {}


def families() -> tuple[Family, ...]:
    """All that are known, the shipped one first."""
    return tuple(_known.values())


def shipped() -> Family:
    """The family of storyboards that name none."""
    return families()[0]


def family_named(name: str) -> Family | None:
    """The family of that name, None where it is not known."""
    return _known.get(name)


def family_of(slug: str) -> Family:
    """The family that the model belongs to; of models that are not known, the shipped one."""
    return _of_model.get(slug) or shipped()


def declare(family: Family) -> Family:
    """Make a family known for as long as the process lives.

    Raises ValueError where its name, or one of its models, is another's.
    """
    for known in families():
        shared = {each.slug for each in known.models} & {each.slug for each in family.models}
        if known != family and (known.name == family.name or shared):
            raise ValueError(f"{family.name}: there is {known.name} with the same name or model")
    _of_model.update({model.slug: family for model in family.models})
    return _known.setdefault(family.name, family)


@contextmanager
def declared(family: Family) -> Iterator[Family]:
    """Make a family known while this runs; see ``declare``."""
    was_known = family.name in _known
    declare(family)
    try:
        yield family
    finally:
        if not was_known:
            del _known[family.name]
            for model in family.models:
                del _of_model[model.slug]
