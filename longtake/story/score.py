"""What is heard and read in the film, placed to the frame: the sound's part of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from longtake.errors import Place, Problem
from longtake.figures import counted
from longtake.story.attached import Attached, ShownWords
from longtake.story.plan import ClipPlan, ShotPlan
from longtake.story.sound import ShotSound, SoundClip, Soundtrack
from longtake.story.storyboard import Shot, Storyboard, shots_in_film
from longtake.story.track_plans import CaptionsPlan, SoundCue, SoundPlan

_LEAST_SECONDS = 0.02
"""What is shorter cannot be heard."""


class CueSheet:
    """Places sounds and words in the film, and notes what does not fit into it."""

    def __init__(
        self,
        storyboard: Storyboard,
        shots: Sequence[tuple[ShotPlan, Sequence[ClipPlan]]],
        *,
        fps: int,
        attached: Attached,
    ) -> None:
        self._storyboard = storyboard
        self._fps = fps
        self._lengths = attached.sound_seconds
        self._lines = attached.captions
        self._film_seconds = sum(shot.frame_count for shot, _ in shots) / fps
        authored = [(place, shot) for place, _, shot in shots_in_film(storyboard)]
        self._shots = [
            (place, shot, *planned) for (place, shot), planned in zip(authored, shots, strict=True)
        ]
        self.problems: list[Problem] = []

    def sound(self) -> SoundPlan:
        """The music, the voices and the other sounds, each with its place in the film."""
        soundtrack = self._storyboard.soundtrack
        voices = [cue for entry in self._shots for cue in self._voices(*entry)]
        self._check_alone([cue for _, cue in voices], [place for place, _ in voices])
        sounds = [cue for entry in self._shots for cue in self._sounds(*entry)]
        cues = [*self._music(soundtrack), *(cue for _, cue in voices), *sounds]
        duck = soundtrack.duck if soundtrack is not None else 0.0
        return SoundPlan(cues=tuple(cues), duck_db=duck)

    def captions(self) -> CaptionsPlan:
        """The lines of the file and those of the shots, in the order of time."""
        authored = self._storyboard.captions
        lines = [*self._lines_of_file(), *self._lines_of_shots()]
        return CaptionsPlan(
            lines=tuple(sorted(lines, key=lambda line: (line.begin_seconds, line.end_seconds))),
            burn=authored is not None and authored.burn,
            language="und" if authored is None else authored.language,
        )

    def _music(self, soundtrack: Soundtrack | None) -> Iterator[SoundCue]:
        if soundtrack is None:
            return
        there = self._heard(soundtrack, ("soundtrack",))
        if there is not None and not soundtrack.loop and there < self._film_seconds:
            self._note(
                ("soundtrack", "file"),
                f"{there:.2f} seconds of music for a film of {self._film_seconds:.2f}: set `loop: "
                "true`, take a longer file, or make it the `sound` of a shot",
            )
        self._check_fades(soundtrack, self._film_seconds, ("soundtrack",))
        yield SoundCue(
            kind="music",
            begin_seconds=0.0,
            seconds=self._film_seconds,
            loop_seconds=there if soundtrack.loop and there else None,
            **_common(soundtrack),
        )

    def _voices(
        self, place: Place, shot: Shot, planned: ShotPlan, clips: Sequence[ClipPlan]
    ) -> Iterator[tuple[Place, SoundCue]]:
        """Each voice at its clip's beginning, or when the one before has ended."""
        begin = planned.first_frame_index / self._fps
        voices = shot.voice or ()
        if len(voices) > 1 and len(voices) != len(clips):
            self._note(
                (*place, "voice"),
                f"{counted(len(voices), 'voice')} for {counted(len(clips), 'clip')}: one for each "
                "beat (`null` for a beat without), or one for the whole shot",
            )
            return
        said_until = begin
        for number, voice in enumerate(voices):
            if voice is None:
                continue
            from_clip = begin if number == 0 else clips[number].first_frame_index / self._fps
            at = max(from_clip + voice.at, said_until)
            where: Place = (*place, "voice", *((number,) if len(voices) > 1 else ()))
            cue = self._cue("voice", voice, at, where)
            if cue is not None:
                said_until = cue.begin_seconds + cue.seconds
                yield where, cue

    def _sounds(
        self, place: Place, shot: Shot, planned: ShotPlan, clips: Sequence[ClipPlan]
    ) -> Iterator[SoundCue]:
        begin = planned.first_frame_index / self._fps
        for number, sound in enumerate(shot.sound or ()):
            if sound is None:
                continue
            where: Place = (*place, "sound", *((number,) if len(shot.sound or ()) > 1 else ()))
            if sound.at >= planned.frame_count / self._fps:
                seconds = planned.frame_count / self._fps
                self._note(
                    (*where, "at"), f"the shot is over by then: it has {seconds:.2f} seconds"
                )
            cue = self._cue("sound", sound, begin + sound.at, where, may_be_cut=True)
            if cue is not None:
                yield cue

    def _cue(
        self,
        kind: Literal["voice", "sound"],
        sound: ShotSound,
        begin_seconds: float,
        place: Place,
        *,
        may_be_cut: bool = False,
    ) -> SoundCue | None:
        """The sound at its place; None where nothing is known of its file."""
        seconds = self._heard(sound, place)
        if seconds is None:
            return None
        self._check_fades(sound, seconds, place)
        late = begin_seconds + seconds - self._film_seconds
        if late > 0.5 / self._fps and not may_be_cut:
            self._note(
                (*place, "file"),
                f"goes on {late:.2f} seconds after the film has ended: give the shot more "
                "`seconds` (`seconds: voice` takes them from it)",
            )
        return SoundCue(
            kind=kind,
            begin_seconds=begin_seconds,
            seconds=min(seconds, max(0.0, self._film_seconds - begin_seconds)),
            **_common(sound),
        )

    def _heard(self, sound: SoundClip, place: Place) -> float | None:
        """How many seconds of the file are left after `from`."""
        whole = self._lengths.get(sound.file)
        if whole is None:
            return None
        if whole - sound.from_ < _LEAST_SECONDS:
            key = "from" if sound.from_ else "file"
            self._note(
                (*place, key), f"nothing is left to be heard: the file has {whole:.2f} seconds"
            )
            return None
        return whole - sound.from_

    def _check_fades(self, sound: SoundClip, seconds: float, place: Place) -> None:
        """Fades that meet are never heard in full; the usual one of a soundtrack is no mistake."""
        asked = {"fade_in", "fade_out"} & sound.model_fields_set
        fades = sound.fade_in + sound.fade_out
        if asked and fades > seconds + 1e-6:
            self._note(
                (*place, min(asked)), f"its fades take {fades:g} of the {seconds:.2f} seconds heard"
            )

    def _check_alone(self, voices: Sequence[SoundCue], places: Sequence[Place]) -> None:
        """Two voices at once are not understood."""
        for (one, two), place in zip(pairwise(voices), places[1:], strict=False):
            over = one.begin_seconds + one.seconds - two.begin_seconds
            if over > 0.5 / self._fps:
                self._note(
                    (*place, "file"),
                    f"begins {over:.2f} seconds before the voice before it (`{one.file}`) has "
                    "ended: give that shot more `seconds` (`seconds: voice` takes them from it)",
                )

    def _lines_of_file(self) -> Iterator[ShownWords]:
        beyond = [line for line in self._lines if line.begin_seconds >= self._film_seconds]
        if beyond:
            self._note(
                ("captions", "file"),
                f"{len(beyond)} of {len(self._lines)} captions are after the end of the film "
                f"({self._film_seconds:.2f} seconds): cut them or the times are of another film",
            )
        for line in self._lines:
            if line not in beyond:
                end = min(line.end_seconds, self._film_seconds)
                yield line.model_copy(update={"end_seconds": end})

    def _lines_of_shots(self) -> Iterator[ShownWords]:
        for entry in self._shots:
            _, shot, planned, _ = entry
            if shot.captions:
                spoken = [
                    (c.begin_seconds, c.begin_seconds + c.seconds) for _, c in self._voices(*entry)
                ]
                yield from _spread(shot.captions, planned, spoken, self._fps)

    def _note(self, place: Place, message: str) -> None:
        problem = Problem(place, message)
        if problem not in self.problems:
            self.problems.append(problem)


def _common(sound: SoundClip) -> dict[str, object]:
    return {
        "file": sound.file,
        "from_seconds": sound.from_,
        "gain_db": sound.gain,
        "fade_in_seconds": sound.fade_in,
        "fade_out_seconds": sound.fade_out,
    }


def _spread(
    texts: Sequence[str], shot: ShotPlan, spoken: Sequence[tuple[float, float]], fps: int
) -> Iterator[ShownWords]:
    """Texts over their shot: with its voices where there are as many, else by their lengths."""
    if len(spoken) == len(texts):
        times = list(spoken)
    else:
        begin, seconds = shot.first_frame_index / fps, shot.frame_count / fps
        letters = [len(text) for text in texts]
        shares = [sum(letters[:number]) / sum(letters) for number in range(len(texts) + 1)]
        times = [(begin + seconds * one, begin + seconds * two) for one, two in pairwise(shares)]
    for text, (begin, end) in zip(texts, times, strict=True):
        yield ShownWords(
            begin_seconds=round(begin, 3), end_seconds=round(end, 3), text=text.strip()
        )
