"""The command line: the top layer, which may import all others.

A command imports what it needs when it runs, so that ``check``, ``plan`` and ``--help`` start at
once. Results go to standard output, everything said to a person to standard error.
"""

from __future__ import annotations

import atexit
import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from cyclopts import App, CycloptsError

from longtake.cli.anchors import anchors
from longtake.cli.animatic import animatic
from longtake.cli.authoring import check, init, plan
from longtake.cli.board import board
from longtake.cli.choosing import choose, lock
from longtake.cli.console import open_streams, say_error
from longtake.cli.doctor import doctor
from longtake.cli.emulate import emulate
from longtake.cli.export import export
from longtake.cli.healing import heal
from longtake.cli.interrupting import interrupted_code, terminable
from longtake.cli.proving import recipe, verify
from longtake.cli.render import render
from longtake.cli.review import review
from longtake.cli.serve import serve
from longtake.cli.signing import sign
from longtake.errors import DiskFull, LongtakeError
from longtake.files import is_full
from longtake.garbage import begin_with_imports
from longtake.surroundings import unfit_for_prefect

USAGE = 2
UNHEARD = 141
"""The exit code of shells where the reader of standard output (``| head``) has gone."""

EPILOGUE = (
    "Exit codes: 0 done · 1 a bug in longtake · 2 the command line, the storyboard or a "
    "profile is wrong · 3 the machine, the key or the account needs a fix · 4 the service or a "
    "media file failed · 5 some clips are missing, the others are kept · 6 a plan or a take has "
    "changed since it was seen: look again · 130 interrupted · 141 the reader of the output has "
    "gone (`| head`) · 143 terminated.\n\n"
    "Start with `longtake init`, or without a key: `longtake render STORYBOARD --emulated`."
)


def _version() -> str:
    from importlib.metadata import version

    return version("longtake")


app = App(
    name="longtake",
    help="Write a storyboard, get a film: chained Wan 2.2 clips on Segmind, as Prefect flows.",
    help_epilogue=EPILOGUE,
    help_format="plaintext",  # to draw Markdown takes a fifth of the whole
    version=_version,
    suppress_keyboard_interrupt=False,  # a SIGTERM has another exit code than Ctrl-C
)
COMMANDS = (
    init,
    check,
    plan,
    animatic,
    render,
    review,
    board,
    verify,
    recipe,
    export,
    sign,
    choose,
    lock,
    anchors,
    heal,
    serve,
    emulate,
    doctor,
)
for command in COMMANDS:
    app.command(command, help_format="markdown")
# Looking for plugins, pydantic would read what every installed package says of itself.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
app.command(
    "longtake.cli.ledger:app",  # by place: it imports the ledger, which takes its time
    name="ledger",
    help="What was made and paid for: list, show, give-up, costs, verify, gc, rebuild.",
)

app.register_install_completion_command(add_to_startup=False)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; errors are said, not raised."""
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:  # cyclopts has said what is wrong
        return USAGE
    except LongtakeError as error:
        say_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return interrupted_code()
    except OSError as error:
        return _output_lost(error)
    except ValueError as error:
        if (unfit := unfit_for_prefect(error)) is None:
            raise
        say_error(unfit)
        return unfit.exit_code
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of the ``longtake`` program."""
    codes: list[int] = []
    atexit.register(_end, codes)  # the first that is registered is called last
    begin_with_imports()
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that does not know all of Unicode
            stream.reconfigure(errors="backslashreplace")
    with terminable():
        code = run()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _output_lost(error)
    codes.append(code)
    sys.exit(code)


def _end(codes: Sequence[int]) -> None:
    """End the process, all done: Python would take apart what was imported, piece by piece."""
    for code in codes:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)


def _output_lost(error: OSError) -> int:
    """The exit code where standard output took no more; any other OSError is a fault of ours."""
    if error.errno != errno.EPIPE and not is_full(error):
        raise error
    with suppress(OSError, ValueError):  # Python would write what is left once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return UNHEARD
    say_error(DiskFull(f"cannot write the output: {error.strerror}; make room"))
    return DiskFull.exit_code
