"""The contract watch: every clip that was paid for against what is assumed of the service.

Pure. What is assumed stands in one place, the model family (``family.Contract``, its sizes, lengths
and prices, and what the request asked for); here it is compared with what came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import Field

from longtake.story.family import Family, family_of
from longtake.story.rates import billed_usd
from longtake.story.readings import Finding, PairReading, Reading

RULE = "contract"
"""The rule of findings that tell of a departure begins so; what was assumed follows."""


class ArrivedFile(Reading):
    """A clip's file as it came: what a look into it told, before anything was done to it."""

    request_id: str = Field(description="The request that was paid for it.")
    sha256: str
    width: int
    height: int
    frame_count: int = Field(description="Frames that were decoded.")
    fps: float
    codec: str
    pixel_format: str | None = None
    colour_tags: tuple[str, ...] = Field((), description="Those that the file has.")


@dataclass(frozen=True)
class PaidEnds:
    """The ends of a clip against the pictures that were sent; None where it was not measured."""

    start: PairReading | None = None
    end: PairReading | None = None
    handed: bool = False
    """Whether the picture that it was to start from is another clip's frame."""


@dataclass(frozen=True)
class PaidClip:
    """What is known of one clip that was paid for; None where nothing is.

    ``usual_usd`` is the price table's, ``usual_seconds`` what clips before it took, or the prior.
    ``arrived`` are the files that were ever paid for by this very request, this clip's own last.
    ``trouble``: why no film can be made of it.
    """

    clip_id: str
    model: str
    parameters: dict[str, Any]
    request_id: str
    at: datetime
    usual_usd: float
    usual_seconds: float
    usd: float | None = None
    seconds: float | None = None
    queue_seconds: float | None = None
    arrived: tuple[ArrivedFile, ...] = ()
    ends: PaidEnds = PaidEnds()
    trouble: str | None = None

    @property
    def family(self) -> Family:
        """The family of its model."""
        return family_of(self.model)


class Observation(NamedTuple):
    """One assumption against one clip: what was assumed, what came, and whether that is the same.

    ``amount`` is a figure that was measured, ``unit`` what it counts.
    """

    name: str
    assumed: str
    came: str
    holds: bool
    amount: float | None = None
    unit: str = ""


OF_PICTURES = ("first frame", "handed frame", "last image")
ASSUMPTIONS = (
    *OF_PICTURES,
    "frame count",
    "size",
    "frame rate",
    "codec",
    "pixel format",
    "colour tags",
    "usable",
    "same seed",
    "price",
    "time",
    "queue",
)
"""Their names, in the order in which they are shown."""


def observed(clip: PaidClip) -> Iterator[Observation]:
    """What the clip says of each assumption that it can say anything of."""
    yield from _pictures(clip)
    if clip.arrived:
        yield from _file(clip, clip.arrived[-1])
    yield Observation("usable", "a film can be made of it", clip.trouble or "yes", not clip.trouble)
    yield from _seeds(clip)
    yield from _service(clip)


def departures(clip: PaidClip) -> list[Observation]:
    """What the clip has in another way than is assumed."""
    return [one for one in observed(clip) if not one.holds]


def finding_of(clip_id: str, departure: Observation) -> Finding:
    """The warning of a departure, as runs record it."""
    return Finding(
        severity="warning",
        place=clip_id,
        rule=f"{RULE} {departure.name}",
        says=f"{departure.came}; assumed: {departure.assumed}. `longtake doctor --contract` shows "
        "what was seen, and when",
        score=1.0,
        headline=f"the service departs from what is assumed of it: {departure.name}",
    )


def is_departure(finding: Finding) -> bool:
    """Whether the finding is of the contract watch, and not of the film."""
    return finding.rule.startswith(f"{RULE} ")


FIRST_FRAME = "frame 0 is the image that was sent"
HANDED_FRAME = "frame 0 is the frame of a clip that was sent"
LAST_IMAGE = "the final frame is the image that was sent as its end"
SAME_SEED = "what is paid for again with the same seed is the same file"


