"""What a film says of itself in boxes of its own: the proof, and that a machine made it.

Both are ``uuid`` boxes (ISO/IEC 14496-12, 11.1) behind everything else, which players skip. A
program that copies the film into another file leaves them out.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID
from xml.sax.saxutils import escape

from longtake.errors import DamagedClip
from longtake.record.proof import MADE_BY_AI

PROOF = UUID("d6f1b0a4-52c5-4d0e-9c9b-6a1f3f4e7c21")
"""Names the box that holds a proof; drawn by chance, once."""

XMP = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
"""Names the box that holds XMP (Adobe's XMP specification, part 3, 1.1.5)."""

_MAX_PROOF_BYTES = 256 << 20

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <xmp:CreatorTool>{tool}</xmp:CreatorTool>
   <Iptc4xmpExt:DigitalSourceType>{term}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def seal(proof: bytes, *, title: str, tool: str) -> bytes:
    """The boxes to put behind a film: XMP with IPTC's term, and the proof (any bytes)."""
    xmp = _XMP.format(title=escape(title), tool=escape(tool), term=MADE_BY_AI)
    return _box(XMP, xmp.encode("utf-8")) + _box(PROOF, zlib.compress(proof, 9))


def proof_in(film: Path) -> bytes | None:
    """The proof that a film carries, None where it carries none.

    Raises DamagedClip where the file is no row of boxes, or the proof cannot be read.
    """
    content = read_box(film, PROOF)
    if content is None:
        return None
    unpacking = zlib.decompressobj()
    try:
        proof = unpacking.decompress(content, _MAX_PROOF_BYTES)
    except zlib.error as error:
        raise DamagedClip(f"{film}: the proof inside it is damaged: {error}") from error
    if not unpacking.eof:
        raise DamagedClip(f"{film}: the proof inside it is damaged: it is cut short")
    return proof


def read_box(film: Path, name: UUID) -> bytes | None:
    """The content of the last ``uuid`` box of that name, None where there is none."""
    found = None
    try:
        with film.open("rb") as file:
            for kind, begin, size in outer_boxes(film):
                file.seek(begin)
                if kind == b"uuid" and size >= 16 and file.read(16) == name.bytes:
                    found = file.read(size - 16)
    except OSError as error:
        raise DamagedClip(f"{film} cannot be read: {error.strerror}") from error
    return found


def _box(name: UUID, content: bytes) -> bytes:
    return (24 + len(content)).to_bytes(4, "big") + b"uuid" + name.bytes + content


def outer_boxes(film: Path) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and size of each outermost box's content."""
    end = film.stat().st_size
    with film.open("rb") as file:
        at = 0
        while at < end:
            file.seek(at)
            head = file.read(16)
            size, header = int.from_bytes(head[:4], "big"), 8
            if size == 1:
                size, header = int.from_bytes(head[8:16], "big"), 16
            elif size == 0:
                size = end - at
            if size < header or at + size > end:
                raise DamagedClip(f"{film} is no whole MP4: a box at byte {at} does not fit in")
            yield head[4:8], at + header, size - header
            at += size
