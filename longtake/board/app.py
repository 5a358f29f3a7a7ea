"""The board as an application: its routes, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from longtake.board import action_routes, film_pages, index_page, login, start_render
from longtake.board.access import LOGIN, AccessControl
from longtake.board.desk import Desk
from longtake.board.place import BoardPlace
from longtake.board.templates import environment


def board_app(place: BoardPlace) -> Starlette:
    """The application for a place; what it shares is in its state, as ``desk``."""
    desk = Desk(place)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await desk.refresh()
        environment().get_template("index.html.j2")  # compiled before anybody asks
        try:
            yield
        finally:
            desk.feed.close()

    app = Starlette(
        routes=[
            Route("/", index_page.index),
            Route("/live", index_page.live),
            Route(LOGIN, login.login, methods=["GET", "POST"]),
            Route("/films/{key}/", film_pages.film),
            Route("/films/{key}/price", action_routes.price, methods=["POST"]),
            Route("/films/{key}/do", action_routes.do_it, methods=["POST"]),
            Route("/films/{key}/plan", action_routes.plan, methods=["POST"]),
            Route("/films/{key}/save", action_routes.save, methods=["POST"]),
            Route("/begin/price", start_render.price, methods=["POST"]),
            Route("/begin", start_render.begin, methods=["POST"]),
            Route("/films/{key}/posters/{clip:int}.jpg", film_pages.poster),
            Route("/films/{key}/posters/{clip:int}-{take:int}.jpg", film_pages.poster),
            Route("/films/{key}/anchors.jpg", film_pages.anchors),
            Route("/films/{key}/seams/{seam:int}-{side}.jpg", film_pages.seam_frame),
            Route("/films/{key}/{file:path}", film_pages.video),
        ],
        middleware=[Middleware(AccessControl, place=place)],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.desk = desk
    return app
