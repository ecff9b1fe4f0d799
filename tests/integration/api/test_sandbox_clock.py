"""A sandbox's clock over the API …"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from pymongo.database import Database

from apps.kernel.clock import wall_clock
from devstack.client import Document
from dpms_site import clock
from dpms_site.clock import ADVANCE_SECONDS_MAX, OFFSET_SECONDS_MAX
from streaming.platform_clock import COLLECTION
from tests.support.api_client import Pair
from tests.support.builders import assert_problem
from tests.support.platform_clock import SandboxClock
from tests.support.site_client import SiteClient

CLOCK, ADVANCE = "/api/v1/sandbox/clock", "/api/v1/sandbox/clock/advance"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.usefixtures("sandbox_clock")
def test_moves_forward_and_everything_made_afterwards_is_of_that_time(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    assert api.get(CLOCK)["ahead_seconds"] == 0
    began = wall_clock()

    moved = api.advance_clock(seconds=86_400)

    assert moved["ahead_seconds"] == 86_400
    assert _instant(moved["now"]) >= began + timedelta(days=1)
    order = api.send(pair.order())
    assert _instant(order["created_at"]) >= began + timedelta(days=1)
    stored = database[COLLECTION].find_one()
    assert stored is not None
    assert (stored["seconds"], stored["before_seconds"], stored["version"]) == (86_400, 0, 1)
    assert stored["modified_by"] == "client:cli_tests"


def test_moves_add_up(
    api: SiteClient, sandbox_clock: SandboxClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "LEAD_SECONDS", 0.01)
    sandbox_clock.is_ahead(days=1)

    api.advance_clock(seconds=1)
    clock.forget()

    assert api.get(CLOCK)["ahead_seconds"] == 86_401


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "field_required", "/seconds"),
        ({"seconds": 0}, "number_out_of_bounds", "/seconds"),
        ({"seconds": -5}, "number_out_of_bounds", "/seconds"),
        ({"seconds": True}, "number_out_of_bounds", "/seconds"),
        ({"seconds": 1.5}, "number_out_of_bounds", "/seconds"),
        ({"seconds": "60"}, "number_out_of_bounds", "/seconds"),
        ({"seconds": ADVANCE_SECONDS_MAX + 1}, "number_out_of_bounds", "/seconds"),
        ({"seconds": 60, "back": True}, "field_unknown", "/back"),
    ],
)
def test_refuses_what_is_no_step_forward(
    api: SiteClient, database: Database[Document], body: Any, code: str, pointer: str
) -> None:
    assert_problem(api.call("POST", ADVANCE, body), 400, code, pointer)

    assert database[COLLECTION].count_documents({}) == 0


def test_refuses_to_move_further_than_calendars_reach(
    api: SiteClient, sandbox_clock: SandboxClock, database: Database[Document]
) -> None:
    sandbox_clock.is_ahead(days=OFFSET_SECONDS_MAX // 86_400)

    answer = api.call("POST", ADVANCE, {"seconds": 1})

    assert_problem(answer, 400, "clock_out_of_bounds", "/seconds")
    (stored,) = database[COLLECTION].find()
    assert (stored["seconds"], stored["version"]) == (OFFSET_SECONDS_MAX, 1)


def test_waits_its_turn_while_another_move_has_not_counted_yet(
    api: SiteClient,
    sandbox_clock: SandboxClock,
    database: Database[Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "_PATIENCE_SECONDS", 0.0)
    sandbox_clock.is_ahead(days=1)
    far = datetime(2100, 1, 1, tzinfo=UTC)
    database[COLLECTION].update_one({}, {"$set": {"from_at": far}})

    assert_problem(api.call("POST", ADVANCE, {"seconds": 1}), 409, "clock_moving")


@override_settings(SANDBOX=False)
def test_outside_a_sandbox_there_is_no_such_address_and_time_is_the_wall_clock(
    api: SiteClient, sandbox_clock: SandboxClock, database: Database[Document]
) -> None:
    sandbox_clock.is_ahead(days=1)

    assert_problem(api.call("GET", CLOCK), 404, "not_found")
    assert_problem(api.call("POST", ADVANCE, {"seconds": 1}), 404, "not_found")

    assert clock.platform_clock() - wall_clock() < timedelta(seconds=1)
    (stored,) = database[COLLECTION].find()
    assert stored["version"] == 1
