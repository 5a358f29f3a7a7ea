"""The tables of docs/emulator.md, made from what the emulator can do."""

from __future__ import annotations

from pydantic.fields import FieldInfo

from longtake.emulator import ColourDrift, Dials, Endpoint
from longtake.emulator.actions import ANSWERED, ASKED, EFFECTS


def fault_table() -> str:
    """Every action as a Markdown table, as docs/emulator.md prints it."""
    lines = ["| `do` | on | what happens |", "|---|---|---|"]
    for action, effect in EFFECTS.items():
        where = ", ".join(one.value for one in Endpoint if one in effect.operations)
        where = "all but job" if effect.operations == ASKED else where
        where = "all answers" if effect.operations == ANSWERED else where
        lines.append(f"| `{action.value}` | {where} | {effect.sentence} |")
    return "\n".join(lines)


def shape_table() -> str:
    """The shapes of every action that reads one, as docs/emulator.md prints them."""
    lines = ["| `do` | `shape` |", "|---|---|"]
    for action, effect in EFFECTS.items():
        if effect.shapes:
            lines.append(f"| `{action.value}` | {', '.join(effect.shapes)} |")
    return "\n".join(lines)


def dial_table() -> str:
    """Every dial as a Markdown table, as docs/emulator.md prints it."""
    lines = ["| dial | default | meaning |", "|---|---|---|"]
    for name, dial in Dials.model_fields.items():
        if name == "colour_drift":
            lines += [
                _dial_row(f"{name}.{part}", one) for part, one in ColourDrift.model_fields.items()
            ]
        else:
            lines.append(_dial_row(name, dial))
    return "\n".join(lines)


def _dial_row(name: str, dial: FieldInfo) -> str:
    text = " ".join((dial.description or "").split()).replace("``", "`")
    default = "none" if dial.default is None else str(dial.default).lower()
    return f"| `{name}` | {default} | {text} |"
