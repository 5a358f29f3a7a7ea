"""What a submit without a clip means is written down, and what an answer tells is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from longtake.ledger import CONTENT_BLOCKED, Claim, Ledger, Slate, TakeIntent
from longtake.record import ClipRecord, RunRecord, Stage, watching
from longtake.rendering.render import Render
from tests.simulation.found import ONE
from tests.simulation.play import Played, play
from tests.simulation.stage import Parts
from tests.simulation.world import Board, Run, ShotDrawn, World

Said = tuple[str, tuple[Any, ...]]
CHAIN = Board(scenes=((ShotDrawn(prompt="a boat"), ShotDrawn(prompt="a light")),))
CALL = {"v1": "generate", "v2": "submit"}
STEPS = ("failed", "refused", "ambiguous", "submitted", "completed")


class Watched:
    """A world (of one clip), its first render, and what that had the ledger write down."""

    def __init__(
        self,
        *faults: dict[str, Any],
        endpoint: str = "v2",
        kind: type[Ledger] = Ledger,
        board: Board = ONE,
    ) -> None:
        self.said: list[Said] = []
        self.told: list[tuple[Stage, str | None, float | None, bool]] = []
        self.renders: list[Render] = []
        listening = type("Listening", (kind,), {step: self._heard(step) for step in STEPS})
        world = World(
            seed=1,
            boards=(board,),
            runs=(Run(at_seconds=0),),
            faults=faults,
            endpoint=endpoint,
            retakes=0,
        )
        with watching(self._reported):
            self.played: Played = play(world, Parts(ledger=listening, opened=self.renders.append))

    def _reported(self, _: RunRecord, clip: ClipRecord | None) -> None:
        if clip is not None:
            told = (clip.stage, clip.request_id, clip.usd, clip.submitted_at is not None)
            self.told.append(told)

    def _heard(self, step: str) -> Callable[..., Awaitable[Slate]]:
        async def method(ledger: Ledger, *told: Any, **facts: Any) -> Slate:
            self.said.append((step, (*told, *facts.values())))
            slate: Slate = await getattr(Ledger, step)(ledger, *told, **facts)
            return slate

        return method

    @property
    def first(self) -> Said:
        """What was written down first, and what of it, after the take's name and its owner."""
        step, (name, owner, *words) = self.said[0]
        assert owner == self.renders[0].owner
        assert len(name) == 64
        return step, tuple(words)


def error_of(words: tuple[Any, ...], endpoint: str) -> str:
    """The text of the error, which says what was asked."""
    error = words[0]
    assert isinstance(error, str)
    assert CALL[endpoint] in error
    return error


def test_a_submit_without_an_answer_is_ambiguous_in_the_words_of_its_error() -> None:
    watched = Watched({"on": "submit", "do": "accept_then_reset", "nth": 1})
    step, words = watched.first
    assert (step, len(words)) == ("ambiguous", 1)
    assert "seed" in error_of(words, "v2")
    assert [each[0] for each in watched.said] == ["ambiguous", "submitted", "completed"]
    assert (watched.played.violations, watched.played.ended) == ([], "film")


@pytest.mark.parametrize("endpoint", ["v1", "v2"])
def test_a_request_that_is_refused_is_written_down_as_that(endpoint: str) -> None:
    watched = Watched({"on": "submit", "do": "http_error", "status": 400}, endpoint=endpoint)
    step, words = watched.first
    assert (step, len(words)) == ("refused", 1)
    assert "HTTP 400" in error_of(words, endpoint)


@pytest.mark.parametrize(("do", "kind"), [("fail", ()), ("content_block", (CONTENT_BLOCKED,))])
def test_a_job_that_failed_in_the_blocking_call_is_written_down_with_its_kind(
    do: str, kind: tuple[str, ...]
) -> None:
    watched = Watched({"on": "job", "do": do, "nth": 1}, endpoint="v1")
    step, (error, *more) = watched.first
    assert (step, tuple(more)) == ("failed", kind)
    assert "HTTP 422" in error_of((error,), "v1")


