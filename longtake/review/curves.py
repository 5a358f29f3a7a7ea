"""Drift along a chain as small line charts: SVG made here, coloured by the page's style."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from longtake.review.wording import number
from longtake.story import Drift

WIDTH, HEIGHT, MARGIN = 240.0, 84.0, 8.0
"""Of a chart, in SVG units."""

_MEASURES = (
    ("colour_step", "Colour error", "ΔE gathered by the paired steps"),
    ("luma", "Luma", "levels"),
    ("contrast", "Contrast", "standard deviation of luma"),
    ("saturation", "Saturation", "mean chroma"),
    ("sharpness", "Sharpness", "variance of the Laplacian"),
    ("motion", "Motion", "pixels a frame"),
)


@dataclass(frozen=True)
class Chart:
    """One measure along one chain; ``vde`` and ``delta`` as ``Drift`` has them, or empty."""

    name: str
    unit: str
    first: str
    last: str
    vde: str
    delta: str
    svg: Markup


@dataclass(frozen=True)
class ChainView:
    """The charts of one chain, and what they lead to."""

    number: int
    span: str
    forecast: str
    charts: tuple[Chart, ...]


def chain_views(drifts: Sequence[Drift]) -> list[ChainView]:
    """Every chain that has a hop to drift over."""
    return [_chain(drift) for drift in drifts if len(drift.clip_ids) > 1]


def curve(label: str, ids: Sequence[str], values: Sequence[float], hop: int | None) -> Markup:
    """One line over the clips; ``hop`` (1-based) is where a limit is forecast to break.

    What is not a number leaves a gap. A break beyond the last clip stands at the right edge.
    """
    steps = max(len(ids) - 1, hop or 0, 1)
    finite = [value for value in values if math.isfinite(value)]
    low, high = _range(finite)

    def x(at: float) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * at / steps

    def y(value: float) -> float:
        return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / (high - low)

    parts = [_line("base", MARGIN, y(values[0]), WIDTH - MARGIN, y(values[0]))] if finite else []
    if hop is not None:
        parts.append(_line("break", x(hop), MARGIN / 2, x(hop), HEIGHT - MARGIN / 2))
    for run in _runs(values):
        points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in run)
        parts.append(Markup('<polyline points="{}"/>').format(points))
    for at, (clip_id, value) in enumerate(zip(ids, values, strict=False)):
        if math.isfinite(value):
            title = f"{clip_id}: {number(value)}"
            dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>')
            parts.append(dot.format(x(at), y(value), title))
    description = f"{label}: " + ", ".join(number(value) for value in values)
    opening = Markup('<svg viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">')
    return opening.format(WIDTH, HEIGHT, description) + Markup("").join(parts) + Markup("</svg>")


def _chain(drift: Drift) -> ChainView:
    hop = drift.breaks_at_hop
    forecast = f"the limit is forecast to break at hop {hop}" if hop is not None else ""
    return ChainView(
        number=drift.chain,
        span=f"{drift.clip_ids[0]} … {drift.clip_ids[-1]}",
        forecast=forecast,
        charts=tuple(_charts(drift)),
    )


def _charts(drift: Drift) -> Iterator[Chart]:
    for key, name, unit in _MEASURES:
        values: tuple[float, ...] = getattr(drift, key)
        if values:
            hop = drift.breaks_at_hop if key in ("colour_step", "sharpness") else None
            vde, delta = drift.vde.get(key), drift.start_end.get(key)
            yield Chart(
                name=name,
                unit=unit,
                first=number(values[0], 1),
                last=number(values[-1], 1),
                vde="" if vde is None else number(vde, 3),
                delta="" if delta is None else number(delta, 1),
                svg=curve(name, drift.clip_ids, values, hop),
            )


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From the least to the greatest, widened so that tiny differences do not look large."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    least = max(0.1 * max(abs(low), abs(high)), 1e-6)
    if high - low < least:
        middle = (low + high) / 2
        return middle - least / 2, middle + least / 2
    return low, high


def _runs(values: Sequence[float]) -> Iterator[list[tuple[int, float]]]:
    """Neighbouring numbers, with their places."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if math.isfinite(value):
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    line = Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    return line.format(kind, x1, y1, x2, y2)


def waveform_path(levels: Sequence[float]) -> str:
    """A sound's levels (0 to 1) as the path of an SVG, a unit wide for each and 100 high."""
    above = [f"{x} {50 - 48 * level:.1f}" for x, level in enumerate(levels)]
    below = [f"{x} {50 + 48 * level:.1f}" for x, level in enumerate(levels)]
    return "M" + "L".join([*above, *reversed(below)]) + "Z" if levels else ""
