"""When Prefect's server makes a night's run, by the very code that it makes them with.

With whenever 0.10 that code raised for every schedule on Python 3.11 and 3.12, and nothing fired.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import CronSchedule
from ruamel.yaml import YAML

from tests.deployments.stack import ROOT

FILE = ROOT / "deployments/prefect.yaml"
SCHEDULES = [
    schedule
    for deployment in YAML(typ="safe").load(FILE)["deployments"]
    for schedule in deployment.get("schedules", [])
]
BERLIN = ZoneInfo("Europe/Berlin")


async def nights(cron: str, first: datetime, count: int) -> list[datetime]:
    schedule = CronSchedule(cron=cron, timezone="Europe/Berlin")
    return [each.astimezone(UTC) for each in await schedule.get_dates(count, start=first)]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=[each["slug"] for each in SCHEDULES])
async def test_every_schedule_that_is_offered_fires(schedule: dict[str, str]) -> None:
    first = datetime(2026, 11, 26, tzinfo=UTC)
    known = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    assert len(await known.get_dates(3, start=first)) == 3


@pytest.mark.parametrize(
    ("change", "at"),
    [
        # Half past two comes twice in autumn: the night is rendered at the first of them only.
        (date(2026, 10, 25), ["2026-10-24 02:30", "2026-10-25 02:30", "2026-10-26 02:30"]),
        # In spring it does not come at all: then an hour later, and the night is not left out.
        (date(2027, 3, 28), ["2027-03-27 02:30", "2027-03-28 03:30", "2027-03-29 02:30"]),
    ],
)
async def test_a_night_in_which_the_clocks_change_is_rendered_once(
    change: date, at: list[str]
) -> None:
    first = datetime.combine(change - timedelta(days=1), datetime.min.time(), BERLIN)
    said = await nights("30 2 * * *", first, 3)
    assert [f"{each.astimezone(BERLIN):%Y-%m-%d %H:%M}" for each in said] == at
    assert len(set(said)) == 3


async def test_a_server_that_looks_again_finds_the_same_nights() -> None:
    first = datetime(2026, 10, 23, tzinfo=UTC)
    all_at_once = await nights("30 2 * * *", first, 5)
    one_by_one: list[datetime] = []
    while len(one_by_one) < 5:
        start = one_by_one[-1] + timedelta(seconds=1) if one_by_one else first
        one_by_one += await nights("30 2 * * *", start, 1)
    assert one_by_one == all_at_once
