"""Which ffmpeg does the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.errors import MissingFfmpeg
from longtake.media import find_ffmpeg
from longtake.media.binary import ENVIRONMENT_VARIABLE, NEEDED_ENCODERS, _find, find_every_ffmpeg

WHEELS = "IMAGEIO_FFMPEG_EXE"
"""Names another program than the one in the wheel, to imageio-ffmpeg."""

ABLE = ("5.1.4", "57. 28.100", ("libx264", "png"))


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    _find.cache_clear()


def pretend(
    folder: Path, version: str, libavutil: str, encoders: tuple[str, ...], name: str = "ffmpeg"
) -> Path:
    """A program that answers as an ffmpeg of that age would: who it is, and what it has."""
    table = "\n".join(f" V....D {encoder}   words" for encoder in encoders)
    program = folder / name
    program.write_text(
        f"#!/bin/sh\necho 'ffmpeg version {version} Copyright' >&2\n"
        f"echo '  libavutil      {libavutil} / {libavutil}' >&2\necho ' ------\n{table}'\n"
    )
    program.chmod(0o755)
    return program


def test_the_wheels_ffmpeg_goes_before_an_able_system_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, *ABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_ffmpeg()
    assert found.origin == "wheel"
    assert found.encoders >= NEEDED_ENCODERS


def test_without_a_program_in_the_wheel_the_systems_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = pretend(tmp_path, *ABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(WHEELS, str(tmp_path / "none"))
    found = find_ffmpeg()
    assert (found.origin, found.path, found.version) == ("system", str(program), "5.1.4")


@pytest.mark.parametrize(
    ("version", "libavutil", "encoders"),
    [
        ("4.4.2", "56. 70.100", ("libx264", "png")),
        ("5.0", "57. 17.100", ("libx264", "png")),
        ("7.1", "59. 39.100", ("libopenh264", "png")),
        ("7.1", "59. 39.100", ("libx264",)),
    ],
)
def test_one_that_is_not_able_is_passed_over(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    libavutil: str,
    encoders: tuple[str, ...],
) -> None:
    wheels = pretend(tmp_path, version, libavutil, encoders, name="of-the-wheel")
    pretend(tmp_path, *ABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(WHEELS, str(wheels))
    assert find_ffmpeg().origin == "system"


def test_where_none_is_able_the_reason_of_each_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = pretend(tmp_path, "4.4.2", "56. 70.100", ("libx264", "png"), name="of-the-wheel")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(WHEELS, str(wheels))
    said = r"of-the-wheel\) is 4\.4\.2, older than 5\.1; the system's ffmpeg was not found; install"
    with pytest.raises(MissingFfmpeg, match=said):
        find_ffmpeg()


def test_a_named_ffmpeg_that_is_not_able_is_an_error_and_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = pretend(tmp_path, "4.4.2", "56. 70.100", ("libx264", "png"), name="old")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(old))
    with pytest.raises(MissingFfmpeg, match=r"old.* is 4\.4\.2, older than 5\.1; install ffmpeg"):
        find_ffmpeg()


def test_the_argument_goes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = pretend(tmp_path, *ABLE, name="mine")
    theirs = pretend(tmp_path, *ABLE, name="theirs")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(theirs))
    assert find_ffmpeg(str(mine)).path == str(mine)
    assert find_ffmpeg().path == str(theirs)


def test_a_build_without_a_release_number_is_judged_by_its_libraries(tmp_path: Path) -> None:
    nightly = pretend(tmp_path, "N-121-gabc", "60.  3.100", ("libx264", "png"))
    assert find_ffmpeg(str(nightly)).version == "N-121-gabc"


def test_a_named_program_that_is_missing_or_no_ffmpeg_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingFfmpeg, match="the named /no/where was not found"):
        find_ffmpeg("/no/where")
    program = tmp_path / "cat"
    program.write_text("#!/bin/sh\necho meow\n")
    program.chmod(0o755)
    with pytest.raises(MissingFfmpeg, match="is not an ffmpeg"):
        find_ffmpeg(str(program))


def test_the_answer_is_remembered(tmp_path: Path) -> None:
    program = pretend(tmp_path, *ABLE)
    first = find_ffmpeg(str(program))
    program.unlink()
    assert find_ffmpeg(str(program)) is first


def test_the_wheels_ffmpeg_is_always_among_those_found() -> None:
    assert "wheel" in {found.origin for found in find_every_ffmpeg()}
