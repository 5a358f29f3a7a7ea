"""The words that the rules listen for."""

from __future__ import annotations

import re

_COMPARATIVES = (
    "closer nearer further farther deeper higher lower faster slower older younger bigger smaller "
    "larger brighter darker louder wider tighter stronger weaker warmer colder thicker thinner "
    "steeper"
)


def _words(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


def _any_of(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


AGAIN = re.compile(
    r"\b(?:again|once more|one more time|as before|like before|than before|back to the|"
    r"(?:as|like|than) in the (?:last|previous|first) \w+|the previous \w+|"
    r"the same \w+ as before)\b",
    re.IGNORECASE,
)
"""Words that point at something the model has not seen."""

STILL_GOING_ON = re.compile(
    r"(?<!stands )(?<!stand )(?<!standing )(?<!holds )(?<!hold )(?<!keeps )(?<!sits )(?<!lies )"
    r"\bstill\b(?= (?:\w+ing|in|on|at|there|here|with|not|wears|holds|has|looks|the)\b)",
    re.IGNORECASE,
)
"""`still` for something that goes on, and not a still lake or somebody who stands still."""

MORE_AND_MORE = re.compile(
    rf"\b(?:even |a bit |a little |much |ever )?(?:{_any_of(_COMPARATIVES)})"
    rf"(?: and (?:{_any_of(_COMPARATIVES)}))?\b"
    r"|\bmore and more\b|\ba bit more\b|\beven more\b|\bmore people arrive\b",
    re.IGNORECASE,
)
"""Comparatives: each clip of a chain adds the same step once more."""

CUTS = re.compile(
    r"\bcuts? (?:back |away )?to\b|\b(?:jump|smash|match|hard|quick|fast) cuts?\b|\bmontage\b"
    r"|(?:^|[.;] )cut(?=[.;:,])|\bthe (?:scene|shot|view|picture) (?:changes|switches|dissolves)\b"
    r"|\bfades? (?:to|out to|into) (?:black|white)\b|^meanwhile\b|\bmeanwhile,|\bsplit[- ]screen\b"
    r"|\bflash ?backs?\b|\bseries of shots\b|\bswitch(?:es)? to\b|\btransition(?:s)? (?:to|into)\b"
    r"|\bcrossfades?\b|\bintercut\b",
    re.IGNORECASE,
)
"""Words that ask for a cut."""

EXITS = re.compile(
    r"\b(?:out of|off|from) (?:the )?(?:frame|shot|picture|view|sight|screen|stage)\b"
    r"|\bexits?\b|\b(?:leaves|leave|leaving) the "
    r"(?:room|frame|house|picture|stage|shot|building|scene)\b"
    r"|\bvanish(?:es)?\b|\b(?:goes|walks|drives|runs|rides|flies) away\b"
    r"|\buntil (?:it|he|she|they) (?:is|are) gone\b"
    r"|(?<!the river )\bdisappears? (?:behind|into|in|from|around|through|over)\b",
    re.IGNORECASE,
)
"""Words for a subject that is no longer in the picture at the end."""

ACTIONS = _words(
    "arrive ask bend board bow break bring brush build button call carry catch chop climb close "
    "come comb cook cross cut dive drag draw drink drive drop dry eat embrace enter feed fetch "
    "fill find fold fry get give go grab greet hand hang hide hit hug jump kick kiss kneel "
    "knock land lay leap leave lift light load lock mount move open order pack paint pass pay "
    "peel pick place plant play point pour press pull push put raise ride ring rise rush say "
    "seal seat serve set shake shoot shut sing sit slam smash sprint stand step stop strike "
    "swim switch take tap tear throw tie toss touch try turn unlock unwrap wake walk wash "
    "whisper wipe wrap write "
)
"""What people do one after another; not what the camera does, nor what goes on for a while."""

COLOURS = _words(
    "red orange yellow green blue purple violet pink brown black white grey gray silver golden "
    "beige turquoise crimson scarlet"
)

HOURS = {
    "night": "night midnight moonlight moonlit starlight starry",
    "day": "noon midday daylight sunny sunshine",
    "dawn": "dawn sunrise daybreak morning",
    "dusk": "dusk sunset twilight evening",
}
"""Hours of the day by the words for them."""
