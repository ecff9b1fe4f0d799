"""A sandbox plays the far side of a network by API, and asks its directory: over HTTP, with a real simulator."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from apps.parties import directory
from apps.rails.directory import register
from apps.rails.iso20022.codec import to_xml
from apps.rails.serving import Request
from apps.rails.simulators.control import Control
from apps.rails.simulators.doors import Doors
from apps.rails.simulators.far_side import FAR_SIDES, OTHER_BANK
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.store import Store
from devstack.client import Document
from tests.integration.rails.town import serving
from tests.support.builders import assert_problem, with_field
from tests.support.mongod import free_port
from tests.support.rails import END_TO_END, OURS, a_request
from tests.support.site_client import SiteClient

ZELLE = "/api/v1/sandbox/networks/zelle"
PAYMENT = {
    "amount": {"value": "12.34", "currency": "USD"},
    "creditor": {"name": "Ann", "alias": "email:ann@example.com"},
    "debtor_name": "Olive Other",
    "reference": "rent",
    "end_to_end_id": "e2e1",
}


def _configure(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    config = dataclasses.replace(settings.CONFIG, zelle_url=url)
    monkeypatch.setattr(settings, "CONFIG", config)
    monkeypatch.setattr(directory, "_LOOKUPS", {})
    register(config)


@pytest.fixture
def zelle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    """The simulated network, at the address that the platform knows."""
    store = Store(tmp_path / "zelle.sqlite3")
    network = SimulatedNetwork(FAR_SIDES["zelle"], store, day_seconds=1)
    doors = Doors(network, Control(network, our_bank=OURS))
    with serving(doors.handle, free_port()) as url:
        _configure(monkeypatch, url)
        yield doors
    store.close()


def _instructions(doors: Doors) -> list[Document]:
    answer = doors.handle(Request("GET", ("sandbox", "instructions"), b""))
    return list(answer.content["instructions"])


def test_moves_the_network_s_own_time(api: SiteClient, zelle: Doors) -> None:
    path = f"{ZELLE}/clock/advance"
    before = zelle.handle(Request("GET", ("health",), b"")).content["now"]

    moved = api.post(path, {"seconds": 86_400}, status=200)

    now = datetime.fromisoformat(moved["now"])
    assert timedelta(days=1) <= now - datetime.fromisoformat(before) < timedelta(days=1, minutes=1)
    assert api.get("/api/v1/sandbox/clock")["ahead_seconds"] == 0
    assert_problem(api.call("POST", path, {"seconds": 0}), 400, "number_out_of_bounds", "/seconds")


def test_somebody_elsewhere_pays_and_wants_it_back(api: SiteClient, zelle: Doors) -> None:
    paid = api.post(f"{ZELLE}/payments", PAYMENT)
    again = api.call("POST", f"{ZELLE}/payments", PAYMENT)
    recalled = api.post(f"{ZELLE}/recalls", {"end_to_end_id": "e2e1", "reason": "FRAD"})

    assert paid["end_to_end_id"] == "e2e1"
    assert_problem(again, 422, "end_to_end_id_taken", "/end_to_end_id")
    assert recalled["message_id"] != paid["message_id"]
    (row,) = _instructions(zelle)
    assert (row["direction"], row["amount_minor"]) == ("in", 1234)


def test_somebody_elsewhere_asks_for_money_and_answers_a_request_of_ours(
    api: SiteClient, zelle: Doors
) -> None:
    taken = zelle.handle(Request("POST", ("messages",), to_xml(a_request()).encode()))
    wanted = {"amount": PAYMENT["amount"], "debtor": PAYMENT["creditor"], "reference": "dinner"}

    asked = api.post(f"{ZELLE}/requests", wanted | {"execute_on": "2026-12-01"})
    answers = f"{ZELLE}/requests/{END_TO_END}/answers"
    declined = api.post(answers, {"status": "RJCT", "reason": "AM04"}, status=200)

    assert taken.status == 202
    assert asked["message_id"]
    assert declined == {"end_to_end_id": END_TO_END, "status": "RJCT"}
    statuses = {row["end_to_end_id"]: row["status"] for row in _instructions(zelle)}
    assert statuses[END_TO_END] == "RJCT"


def test_who_asked_takes_the_request_back(api: SiteClient, zelle: Doors) -> None:
    asked = {"amount": PAYMENT["amount"], "debtor": PAYMENT["creditor"], "end_to_end_id": "e2e1"}
    api.post(f"{ZELLE}/requests", asked)

    taken_back = api.post(f"{ZELLE}/requests/e2e1/cancellations", {"reason": "DUPL"})
    unknown = api.call("POST", f"{ZELLE}/requests/nobody/cancellations", {})
    malformed = api.call("POST", f"{ZELLE}/requests/a%20b/cancellations", {})

    assert set(taken_back) == {"message_id"}
    assert_problem(unknown, 404, "request_unknown")
    assert_problem(malformed, 404, "request_unknown")
    (row,) = _instructions(zelle)
    assert row["status"] == "PDNG"  # until the bank has answered


@pytest.mark.usefixtures("zelle")
def test_what_the_network_refuses_is_passed_on(api: SiteClient) -> None:
    recall = api.call("POST", f"{ZELLE}/recalls", {"end_to_end_id": "unknown"})
    answered = api.call("POST", f"{ZELLE}/requests/unknown/answers", {"status": "ACTC"})

    assert_problem(recall, 404, "payment_unknown", "/end_to_end_id")
    assert_problem(answered, 404, "request_unknown")


@pytest.mark.parametrize(
    ("field", "value", "code", "pointer"),
    [
        ("amount/value", "0.00", "amount_not_positive", "/amount/value"),
        ("creditor", {"name": "Ann"}, "field_required", "/creditor"),
        ("creditor/alias", "ann@example.com", "field_malformed", "/creditor/alias"),
        ("end_to_end_id", "a b", "field_malformed", "/end_to_end_id"),
        ("surprise", 1, "field_unknown", "/surprise"),
    ],
)
def test_refuses_a_body_itself(
    api: SiteClient, zelle: Doors, field: str, value: object, code: str, pointer: str
) -> None:
    answer = api.call("POST", f"{ZELLE}/payments", with_field(PAYMENT, field, value))

    assert_problem(answer, 400, code, pointer)
    assert _instructions(zelle) == []


def test_there_is_nothing_to_play(api: SiteClient, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = api.call("POST", ZELLE.replace("zelle", "barter") + "/payments", PAYMENT)
    nowhere = api.call("POST", f"{ZELLE}/payments", PAYMENT)
    _configure(monkeypatch, f"http://127.0.0.1:{free_port()}")
    away = api.call("POST", f"{ZELLE}/payments", PAYMENT)
    with override_settings(SANDBOX=False):
        production = api.call("POST", f"{ZELLE}/payments", PAYMENT)

    assert_problem(unknown, 404, "network_not_found")
    assert_problem(nowhere, 503, "network_away")
    assert_problem(away, 503, "network_away")
    assert_problem(production, 404, "not_found")


def test_the_directory_asks_the_network_for_whom_nobody_here_is(
    api: SiteClient, zelle: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(email: str) -> Document:
        return api.get(f"/api/v1/directory?kind=email&value={email}")

    elsewhere = listed("olive@other-bank.example")
    nobody = listed("nobody@example.com")
    moved = json.dumps({"bank": OURS, "bank_name": "Ours"}).encode()
    zelle.handle(Request("PUT", ("sandbox", "aliases", "email:ann@example.com"), moved))
    behind = listed("ann@example.com")
    _configure(monkeypatch, f"http://127.0.0.1:{free_port()}")
    away = listed("another@other-bank.example")

    assert elsewhere["bank"] == {"routing_number": OTHER_BANK, "name": "Other Bank"}
    assert (elsewhere["served_by"], elsewhere["network"]) == ("NETWORK", "zelle")
    assert (nobody["served_by"], behind["served_by"]) == ("NOBODY", "NOBODY")
    assert away["served_by"] == "UNKNOWN"
