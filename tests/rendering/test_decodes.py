"""What is kept of clips is found by their content, and takes a bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longtake.media.measure.kept import Decoded
from longtake.rendering.decodes import Decodes

FILE = Path("clips/a-1.1.mp4")
FRAME = np.zeros((4, 5, 3), np.uint8)


def clip(*, begin: int = 1, end: int = 1) -> Decoded:
    whole = dict.fromkeys(range(begin), FRAME)
    return Decoded(FILE, "bt601", 81, (5, 4), begin=whole, end=dict.fromkeys(range(end), FRAME))


def test_a_clip_is_found_by_its_content() -> None:
    decodes, mine = Decodes(), clip()
    decodes.keep("a", mine)
    assert decodes.of("a", FILE) is mine
    assert decodes.of("b", FILE) == FILE


def test_the_oldest_is_forgotten_beyond_the_bound() -> None:
    decodes = Decodes(most_bytes=4 * FRAME.nbytes)
    for name in ("a", "b", "c"):
        decodes.keep(name, clip())
    assert decodes.of("a", FILE) == FILE
    assert isinstance(decodes.of("b", FILE), Decoded)
    assert isinstance(decodes.of("c", FILE), Decoded)


def test_one_beyond_the_bound_is_not_kept_at_all() -> None:
    decodes = Decodes(most_bytes=FRAME.nbytes)
    decodes.keep("a", clip())
    assert decodes.of("a", FILE) == FILE


def test_a_part_is_forgotten_and_the_clip_with_its_last_part() -> None:
    decodes = Decodes()
    decodes.keep("a", clip())
    decodes.forget("a", Decoded.without_begin)
    found = decodes.of("a", FILE)
    assert isinstance(found, Decoded)
    assert not found.begin
    decodes.forget("a", Decoded.without_end)
    assert decodes.of("a", FILE) == FILE
    decodes.forget("a", Decoded.without_end)


def test_nothing_is_kept_of_a_clip_of_which_no_frame_was() -> None:
    decodes = Decodes()
    decodes.keep("a", clip(begin=0, end=0))
    assert decodes.of("a", FILE) == FILE
