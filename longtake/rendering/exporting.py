"""A render's folder as a timeline: its record, proof, sound and captions, put together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import av

from longtake.errors import MediaError, OperatorError
from longtake.export import Exported, Form, cut_of, write_export
from longtake.media.lettering import as_srt
from longtake.media.proving import read_proof
from longtake.record import RunRecord, read_run
from longtake.story import ShownWords

Media = Literal["relative", "copied"]


def export_run(
    folder: Path, into: Path, form: Form, *, media: Media = "relative", start_seconds: int = 0
) -> Exported:
    """Write a finished render as a timeline at ``into``, with its captions next to it.

    Files are linked relative to the timeline, or copied into a folder next to it. Blocking. Raises
    OperatorError for a folder without a finished film.
    """
    record, film = film_of(folder)
    proof, _, _ = read_proof(film)
    cuts = cut_of(proof, record)
    captions = read_lines(film)
    if captions:
        into.parent.mkdir(parents=True, exist_ok=True)
        into.with_suffix(".srt").write_text(as_srt(captions), encoding="utf-8")
    sounds = sorted((folder / "sound").glob("*.m4a"))
    return write_export(
        proof,
        cuts,
        into,
        form,
        link=_link(folder, into, media),
        sound=sounds[0].relative_to(folder) if sounds else None,
        captions=captions,
        start_seconds=start_seconds,
    )


def read_lines(film: Path) -> list[ShownWords]:
    """The film's captions, out of its own track; blocking."""
    with film.open("rb") as file, av.open(file, "r", format="mov") as container:
        if not container.streams.subtitles:
            return []
        lines = []
        for packet in container.demux(container.streams.subtitles[0]):
            # mov_text: two bytes that tell the length, then the text (ISO/IEC 14496-30).
            content = bytes(packet)
            size = int.from_bytes(content[:2], "big")
            if size and packet.pts is not None and packet.time_base is not None:
                begin = float(packet.pts * packet.time_base)
                seconds = float((packet.duration or 0) * packet.time_base)
                text = content[2 : 2 + size].decode("utf-8", "replace")
                lines.append(
                    ShownWords(begin_seconds=begin, end_seconds=begin + seconds, text=text)
                )
        return lines


def film_of(folder: Path) -> tuple[RunRecord, Path]:
    """A folder's record and film; OperatorError where there is no finished one."""
    record = read_run(folder / "run.json")
    if record is None:
        raise OperatorError(f"{folder} is no render's folder: there is no run.json to be read")
    film = folder / (record.film.file if record.film else "film.mp4")
    if record.film is None or not film.is_file():
        raise OperatorError(f"{folder} has no film yet: render it to its end, then export it")
    return record, film


def _link(folder: Path, into: Path, media: Media) -> Callable[[str], str]:
    """How the timeline names a file of the render."""
    copies = into.with_suffix(".media")

    def relative(name: str) -> str:
        return Path(os.path.relpath(folder / name, into.parent)).as_posix()

    def copied(name: str) -> str:
        target = copies / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(folder / name, target)
        except OSError as error:
            raise MediaError(f"cannot copy {folder / name}: {error.strerror}") from error
        return target.relative_to(into.parent).as_posix()

    return copied if media == "copied" else relative
