"""The words that the rules listen for."""

from __future__ import annotations

import re

COMPARED = {
    "bigger": "big",
    "brighter": "bright",
    "closer": "close",
    "colder": "cold",
    "darker": "dark",
    "deeper": "deep",
    "farther": "far",
    "faster": "fast",
    "further": "far",
    "higher": "high",
    "larger": "large",
    "louder": "loud",
    "lower": "low",
    "nearer": "near",
    "older": "old",
    "slower": "slow",
    "smaller": "small",
    "steeper": "steep",
    "stronger": "strong",
    "thicker": "thick",
    "thinner": "thin",
    "tighter": "tight",
    "warmer": "warm",
    "weaker": "weak",
    "wider": "wide",
    "younger": "young",
}
"""Comparatives, each with the word that says what is seen."""


def _words(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


AGAIN = re.compile(
    r"\b(?:again(?! and again)(?<!again and again)|once more|one more time"
    r"|as before|like before|than before|back to the"
    r"|(?:as|like|than) in the (?:last|previous|first) \w+|the previous \w+"
    r"|the same \w+ as before)\b"
    r"|\b(?:(?<!who is )no longer|any ?more(?! than)|a (?:moment|minute|second|while) ago)\b"
    r"|\b(?:resumes?|continues? (?:to|\w+ing)|(?:goes|keeps|carries) on \w+ing)\b"
    r"|(?:^|[.;] )(?:the )?same (?!time|moment)\w+",
    re.IGNORECASE,
)
"""Words that point at something the model has not seen: a return, a continuation, an end."""

STILL_GOING_ON = re.compile(
    r"(?<!stands )(?<!stand )(?<!standing )(?<!holds )(?<!hold )(?<!keeps )(?<!sits )(?<!lies )"
    r"\bstill\b(?= (?:\w+ing|in|on|at|there|here|with|not|wears|holds|has|looks|the)\b)",
    re.IGNORECASE,
)
"""`still` for something that goes on, and not a still lake or somebody who stands still."""

_COMPARATIVE = f"(?:{'|'.join(COMPARED)})"
MORE_AND_MORE = re.compile(
    rf"\b(?:even |a bit |a little |much |ever )?{_COMPARATIVE}(?: and {_COMPARATIVE})?\b"
    r"(?! (?:(?:\w+ )?than(?! ever)|of|ones?)\b)"
    r"|\bmore and more\b|\ba bit more\b|\beven more\b|\bmore people arrive\b",
    re.IGNORECASE,
)
"""Comparatives: each clip of a chain adds the same step once more. Not those that name both sides
(`faster than the train`, `the bigger one`): the image shows them."""

CUTS = re.compile(
    r"\bcuts? (?:back |away )?to\b|\bmontage\b"
    r"|(?<!no )(?<!without )\b(?:jump|smash|match|hard|quick|fast|rapid) (?:cuts?|edits?|editing)\b"
    r"|\b(?:multiple|various|several|different) (?:camera )?(?:angles|shots)\b"
    r"|\b(?:shot|scene|clip) (?:\d+|one|two) ?[:.-]|\b\d+ ?[-\u2013] ?\d+ ?s(?:ec|econds)?:"
    r"|(?:^|[.;] )cut(?=[.;:,])|\bthe (?:scene|shot|view|picture) (?:changes|switches|dissolves)\b"
    r"|\bfades? (?:to|out to|into) (?:black|white)\b|\bmeanwhile\b|\bsplit[- ]screen\b"
    r"|\bflash ?backs?\b|\bseries of shots\b|\bswitch(?:es)? to\b|\btransition(?:s)? (?:to|into)\b"
    r"|\bcrossfades?\b|\bintercut\b",
    re.IGNORECASE,
)
"""Words that ask for a cut."""

EXITS = re.compile(
    r"\b(?:out of|off|from) (?:the )?(?:frame|shot|picture|view|sight|screen|stage)\b"
    r"|(?<!the )(?<!an )(?<!no )(?<!fire )(?<!emergency )\bexits?\b(?! (?:signs?|doors?|lights?)\b)"
    r"|\b(?:leaves|leave|leaving) the "
    r"(?:room|frame|house|picture|stage|shot|building|scene)\b"
    r"|\bvanish(?:es)?\b"
    r"|\b(?:goes|walks|drives|runs|rides|flies|sails|swims|gallops) (?:away|off)\b(?! the\b)"
    r"|\b(?:is|are) gone(?=$|[,.;])|\buntil (?:only|nothing|nobody|no one)\b"
    r"|\bleaving (?:\w+ ){1,4}(?:empty|deserted|bare)\b|\bleaving (?:an empty|only|nothing)\b"
    r"|\b(?:swallowed|engulfed) by\b|\b(?:melts|fades|dissolves) into (?:the )?"
    r"(?:air|crowd|dark|darkness|shadows?|fog|mist)\b"
    r"|\b(?:sinks|dives|slips|drops) (?:below|beneath|under|behind) the "
    r"(?:surface|horizon|waves|water)\b"
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
    "accept aim brake burst collapse crash explode faint fasten flip hurl ignite insert let nod "
    "pause punch release remove return salute scream shout slip snap spill stab stumble swallow "
    "tumble unfold untie wink yell"
)
"""What people do one after another; not what the camera does, nor what goes on for a while."""

PEOPLE = _words("i you he she it we they")
"""After these a verb may stand bare: `they open`, and the `he take` of a learner."""

IN_ORDER = re.compile(
    r"(?<!now and )(?<!back )(?<!since )(?<!even )\bthen\b|\bafterwards\b|\bafter that\b"
    r"|(?<!stands )(?<!sits )(?<!kneels )(?<!standing )\b(?:after|before) "
    r"(?!morning|evening|nothing|anything|everything|lightning|spring|king)"
    r"\w+ing\b|\bas soon as\b|\bfinally \w+ \w+s\b",
    re.IGNORECASE,
)
"""Words that put one thing after another, whatever the verbs are, the camera's too."""

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