def _pictures(clip: PaidClip) -> Iterator[Observation]:
    contract, ends = clip.family.contract, clip.ends
    first = ("handed frame", HANDED_FRAME) if ends.handed else ("first frame", FIRST_FRAME)
    for name, assumed, pair, repeats in (
        (*first, ends.start, contract.begins_on_start_image),
        ("last image", LAST_IMAGE, ends.end, contract.ends_on_end_image),
    ):
        if pair is not None:
            step = pair.colour_step if pair.block_step is None else pair.block_step
            came = f"likeness {pair.ssim:.3f}, ΔE {step:.2f}"
            if pair.repeats and pair.bias is not None:
                came += f", {max(pair.bias, key=abs):+.1f} levels"
            if pair.repeats and pair.detail is not None:
                came += f", detail {pair.detail:.2f}"
            came += "" if pair.repeats else ": another picture"
            same = pair.repeats == repeats
            yield Observation(name, assumed, came, same, step, "ΔE")


def _file(clip: PaidClip, file: ArrivedFile) -> Iterator[Observation]:
    family, contract, asked = clip.family, clip.family.contract, clip.parameters
    fps, length = family.fps_of(asked), family.length_of(asked)
    if length is not None:
        yield _same("frame count", family.lengths.frames(length, int(fps)), file.frame_count)
    sizes = [f"{width}x{height}" for width, height in _sizes(family, asked)]
    came = f"{file.width}x{file.height}"
    yield Observation("size", " or ".join(sizes), came, came in sizes)
    rate = round(file.fps, 3)
    yield Observation("frame rate", f"{fps:g}", f"{rate:g}", abs(rate - fps) < 0.01, rate, "fps")
    yield _same("codec", contract.codec, file.codec)
    if file.pixel_format is not None:
        yield _same("pixel format", contract.pixel_format, file.pixel_format)
    tags = file.colour_tags
    same = tags == contract.colour_tags
    yield Observation("colour tags", tags_in_words(contract.colour_tags), tags_in_words(tags), same)


def _same(name: str, assumed: int | str, came: int | str) -> Observation:
    amount = float(came) if isinstance(came, int) else None
    unit = "frames" if amount is not None else ""
    return Observation(name, str(assumed), str(came), assumed == came, amount, unit)


def _sizes(family: Family, asked: dict[str, Any]) -> list[tuple[int, int]]:
    """What the picture may be; several where the request does not say of which shape."""
    by_shape = family.sizes[family.resolution_of(asked)]
    shape = family.value_of("aspect_ratio", asked)
    return [by_shape[shape]] if shape in by_shape else list(by_shape.values())


def tags_in_words(tags: Sequence[str]) -> str:
    """Colour tags as a person reads them."""
    return ", ".join(tags) or "none"


def _seeds(clip: PaidClip) -> Iterator[Observation]:
    """Only where the very same request was paid for more than once, and both files came."""
    *earlier, own = clip.arrived or (None,)
    if own is not None and earlier:
        same = all(file is not None and file.sha256 == own.sha256 for file in earlier)
        came = "the same file" if same else "another file"
        holds = same == clip.family.contract.same_seed_same_clip
        yield Observation("same seed", SAME_SEED, came, holds)


def _service(clip: PaidClip) -> Iterator[Observation]:
    contract, usual = clip.family.contract, clip.usual_usd
    usd = billed_usd(clip.usd)
    if usd is not None:
        near = abs(usd - usual) <= contract.price_share * usual + 1e-9
        yield Observation("price", f"about {usual:.3g} USD", f"{usd:.3g} USD", near, usd, "USD")
    usual_seconds = clip.usual_seconds
    most = max(usual_seconds * contract.slowness, usual_seconds + contract.patience_seconds)
    for name, took, says in (
        ("time", clip.seconds, "about {:.0f} s, {:.0f} s at most"),
        ("queue", clip.queue_seconds, "shorter than the work itself ({:.0f} s), {:.0f} s at most"),
    ):
        if took is not None:
            assumed = says.format(usual_seconds, most)
            yield Observation(name, assumed, f"{took:.3g} s", took <= most, took, "s")
