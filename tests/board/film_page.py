"""A film's page on a board, and what its script sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from longtake.board import BoardPlace
from longtake.board.catalog import key_of
from longtake.ledger import Decision
from longtake.record import AskedTake, Question, TakeRecord
from longtake.settings import load_settings
from tests.board.serving import served
from tests.decided import FIRST, SECOND, DecidedFilm, content

FRAME = content("frame")


class Page:
    """A film's page, and what its script sends."""

    def __init__(self, client: httpx.Client, film: DecidedFilm, stamp: str) -> None:
        self._client = client
        self._film = film
        self._headers = {"x-longtake-board": stamp}
        self.path = f"/films/{key_of(film.folder)}/"

    def read(self) -> str:
        """The page itself."""
        said = self._client.get(self.path)
        assert said.status_code == 200, said.text
        return said.text

    def get(self, what: str) -> httpx.Response:
        """What else the page shows."""
        return self._client.get(self.path + what)

    def post(self, what: str, content: dict[str, Any]) -> httpx.Response:
        """Send what a script sends."""
        return self._client.post(self.path + what, json=content, headers=self._headers)

    def take(self, clip: str, number: int) -> dict[str, Any]:
        """A take as the page shows it."""
        start = FRAME if clip == SECOND else None
        name = self._film.name(clip, number, start)
        sha256 = content(f"{clip} {number}")
        return {"clip": clip, "number": number, "fingerprint": name, "sha256": sha256}

    def decisions(self) -> dict[tuple[str, int], Decision]:
        """What the ledger has of people's decisions."""
        names = {
            self.take(clip, number)["fingerprint"]: (clip, number)
            for clip, number in ((FIRST, 1), (FIRST, 2), (SECOND, 1))
        }
        found = self._film.tell(lambda ledger: ledger.decisions(list(names)))
        return {names[name]: decision for name, decision in found.items()}


@contextmanager
def film_page(decided: DecidedFilm, **place: Any) -> Iterator[Page]:
    """The page of a film of two clips, the first with two takes."""
    record = decided.record
    for clip, numbers in ((FIRST, (1, 2)), (SECOND, (1,))):
        takes = [
            TakeRecord(
                number=number,
                seed=number,
                fingerprint=decided.name(clip, number, FRAME if clip == SECOND else None),
                file=f"clips/{number}.mp4",
                sha256=content(f"{clip} {number}"),
                chosen=number == 1,
            )
            for number in numbers
        ]
        record.note(clip, takes=takes, sha256=takes[0].sha256)
    record.state = "completed"
    record.write(decided.folder / "run.json")
    profile = str(decided.folder / "profile.json")
    board = BoardPlace(load_settings(profile), profile=profile, roots=(decided.folder,), **place)
    with (
        served(board) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        yield Page(client, decided, board.stamp)


def asks(film: DecidedFilm, page: Page) -> Question:
    """The render pauses with a question about both of its clips."""
    takes = [page.take(FIRST, 1), page.take(SECOND, 1)]
    asked = [AskedTake.model_validate({k: t[k] for k in AskedTake.model_fields}) for t in takes]
    question = Question(about="q1", unit="one/1", takes=asked)
    film.record.note(state="paused", question=question)
    film.record.write(film.folder / "run.json")
    return question
