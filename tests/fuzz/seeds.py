"""Where a search begins: files that are whole, so that what is close to them is tried, too."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

EXAMPLES = Path(__file__).parents[2] / "configs/storyboards"

_ODD = (
    "title: &t T\nscenes: [{name: *t, shots: [a, {<<: {prompt: b}, seconds: 5}]}]\n",
    "title: a\nlook: {seed: 7, loras: {t2v: [{high_noise: 'https://x/a.safetensors'}]}}\n",
    "a: &a [*a]\nb: !!set {x}\nc: 0x1f\nd: .inf\ne: 2026-01-01\n? [k]\n: v\n",
    'title: "\\ud83d\\ude00 \\e[31m"\nscenes:\n- name: é\n  shots:\n  - A boat #x\n',
    "title: T\nscenes: [{name: a, shots: [{start: 'data:image/png;base64,iVBORw=='}]}]\n",
)


def storyboards() -> list[bytes]:
    """The examples, and small ones with what YAML has beyond them."""
    files = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.yaml"))]
    board = {"title": "T", "scenes": [{"name": "a", "shots": ["b", {"beats": ["c"]}]}]}
    return [*files, *(text.encode() for text in _ODD), json.dumps(board).encode()]


def bodies() -> list[bytes]:
    """Answers of every kind, and their like with what JSON has beyond them."""
    metrics = {"cost": 0.1, "inference_time": 60.5, "remaining_credits": 9}
    done = {"request_id": "id", "status": "COMPLETED", "output": "https://host/a.mp4"}
    asked = {"prompt": "a boat", "seed": 7, "resolution": "480p"}
    row = done | {"id": "id", "created_at": "2026-01-01T00:00:00Z", "body": asked, "cost": 0.1}
    told: list[object] = [
        {"request_id": "id", "status": "QUEUED", "poll_url": "https://host/v1/requests/id"},
        done | {"metrics": metrics},
        {"status": "FAILED", "error": "oom", "metrics": metrics},
        {"status": "PROCESSING"},
        {"file_urls": ["https://host/a.png"]},
        {"credits": 9.5},
        {"data": [row, row | {"body": json.dumps(asked)}], "total": 2, "page": 1},
        {"detail": [{"loc": ["body", "seed"], "msg": "bad"}]},
    ]
    odd = ("[" * 900 + "]" * 900, '{"cost": NaN, "a": 1e999}', '"\\ud83d"', "9" * 5000, "<html>")
    return [*(json.dumps(each).encode() for each in told), *(each.encode() for each in odd)]


def pictures() -> list[bytes]:
    """A small picture in each format, with what each may carry."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.radial_gradient("L").resize((40, 24))
    colour = Image.merge("RGBA", [image, image.rotate(90), image, image])
    made = [_encoded(colour, kind) for kind in ("PNG", "WEBP", "AVIF")]
    made += [_encoded(colour.convert("RGB"), kind) for kind in ("JPEG", "BMP", "GIF", "AVIF")]
    made.append(_encoded(colour.convert("RGB"), "JPEG", icc_profile=profile, exif=exif))
    made.append(_encoded(colour.convert("CMYK"), "JPEG"))
    made.append(_encoded(image.convert("I;16"), "PNG", icc_profile=profile))
    made.append(_encoded(colour.convert("P"), "PNG", transparency=3))
    made.append(_encoded(image, "GIF", save_all=True, append_images=[image.rotate(9)]))
    return made


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
