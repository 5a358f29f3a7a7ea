"""How often each automatic verdict is wrong, as ``bench/roc.py --write`` measured it.

The figures stand in ``error_rates.json``, which the bench writes and nobody else does.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


def error_rates(rule: str) -> str:
    """What is known of a verdict's errors, in words; that nothing is, where nothing was measured.

    ``rule`` is a finding's, or `gate`: any rule past its limit on a take.
    """
    known = _measured().get(rule)
    if known is None:
        return "how often this verdict is wrong was never measured"
    alarms = sum(each["alarms"] for each in known["clean"])
    clean = sum(each["count"] for each in known["clean"])
    alarms_in_words = f"wrong on {alarms} of {clean} faultless ones"
    shares = [each["found"] / each["count"] for each in known["faults"] if each["count"]]
    if not shares:
        return alarms_in_words
    least, most = min(shares), max(shares)
    found = f"{least:.0%}" if least == most else f"{least:.0%} to {most:.0%}"
    return f"finds {found} of the faults put in, {alarms_in_words}"


@cache
def _measured() -> dict[str, Any]:
    text = files("longtake.record").joinpath("error_rates.json").read_text("utf-8")
    measured: dict[str, Any] = json.loads(text)
    return measured
