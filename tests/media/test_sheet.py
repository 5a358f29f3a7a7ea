"""The contact sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from longtake.media.fonts import find_font
from longtake.media.sheet import COLUMNS, MARGIN, WIDTH, contact_sheet


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (4, 1), (5, 2)])
def test_pictures_stand_in_rows_each_in_its_place(tmp_path: Path, count: int, rows: int) -> None:
    pictures = []
    for number in range(1, count + 1):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (832, 480), (20 * number, 90, 120)).save(path)
        pictures.append((f"{number}: frame {number}", path))
    made = contact_sheet(pictures, tmp_path / "sheet.jpg", font=find_font())
    with Image.open(made) as sheet:
        columns = min(count, COLUMNS)
        assert sheet.width == columns * (WIDTH + MARGIN) + MARGIN
        height = sheet.height // rows
        column, row = (count - 1) % COLUMNS, rows - 1
        seen = sheet.getpixel((MARGIN + column * (WIDTH + MARGIN) + 20, row * height + 40))
    assert isinstance(seen, tuple)
    assert abs(seen[0] - 20 * count) < 5
