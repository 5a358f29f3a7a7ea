"""The rules: each looks at a clip (or at a chain) and says what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from longtake.story.lint import words
from longtake.story.lint.better import as_seen_now, in_the_picture
from longtake.story.lint.hazards import Hazard, LintedClip

DEEP_HOPS = 6
"""Reports of real chains: visibly softer from the second or third hop, heavily by the sixth or
seventh (SVI issue 87, VACE issue 44)."""

_WORD = re.compile(r"[a-z']+")
_LAMPS = re.compile(r"\blights\b(?! (?:a|an|the|his|her|its|their|up)\b)")
_IS_OF_COLOUR = re.compile(r"\b([a-z]+) (?:is|are|looks?|shines?) (?:now |all )?([a-z]+)\b")
_GAPS = re.compile(r"(,? and then |,? then |, and | and afterwards | and |[,;.] )")
_CLAUSES = re.compile(r"[,;.]| and | then | before (?=he|she|it|they)")


def relative(clip: LintedClip) -> Iterator[Hazard]:
    """Words that compare with, or point at, what only the clip before has shown."""
    if clip.first:
        return
    found = words.AGAIN.search(clip.text) or words.STILL_GOING_ON.search(clip.text)
    if found is None and clip.hop:
        found = words.MORE_AND_MORE.search(clip.text)
    if found is not None:
        yield Hazard(
            "relative",
            clip.place,
            found[0],
            "the model knows the image it is given, not the clips before it, so this is done again "
            "in each clip, or not at all",
            "say what is to be seen at the end of this clip, as if nothing had been said before"
            + _shown(as_seen_now(clip.text, found[0])),
        )


def two_actions(clip: LintedClip) -> Iterator[Hazard]:
    """More actions than five seconds hold."""
    actions, in_order = _actions(clip.text), words.IN_ORDER.search(clip.text)
    if len(actions) > 1:
        said = ", ".join(actions)
    elif in_order:
        said = in_order[0]
    else:
        return
    split = _split(clip.text)
    better = "give each action a beat of its own"
    if len(split) > 1:
        better += ": " + ", ".join(f"`{part}`" for part in split)
    yield Hazard(
        "two-actions",
        clip.place,
        said,
        "a clip is five seconds: of several actions the model hurries all or leaves some out",
        better,
    )


def leaves_the_picture(clip: LintedClip) -> Iterator[Hazard]:
    """A subject that is gone before its frame is handed over."""
    found = words.EXITS.search(clip.text) if clip.hands_over else None
    if found is not None:
        yield Hazard(
            "exit",
            clip.place,
            found[0],
            "the next clip begins from the last frame of this one, and who has left the picture "
            "cannot be continued: the model invents somebody else",
            "let the subject stay in the picture until the end of the clip"
            + _shown(in_the_picture(clip.text, found[0]))
            + ", or begin what follows with `start: cut`",
        )


def asks_for_a_cut(clip: LintedClip) -> Iterator[Hazard]:
    """A cut inside a clip."""
    if found := words.CUTS.search(clip.text):
        before, after = clip.text[: found.start()], clip.text[found.end() :]
        parts = [part.strip(" ,.;:") for part in (before, after)]
        shown = " and ".join(f"`{part}`" for part in parts if part)
        yield Hazard(
            "cut-words",
            clip.place,
            found[0].strip(" .;:,"),
            "a clip is one shot: the model cuts, or morphs, in the middle of it, and the frame "
            "that is handed over is of another picture",
            f"make shots of it{f': {shown}' if shown else ''}, the second with `start: cut`",
        )


PER_CLIP: tuple[Callable[[LintedClip], Iterator[Hazard]], ...] = (
    relative,
    two_actions,
    leaves_the_picture,
    asks_for_a_cut,
)


def colours_change(chain: Sequence[LintedClip]) -> Iterator[Hazard]:
    """The same thing in another colour, or another hour, than in the clip before."""
    for before, clip in pairwise(chain):
        worn, now = _coloured(before.text), _coloured(clip.text)
        for thing in worn.keys() & now.keys():
            if not worn[thing] & now[thing]:
                yield _change(clip, f"{min(now[thing])} {thing}", f"{min(worn[thing])} {thing}")
        hours = _hours(before.text), _hours(clip.text)
        if all(hours) and not hours[0] & hours[1]:
            yield _change(clip, min(hours[1]), min(hours[0]))


def deep(chain: Sequence[LintedClip]) -> Iterator[Hazard]:
    """A chain of very many hops."""
    if len(chain) > DEEP_HOPS + 1:
        clip = chain[DEEP_HOPS + 1]
        yield Hazard(
            "deep-chain",
            clip.place,
            "",
            f"{len(chain) - 1} handovers in a row: each loses some sharpness and colour, and from "
            f"the {DEEP_HOPS}th on people see it",
            "begin a new chain here with a still or `start: cut`, or set `drift: reanchor`",
        )


def _actions(text: str) -> list[str]:
    """The actions of the text, in order, each once; a camera's do not count."""
    found: dict[str, None] = {}
    for clause in _CLAUSES.split(_LAMPS.sub("", text.lower())):
        if re.match(r"\s*(?:the )?(?:camera|view|shot|light|drone)\b", clause):
            continue
        said = _WORD.findall(clause)
        for before, word in pairwise(["", *said]):
            stem = word if before in words.PEOPLE and word in words.ACTIONS else _stem(word)
            if stem:
                found[stem] = None
                break
    return list(found)


def _stem(word: str) -> str | None:
    """The action in the third person that the word is; None for any other word."""
    for ending, cut in (("ies", 3), ("es", 2), ("s", 1)):
        if word.endswith(ending):
            stem = word[:-cut] + ("y" if ending == "ies" else "")
            if stem in words.ACTIONS:
                return stem
    return None


def _shown(sentence: str) -> str:
    return f": `{sentence}`" if sentence else ""


def _split(text: str) -> list[str]:
    """The text in parts with an action each; what has none stays with the part before it."""
    first, *rest = _GAPS.split(text)
    parts = [first]
    for gap, part in zip(rest[::2], rest[1::2], strict=True):
        if _actions(part) and _actions(parts[-1]):
            parts.append(part)
        else:
            parts[-1] += gap + part
    return [part.strip(" .,;") for part in parts if _actions(part)]


def _change(clip: LintedClip, now: str, before: str) -> Hazard:
    return Hazard(
        "changed-look",
        clip.place,
        now,
        f"the clip before says `{before}`, and its last frame is what this one begins from: it "
        "morphs within a second",
        f"say `{before}` here, too, or begin the shot with `start: cut`",
    )


def _coloured(text: str) -> dict[str, set[str]]:
    """The colours of each thing: ``{"coat": {"red"}}``, of a red coat or of a coat that is red."""
    found: dict[str, set[str]] = {}
    before = re.findall(r"\b([a-z]+)(?= ([a-z]+)\b)", text.lower())
    after = [(colour, thing) for thing, colour in _IS_OF_COLOUR.findall(text.lower())]
    for colour, thing in [*before, *after]:
        if colour in words.COLOURS and thing not in words.COLOURS:
            found.setdefault(thing, set()).add(colour)
    return found


def _hours(text: str) -> set[str]:
    said = set(_WORD.findall(text.lower()))
    return {hour for hour, names in words.HOURS.items() if said & set(names.split())}
