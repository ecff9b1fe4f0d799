"""Closing an account …"""

from collections.abc import Callable
from typing import Any

import pytest
from bson import Int64
from pymongo.database import Database

from apps.audit.domain.attribution import Written, attribute
from apps.kernel.clock import wall_clock
from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.ledger import closing
from devstack.client import Answer, Document
from dpms_site.changes import Change
from tests.support.api_client import Pair, a_customer, a_pair
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient

REASON = {"reason": "moves abroad"}


def _close(api: SiteClient, account: str, **fields: Any) -> Answer:
    return api.call("POST", f"/api/v1/accounts/{account}/close", REASON | fields)


def _stored(database: Database[Document], account: str) -> Document:
    found = database["accounts"].find_one({"_id": account})
    assert found is not None
    return found


@pytest.fixture
def empty(api: SiteClient) -> str:
    return a_customer(api, balance="0.00").account


def test_says_who_closed_it_when_and_why(
    api: SiteClient, empty: str, database: Database[Document]
) -> None:
    before = _stored(database, empty)

    answer = _close(api, empty, version=1)

    assert (answer.status, answer.body["status"], answer.body["version"]) == (200, "CLOSED", 2)
    assert api.account(empty) == answer.body
    after = _stored(database, empty)
    maker = attribute("accounts", Written("updated", before, after, in_transaction=True))
    assert (maker.actor_kind, maker.reason, maker.out_of_band) == ("client", "moves abroad", None)
    assert maker.request_id == answer.headers["request-id"]
    assert after["closed"]["at"] == after["updated_at"]


def test_asked_again_changes_nothing(
    api: SiteClient, empty: str, database: Database[Document]
) -> None:
    first = _close(api, empty, version=1)
    stored = _stored(database, empty)

    again = _close(api, empty, version=1, reason="another reason")

    assert (again.status, again.body) == (200, first.body)
    assert _stored(database, empty) == stored


@pytest.mark.parametrize("balance", [{"posted_minor": Int64(1)}, {"held_minor": Int64(-1)}])
def test_is_refused_while_money_is_in_it_or_set_aside(
    api: SiteClient, empty: str, database: Database[Document], balance: Document
) -> None:
    database["accounts"].update_one({"_id": empty}, {"$set": balance})

    assert_problem(_close(api, empty), 409, "account_not_empty")

    assert (_stored(database, empty)["status"], _stored(database, empty)["version"]) == ("OPEN", 1)


def _recipient(pair: Pair) -> Document:
    return {"customer": pair.recipient.id, "account": pair.recipient.account}


def _pays(pair: Pair) -> Document:
    return {"debtor": _recipient(pair), "route": _recipient(pair)}


def _is_paid(pair: Pair) -> Document:
    return {"creditor": _recipient(pair)}


def _is_asked(pair: Pair) -> Document:
    return {"payer": pair.recipient.id, "account": pair.recipient.account}


def _gets_back(pair: Pair) -> Document:
    return {"account": _recipient(pair), "route": _recipient(pair)}


def _is_sent(pair: Pair) -> Document:
    return {"kind": "receive", "route": _recipient(pair)}


@pytest.mark.parametrize("side", [_pays, _is_paid, _is_asked, _gets_back, _is_sent])
def test_is_refused_while_an_order_is_under_way_and_names_it(
    api: SiteClient, database: Database[Document], side: Callable[[Pair], Document]
) -> None:
    pair = a_pair(api)
    order = api.send(pair.order())["id"]
    database["orders"].update_one({"_id": order}, {"$set": side(pair)})

    refused = _close(api, pair.recipient.account)
    database["orders"].update_one({"_id": order}, {"$set": {"final": True}})
    closed = _close(api, pair.recipient.account)

    problem = assert_problem(refused, 409, "orders_under_way")
    assert (problem["orders"], problem["count"]) == ([order], 1)
    assert closed.body["status"] == "CLOSED"


def test_is_refused_for_a_version_that_was_not_read_and_for_what_is_no_account(
    api: SiteClient, empty: str, database: Database[Document]
) -> None:
    assert_problem(_close(api, empty, version=7), 409, "version_conflict", "/version")
    assert_problem(_close(api, "acc_int_funding_USD"), 404, "account_not_found")
    unknown = new_id("acc", wall_clock())
    assert_problem(_close(api, unknown), 404, "account_not_found")
    path = f"/api/v1/accounts/{empty}/close"
    assert_problem(api.call("POST", path, {}), 400, "field_required", "/reason")
    assert _stored(database, empty)["status"] == "OPEN"


def test_sees_money_that_arrives_at_the_same_time(
    api: SiteClient,  # noqa: ARG001 - the site's database
    empty: str,
    database: Database[Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, arrivals = closing._assert_no_orders, [1]

    def is_slower_than_a_payment(*arguments: Any) -> None:
        looks(*arguments)
        while arrivals:
            credit = {"posted_minor": Int64(arrivals.pop()), "version": 1}
            database["accounts"].update_one({"_id": empty}, {"$inc": credit})

    monkeypatch.setattr(closing, "_assert_no_orders", is_slower_than_a_payment)
    made = Change(by="client:cli_1", at=wall_clock(), request_id="req_1", reason="moves abroad")

    with pytest.raises(Conflict, match="account_not_empty"):
        closing.close_account(account_id=empty, version=None, made=made)

    assert (_stored(database, empty)["status"], arrivals) == ("OPEN", [])


def test_keeps_payments_schedules_and_aliases_from_it_afterwards(
    api: SiteClient, database: Database[Document]
) -> None:
    pair = a_pair(api, balance="0.00")
    _close(api, pair.payer.account)

    order = api.call("POST", "/api/v1/orders", pair.order(), key="k1")
    alias = {"kind": "email", "value": "new@example.com", "account": pair.payer.account}
    enrolled = api.call("POST", f"/api/v1/customers/{pair.payer.id}/aliases", alias)

    assert_problem(order, 409, "account_closed", "/debtor/account")
    assert_problem(enrolled, 409, "account_closed", "/account")
    assert database["orders"].count_documents({}) == 0
