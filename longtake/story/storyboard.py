"""The storyboard: what a person writes, checked value by value.

Rules that need more than one value (does this end image have a clip to end?) are the planner's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    Tag,
    WithJsonSchema,
    model_validator,
)

from longtake.errors import Place, Problem, StoryboardError
from longtake.story.authored import Authored, HasShortForm, Name, Text
from longtake.story.by_family import reading_for, unknown_family
from longtake.story.explain import brief
from longtake.story.family import Family, family_named, shipped
from longtake.story.look import Look, Overrides
from longtake.story.named_files import image_name, own_clip_name
from longtake.story.sound import ShotSounds, Soundtrack, Voices
from longtake.story.words import Captions, SceneTitle, ShotCaptions, Titles

START_WORDS = ("cut", "continue")

_SLUG_LENGTH = 40


def _start(value: str) -> str:
    """Refuse what is neither one of the two words nor a picture."""
    if value in START_WORDS:
        return value
    if re.fullmatch(r"\w*", value):
        raise ValueError(_START_FIX.format(brief(value)))
    return image_name(value)


_START_FIX = "must be `cut`, `continue`, a picture or `{{dissolve: SECONDS}}`, not `{}`"


OwnClipFile = Annotated[str, AfterValidator(own_clip_name)]
Image = Annotated[str, AfterValidator(image_name)]


class Dissolve(Authored):
    """The shot comes in over the end of the shot before. Both keep their `seconds`."""

    key_hints: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("seconds", "duration"), "the seconds are what `dissolve` is set to"),
        **dict.fromkeys(
            ("image", "start", "still"), "the picture a shot begins with is its `from`"
        ),
    }

    dissolve: Annotated[float, Field(gt=0, le=60)]
    """How many seconds both shots are seen; the middle of them is where the one ends and the other
    begins. Not longer than either shot."""
    from_: Annotated[Image | None, Field(alias="from")] = None
    """A picture that the shot begins with, as in `start`; from text alone if left out."""


def _form(value: object) -> str:
    # Names that no author writes as a key: places in error messages are told by the keys.
    return "a mapping" if isinstance(value, Mapping | Dissolve) else "a text"


_StartText = Annotated[
    str,
    AfterValidator(_start),
    WithJsonSchema({"anyOf": [{"enum": list(START_WORDS)}, {"type": "string"}]}),
]
ShotStart = Annotated[
    Annotated[_StartText, Tag("a text")] | Annotated[Dissolve, Tag("a mapping")],
    Discriminator(_form),
]


def _word_or_number(value: object) -> str:
    return "a word" if value == "voice" else "a number"


Seconds = Annotated[
    Annotated[Literal["voice"], Tag("a word")]
    | Annotated[float, Field(gt=0, le=3600), Tag("a number")],
    Discriminator(_word_or_number),
]

_DISSOLVE_HINT = "a dissolve is a way to begin: `start: {dissolve: 1.5}`"


PathWord = Literal["chain", "keyframed", "tree", "auto"]
Stills = Annotated[tuple[Image | None, ...], Field(min_length=1, strict=False)]


class Shot(HasShortForm, Overrides):
    """One camera intention: one or more clips. A plain text is a shot with just a prompt."""

    short_key: ClassVar[str] = "prompt"
    short_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "description": "The prompt of a shot.",
    }
    key_hints: ClassVar[dict[str, str]] = Overrides.key_hints | {
        "duration": "did you mean `seconds`?",
        "length": "did you mean `seconds`?",
        **dict.fromkeys(("video", "file", "own", "own_clip"), "did you mean `clip`?"),
        "audio": "did you mean `voice` or `sound`?",
        "voiceover": "did you mean `voice`?",
        "narration": "did you mean `voice`?",
        "subtitles": "did you mean `captions`?",
        "soundtrack": "music is of the whole film: set `soundtrack` at the top",
        "prompts": "did you mean `beats` (a prompt for each clip)?",
        "image": "the picture a shot begins with is its `start`",
        "start_image": "the picture a shot begins with is its `start`",
        "last_image": "did you mean `end_image`?",
        "end": "did you mean `end_image`?",
        **dict.fromkeys(("dissolve", "transition", "fade"), _DISSOLVE_HINT),
        **dict.fromkeys(("off", "omit", "disabled", "mute"), "did you mean `skip: true`?"),
        "model": "the model follows from `start`: `cut` is text to video, the rest image to video",
    }

    prompt: Text | None = None
    """What is seen. With `beats`, what all of them share: it stands before each."""
    beats: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)] | None = None
    """A prompt for each clip of a long shot, in order: a take that develops without a cut."""
    seconds: Seconds | None = None
    """How long the shot is in the film; it becomes the cheapest run of clips, cut to the frame.
    `voice`: as long as its voice. Not together with `num_frames`."""
    start: ShotStart | None = None
    """How the shot begins: `cut` (from text alone; the default of a scene's first shot), `continue`
    (from the last frame of the shot before; the default of the others), a still (a picture file
    next to the storyboard, an http(s) URL or a data URL), or `{dissolve: SECONDS}` (from text, or
    `from` a still, over the end of the shot before)."""
    end_image: Image | None = None
    """A picture the shot moves towards: a file next to the storyboard, an http(s) URL or a data
    URL. The shot's last clip must begin from an image."""
    clip: OwnClipFile | None = None
    """A clip of your own in the place of a generated one: a file, or an http(s) address. It is
    fitted to the film, costs nothing, and the next shot can continue from its last frame. `prompt`
    may say what is seen; `seconds` show less of it."""
    skip: bool = False
    """Leave the shot out: the film closes up, and what continued from it continues from the shot
    before."""
    path: PathWord | None = None
    """How a take of several clips is made, from its first shot on: `chain` (each clip from the last
    frame of the one before; the default), `keyframed` (all side by side, between stills), `tree`
    (all side by side, between frames of one guide clip), or `auto` (the cheapest that does not
    drift too far)."""
    stills: Stills | None = None
    """Pictures along the shot's clips, for `path: keyframed` or `tree`: where each begins, and
    perhaps one to end on; `null` for none."""
    voice: Voices | None = None
    """A voice from the shot's beginning, or a list with one for each beat (`null` for none)."""
    sound: ShotSounds | None = None
    """A sound within the shot, or a list of them."""
    captions: ShotCaptions | None = None
    """Words to read: shown with the shot's voices if there are as many, else spread over it."""


class Scene(Authored):
    """Shots in order that share place and look; a new scene begins with a cut."""

    name: Name
    """The scene's name; clips are named after it (`Arrival` makes `arrival/1.1`)."""
    title: SceneTitle | None = None
    """Words over the scene's first shot."""
    look: Overrides | None = None
    """What this scene changes in the film's look."""
    path: PathWord | None = None
    """How the scene's takes are made, unless their first shot says otherwise."""
    stills: Stills | None = None
    """Pictures along all clips of a scene without cuts: where each begins, and perhaps one to end
    on; `null` for none."""
    shots: Annotated[tuple[Shot, ...], Field(min_length=1, strict=False)]
    """The shots in order; a plain text is a shot with just a prompt."""

    def slug(self, number: int) -> str:
        """The name as part of a clip's id and file name: a-z, 0-9 and hyphens.

        A name without any such letter is named by its ``number`` (1-based) in the storyboard.
        """
        letters = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        slug = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")
        return slug[:_SLUG_LENGTH].rstrip("-") or f"scene-{number}"


def _family(value: str) -> str:
    if family_named(value) is None:
        raise ValueError(unknown_family(value))
    return value


class Storyboard(Authored):
    """A film, as it is written."""

    key_hints: ClassVar[dict[str, str]] = {
        "music": "did you mean `soundtrack`?",
        "audio": "did you mean `soundtrack`?",
        "subtitles": "did you mean `captions`?",
        **dict.fromkeys(("voice", "sound"), "it belongs to a shot"),
        "opening": "did you mean `titles: {opening: TEXT}`?",
        "credits": "did you mean `titles: {credits: TEXT}`?",
        **dict.fromkeys(("model", "models"), "did you mean `family`?"),
    }

    title: Name
    """The film's title; it is kept in the film's metadata."""
    family: Annotated[
        str,
        AfterValidator(_family),
        WithJsonSchema({"anyOf": [{"enum": [shipped().name]}, {"type": "string"}]}),
    ] = shipped().name
    """The pair of models that every clip is made by; what they take decides what may be set."""
    look: Annotated[Look, BeforeValidator(lambda value: {} if value is None else value)] = Field(
        default_factory=Look
    )
    """Defaults for every clip of the film."""
    soundtrack: Soundtrack | None = None
    """Music for the whole film. It, and all sounds and words, cost nothing and change no clip."""
    titles: Titles | None = None
    """Words over the film's beginning and its end."""
    captions: Captions | None = None
    """Captions for the whole film: a file, and how the words of the shots are shown."""
    scenes: Annotated[tuple[Scene, ...], Field(min_length=1, strict=False)]
    """The scenes in order."""

    @model_validator(mode="wrap")
    @classmethod
    def _by_its_family(cls, value: Any, handler: ModelWrapValidatorHandler[Storyboard]) -> Any:
        name = value.get("family") if isinstance(value, Mapping) else None
        family = family_named(name) if isinstance(name, str) else None
        with reading_for(family or shipped()):
            return handler(value)

    @property
    def models(self) -> Family:
        """The family that it names."""
        family = family_named(self.family)
        if family is None:
            raise StoryboardError([Problem(("family",), unknown_family(self.family))])
        return family

    @property
    def fps(self) -> int:
        """Frames per second of the film."""
        return self.look.frames_per_second or self.models.default_fps

    @property
    def seed(self) -> int | None:
        """The seed of the whole film, None if it is left to chance."""
        return self.look.seed


AuthoredShot = tuple[Place, Scene, Shot]
"""A shot with its place in the storyboard and the scene that it is in."""


def shots_in_film(storyboard: Storyboard) -> Iterator[AuthoredShot]:
    """Every shot that is in the film, in order: without those that are skipped."""
    for scene_index, scene in enumerate(storyboard.scenes):
        for shot_index, shot in enumerate(scene.shots):
            if not shot.skip:
                yield ("scenes", scene_index, "shots", shot_index), scene, shot