@pytest.mark.parametrize("status", [429, 503])
def test_what_was_certainly_not_accepted_is_sent_again(status: int) -> None:
    watched = Watched({"on": "submit", "do": "http_error", "status": status, "nth": 1})
    assert (watched.played.violations, watched.played.ended) == ([], "film")
    assert sum("accepted job" in line for line in watched.played.history) == 1
    assert [each[0] for each in watched.said][-2:] == ["submitted", "completed"]


def test_the_blocking_call_tells_id_and_cost_at_once() -> None:
    watched = Watched(endpoint="v1")
    assert [each[0] for each in watched.said] == ["submitted", "completed"]
    request_id = watched.first[1][0]
    assert request_id
    assert watched.told.index((Stage.SUBMITTING, None, None, False)) < watched.told.index(
        (Stage.GENERATING, None, None, True)
    )
    assert (Stage.GENERATING, request_id, 0.1, True) in watched.told
    assert 0.1 in watched.said[1][1]
    [clip] = watched.renders[0].report.record.clips.values()
    assert (clip.request_id, clip.usd) == (request_id, 0.1)
    assert clip.submitted_at is not None


def test_a_submit_that_was_accepted_is_reported_with_its_id_and_when() -> None:
    watched = Watched()
    step, (request_id,) = watched.first
    assert (step, bool(request_id)) == ("submitted", True)
    assert watched.told.index((Stage.SUBMITTING, None, None, False)) < watched.told.index(
        (Stage.QUEUED, request_id, None, True)
    )


def test_an_account_that_is_held_off_is_waited_for_and_asked_once_more() -> None:
    class HeldOff(Ledger):
        claims = 0

        async def intend(self, take: TakeIntent, **facts: Any) -> Claim:
            claim = await super().intend(take, **facts)
            type(self).claims += 1
            return replace(claim, hold_seconds=0.0 if self.claims > 3 else 700.0)

    watched = Watched(kind=HeldOff)
    assert (watched.played.violations, watched.played.ended) == ([], "film")
    [accepted] = (line for line in watched.played.history if "accepted job" in line)
    assert 2 * 700 <= float(accepted.split()[0]) < 3 * 700


@pytest.mark.parametrize(
    ("fault", "endpoint"),
    [
        ({"on": "submit", "do": "http_error", "status": 400, "nth": 2}, "v1"),
        ({"on": "submit", "do": "http_error", "status": 400, "nth": 2}, "v2"),
        ({"on": "job", "do": "fail", "nth": 2}, "v1"),
    ],
)
def test_an_image_is_uploaded_again_after_a_request_that_failed_with_it(
    fault: dict[str, Any], endpoint: str
) -> None:
    forgotten: list[str] = []

    class Forgets(Ledger):
        async def remember_upload(self, subject: str, url: str, *for_long: Any) -> None:
            if not url:
                forgotten.append(subject)
            await super().remember_upload(subject, url, *for_long)

    watched = Watched(fault, endpoint=endpoint, kind=Forgets, board=CHAIN)
    assert len(forgotten) == 1
    assert watched.played.violations == []


def test_an_answer_that_names_a_job_is_that_jobs_where_its_record_is_known() -> None:
    watched = Watched({"on": "download", "do": "challenge", "nth": 1}, endpoint="v1")
    step, (request_id,) = watched.first
    assert (step, bool(request_id)) == ("submitted", True)
    assert (watched.played.violations, watched.played.ended) == ([], "film")


def test_an_answer_that_names_a_job_is_ambiguous_while_nobody_can_tell() -> None:
    watched = Watched(
        {"on": "download", "do": "challenge", "nth": 1},
        {"on": "status", "do": "http_error", "status": 500, "times": 1},
        endpoint="v1",
    )
    first, words = watched.first
    assert first == "ambiguous"
    assert "HTTP 403" in words[0]
    assert "HTTP 500" in words[0]
    assert (watched.played.violations, watched.played.ended) == ([], "film")
    assert sum("accepted job" in line for line in watched.played.history) == 1
