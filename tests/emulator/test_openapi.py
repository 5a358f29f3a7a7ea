"""The emulator's OpenAPI document is true: schemathesis asks, the document tells what may come."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from jsonschema import Draft202012Validator
from schemathesis.checks import CHECKS, load_all_checks
from starlette.routing import Route

from longtake.emulator import Emulator, EmulatorConfig, InstantMaker, ManualClock, create_app
from longtake.emulator.openapi import document
from longtake.emulator.openapi_file import document_text
from tests.emulator.in_process import made

COMMITTED = Path(__file__).parents[2] / "configs/schema/emulator.openapi.json"
KEY = "SG_1"


class HastyClock(ManualClock):
    """Nobody waits on it: a sleep moves the hands."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


CONFIG = EmulatorConfig(
    clock=HastyClock(),
    seed=1,
    maker=InstantMaker(made),
    keys=frozenset({KEY}),
    validate="early",
    credits_usd=1e6,
)
APP = create_app(Emulator(CONFIG))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP)
MANY = schemathesis.openapi.from_asgi("/openapi.json", APP)
# Schemathesis' own list of corner cases makes hundreds of questions: with the slow ones.
SCHEMA.config.phases.coverage.enabled = False

load_all_checks()
# Two are left out: the service's readers are lenient ("81" is a number of frames), and what is
# well-formed may still be refused (a window of two months).
EXCLUDED = ("negative_data_rejection", "positive_data_acceptance")
CHECKED = [check for check in CHECKS.get_all() if check.__name__ not in EXCLUDED]

Case = schemathesis.Case

FEW = hypothesis.settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    suppress_health_check=list(hypothesis.HealthCheck),
)


def hold(case: Case) -> None:
    """Ask, and compare the answer with the document."""
    # A POST there is a submit to a model of that name, as on the service: refused, but not 405.
    also = case.operation.path == "/v1/get-user-credits"
    checks = [one for one in CHECKED if not (also and one.__name__ == "unsupported_method")]
    case.call_and_validate(headers={"x-api-key": KEY}, checks=checks)


@SCHEMA.parametrize()
@hypothesis.settings(FEW)
def test_every_address_answers_as_the_document_says(case: Case) -> None:
    hold(case)


@pytest.mark.slow
@MANY.parametrize()
@hypothesis.settings(FEW, max_examples=40, derandomize=False)
def test_every_address_answers_as_the_document_says_to_many_questions(case: Case) -> None:
    hold(case)


def test_the_committed_document_is_the_emulators() -> None:
    """If not: python -m longtake.emulator.openapi_file > configs/schema/emulator.openapi.json."""
    assert COMMITTED.read_text(encoding="utf-8") == document_text()


def test_every_schema_of_the_document_is_one() -> None:
    for schema in document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_in_the_document_and_no_other() -> None:
    routes = {
        (re.sub(r"\{slug\}", "wan-2.2-t2v-fast", route.path_format), method.lower())
        for route in APP.routes
        if isinstance(route, Route) and route.path != "/openapi.json"
        for method in (route.methods or ()) - {"HEAD"}
    }
    told: set[tuple[str, Any]] = {
        (path, method) for path, item in document()["paths"].items() for method in item
    }
    assert {one for one in told if "i2v" not in one[0]} == routes
