"""The process of the helpers: ``helpers`` starts it with a connection for each, and forks them."""

from __future__ import annotations

import gc
import os
import resource
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection

from longtake.media import find_flash, read_clip  # and with them what measuring needs
from longtake.media.run import Limits

IMPORTED_FOR = find_flash, read_clip
"""Once for all helpers, before they are forked."""


def main(words: list[str]) -> None:
    """Fork a helper for every ``descriptor:niceness``, and wait for their ends."""
    most = Limits().memory_bytes
    for limit, amount in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, most)):
        with suppress(ValueError):  # it is lower already
            resource.setrlimit(limit, (amount, amount))
    gc.freeze()
    kinds = [tuple(map(int, word.split(":"))) for word in words]
    for own, niceness in kinds:
        if os.fork() == 0:
            for descriptor, _ in kinds:
                if descriptor != own:  # the other end closes only once nobody has this one
                    os.close(descriptor)
            os.nice(niceness)
            serve(Connection(own))
            os._exit(0)
    for descriptor, _ in kinds:
        os.close(descriptor)
    for _ in kinds:
        os.wait()
    os._exit(0)  # what was imported need not be taken apart: somebody waits for the end


def serve(caller: Connection) -> None:
    """Do what is asked until the one who asks is gone, even killed."""
    while True:
        try:
            work, args = caller.recv()
        except EOFError:
            return
        try:
            answer = True, work(*args)
        except Exception as error:  # whatever it is, it is raised again by the one who asks
            error.add_note(traceback.format_exc())
            answer = False, error
        try:
            caller.send(answer)
        except BrokenPipeError:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
