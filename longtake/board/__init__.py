"""The board: every film on one page, and a review with actions, on a small local server.

``board_app`` gives the application (Starlette); the command line serves it. It looks into the
folders of renders and into the ledger, and starts renders as processes of their own, so that
closing the board ends none of them.
"""

from __future__ import annotations

from longtake.board.place import BoardPlace

__all__ = ["BoardPlace"]
