"""What a file that is not a picture is instead: the usual mistakes, each with its fix."""

from __future__ import annotations

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", "a git-lfs pointer: fetch the file itself with `git lfs pull`"),
    (b"%PDF", "a PDF: save the page that is meant as a PNG"),
    (b"II*\x00", "a TIFF: convert it to PNG"),
    (b"MM\x00*", "a TIFF: convert it to PNG"),
    (b"8BPS", "a Photoshop file: save it as a PNG"),
    (b"gimp xcf", "a GIMP file: export it as a PNG"),
    (b"\x1aE\xdf\xa3", "a video: take the frame that is meant as a PNG"),
    (b"\x89PNG", "a damaged PNG: replace it"),
    (b"\xff\xd8\xff", "a damaged JPEG: replace it"),
    (b"RIFF", "a damaged WebP, or no picture: replace it"),
    (b"GIF8", "a damaged GIF: replace it"),
    (b"PK\x03\x04", "an archive: take the picture out of it"),
)
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_AVIF = (b"avif", b"avis")


def what_it_is(content: bytes) -> str:
    """In words, with the fix: ``an SVG drawing: export it as a PNG``."""
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content:
        return "empty: replace it"
    if content[4:8] == b"ftyp":
        return _iso_media(content[8:12])
    for signature, words in _KINDS:
        if head.startswith(signature):
            return words
    lowered = head.lower()
    if b"<svg" in lowered:
        return "an SVG drawing: export it as a PNG"
    if lowered.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page: save the picture itself"
    if all(byte in b"\t\n\r" or byte >= 0x20 for byte in content[:512]):
        return "text: name a picture"
    return "no PNG, JPEG, WebP, AVIF, HEIC, BMP or GIF: convert it to one"


def _iso_media(brand: bytes) -> str:
    """Containers of the MP4 family hold pictures, too."""
    if brand in _HEIC:
        return "a HEIC picture: `pip install 'longtake[heic]'`, or convert it to PNG"
    if brand in _AVIF:
        return "a damaged AVIF: replace it"
    return "a video: take the frame that is meant as a PNG"
