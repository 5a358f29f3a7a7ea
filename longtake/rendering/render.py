"""The render: what the steps of one render share.

A failing clip ends its own chain only; an operator's error (the key, the account, the disk) stops
all further submits, while what is in flight is finished and kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import SecretStr

from longtake.errors import LongtakeError, OperatorError
from longtake.ledger import Ledger
from longtake.record import RunRecord
from longtake.rendering.lease_owner import owner_name
from longtake.rendering.report import Report
from longtake.rendering.requests import RenderTerms
from longtake.rendering.service import connect
from longtake.rendering.slots import Slots
from longtake.rendering.spending import Spending, budgets_of
from longtake.rendering.submit_times import SubmitTimes
from longtake.rendering.workplace import Workplace
from longtake.store import Store
from longtake.story import ClipPlan, Plan

if TYPE_CHECKING:
    from longtake.rendering.film import Film
    from longtake.rendering.readings import Readings


class Render:
    """What the steps of one render share.

    The plan, the settings, the folder and the open things: ledger, store, client. ``owner``
    names this process in the ledger; time and chance come from ``clock`` and ``chance`` alone, so
    that a render can run on simulated ones. ``slots`` bound what is done at once. Its four parts:
    ``report`` tells what happens, ``spending`` says what may be paid for, ``film`` holds the takes
    that are there and how they join, ``readings`` how both look. The latter two, which need numpy
    and the decoders, are loaded when they are first asked for: nothing is sent later for them.

    A plain class, and no dataclass: Prefect looks for futures inside of those, through the whole
    plan, at every step.
    """

    def __init__(
        self,
        plan: Plan,
        place: Workplace,
        record: RunRecord,
        terms: RenderTerms,
        *,
        assembles: bool = True,
    ) -> None:
        host, settings = place.host, place.settings
        self.planned = plan
        self.settings = settings
        self.folder = place.folder
        self._place = place
        self._assembles = assembles
        self.store = Store(settings.keeping.store)
        self.clock = host.clock
        self.chance = host.chance
        self.owner = owner_name(host.chance)
        self.slots = Slots(settings.concurrency, settings.ffmpeg_processes, host.limits(settings))
        self.spending = Spending(
            self.ledger,
            self.store,
            run=record.run_id,
            account=account_of(place.key),
            budgets=tuple(budgets_of(terms.budget_usd, settings.keeping.daily_budget_usd)),
            retake_lost=terms.retake_lost,
            submit_times=SubmitTimes(host.clock),
        )
        self.client = connect(
            settings, place.key, self.clock, self.spending.keep_others_away, host.network()
        )
        self.report = Report(record, self.folder, self.clock, self.spending.stop)

    @property
    def ledger(self) -> Ledger:
        """What is known of every take; open."""
        return self._place.ledger

    @cached_property
    def film(self) -> Film:
        """The takes that are there, and how they join."""
        from longtake.rendering.film import Film

        settings = self.settings
        return Film(
            self.planned,
            self.ledger,
            self.folder,
            settings.picture,
            media=self._place.host.media(self._place.ffmpeg, settings.ffmpeg_processes),
            ffmpeg_slots=self.slots.ffmpeg,
            font=settings.font,
            assembles=self._assembles,
        )

    @cached_property
    def readings(self) -> Readings:
        """How clips and seams look."""
        from longtake.media.shape import FilmShape
        from longtake.rendering.readings import Readings
        from longtake.rendering.reel_ahead import Cutter, ReelAhead

        plan, picture = self.planned, self.settings.picture
        shape = FilmShape(plan.width, plan.height, plan.fps, picture.untagged_matrix)
        cutter = Cutter(shape, self._place.ffmpeg, self.slots.ffmpeg.review)
        reel = ReelAhead(self.folder.root, self.report.record, cutter)
        wanted = self._assembles and self.settings.review
        return Readings(self.film, self.ledger, self.folder, reel, wanted=wanted)

    @property
    def plan(self) -> Plan:
        """What is rendered: as ``planned``, unless the film is another one by now."""
        return self.film.plan

    @property
    def run(self) -> str:
        """What the ledger calls this render: budgets for one render count by it."""
        return self.spending.run

    async def keep_sidecar(self, fingerprint: str) -> None:
        """Write down, next to the clips, what the ledger knows of a take that was paid for."""
        await self.store.keep_sidecar(fingerprint, await self.ledger.record(fingerprint))

    @contextmanager
    def attempt(self, clip: ClipPlan) -> Iterator[None]:
        """Work on a clip; what goes wrong with it is recorded and ends here."""
        self.report.note(clip, began_at=self.clock.now())
        try:
            yield
        except LongtakeError as error:
            if isinstance(error, OperatorError):
                self.spending.stop(error)
            self.report.failed(clip, error)

    def raise_missing(self) -> None:
        """Raise for whatever is missing from the film."""
        if self.spending.stopped_by is not None:
            raise self.spending.stopped_by
        self.report.raise_missing()

    def go_on(self) -> None:
        """Make what is missing after all: why the render stopped has been fixed."""
        self.spending.go_on()
        self.report.wait_again()


def account_of(key: SecretStr) -> str:
    """What the ledger calls the key's account: the same for all who share it, and not the key."""
    return hashlib.sha256(b"longtake account " + key.get_secret_value().encode()).hexdigest()[:16]
