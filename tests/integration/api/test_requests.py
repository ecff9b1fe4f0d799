"""POST /orders with "kind": "request": one payer, a payee, or a split; each once for its key."""

from datetime import timedelta
from typing import Any

import pytest
from bson import Int64
from pymongo.database import Database

from apps.kernel.clock import rfc3339, wall_clock
from apps.kernel.ids import order_id
from apps.parties import directory
from apps.parties.domain.directory import DirectoryUnavailable, NetworkAnswer
from devstack.client import Document
from tests.support.api_client import Pair, a_pair, a_stranger_as_payee
from tests.support.builders import assert_problem, with_field, without_field
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"
NOBODY_KNOWN = {"name": "Zoe", "alias": {"kind": "phone", "value": "+12025550123"}}


def _payer(pair: Pair) -> Document:
    alias = {"kind": "email", "value": pair.recipient.email}
    return {"name": pair.recipient.name, "alias": alias}


def _request(pair: Pair, amount: str = "30.00", **fields: Any) -> Document:
    """The payer of the pair asks the recipient."""
    return {
        "kind": "request",
        "product": "zelle",
        "creditor": {"customer": pair.payer.id, "account": pair.payer.account},
        "payer": _payer(pair),
        "amount": {"value": amount, "currency": "USD"},
    } | fields


def _split(pair: Pair, *amounts: str, payers: list[Document] | None = None) -> Document:
    asked = payers or [_payer(pair), NOBODY_KNOWN]
    shares = [
        payer | {"amount": {"value": value, "currency": "USD"}}
        for payer, value in zip(asked, amounts, strict=True)
    ]
    return without_field(_request(pair), "payer") | {"shares": shares}


def test_answers_with_the_request_as_it_was_written(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    expires_at = rfc3339(wall_clock() + timedelta(days=3))
    body = _request(pair, reference="dinner", memo="May", expires_at=expires_at)

    answer = api.call("POST", ORDERS, body, key="k1")

    order = answer.body
    assert answer.status == 201
    assert order["id"] == order_id("cli_tests", "k1")
    assert order["payer"] == body["payer"] | {"customer": None}
    told = set(body) - {"payer"}
    assert {name: order[name] for name in told} == {name: body[name] for name in told}
    assert (order["status"], order["version"], order["final"]) == ("RECEIVED", 1, False)
    assert order["sentence"].startswith(f"30.00 USD requested from {pair.recipient.name}.")
    assert (order["debtor"], order["payee"], order["payment"]) == (None, None, None)
    assert api.order(order["id"]) == order
    assert [event["status"] for event in api.events(order["id"])] == ["RECEIVED"]
    (stored,) = database["orders"].find()
    assert stored["amount_minor"] == Int64(3000)
    assert stored["alias_key"] == f"email:{pair.recipient.email}"
    assert stored["route"] == {
        "order": order["id"],
        "customer": pair.payer.id,
        "account": pair.payer.account,
    }


def test_asks_a_payee_and_waits_for_the_products_period(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    payee, email = a_stranger_as_payee(api, pair.payer)
    body = without_field(_request(pair), "payer") | {"payee": payee}

    order = api.send(body, key="k1")

    assert order["payee"] == payee
    assert order["payer"]["alias"] == {"kind": "email", "value": email}
    (stored,) = database["orders"].find()
    assert stored["expires_at"] - stored["created_at"] == timedelta(days=30)


def test_splits_an_amount_between_payers(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    body = _split(pair, "10.00", "20.00")

    order = api.send(body, key="k1")

    assert order["shares"] == body["shares"]
    assert (order["payer"], order["payee_name"]) == (None, "2 payers")
    (stored,) = database["orders"].find()
    assert [share["amount_minor"] for share in stored["shares"]] == [Int64(1000), Int64(2000)]


class TestARepeatedRequest:
    def test_gets_the_original_answer_whatever_became_of_it(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        first = api.call("POST", ORDERS, _request(pair), key="k1")
        _deliver(database, first.body["id"], payer=pair.recipient.id)
        database["customers"].update_one({"_id": pair.payer.id}, {"$set": {"status": "SUSPENDED"}})

        second = api.call("POST", ORDERS, _request(pair) | {"expires_at": None}, key="k1")

        assert (second.status, second.body) == (201, first.body)
        assert second.headers["idempotency-replayed"] == "true"
        assert database["orders"].count_documents({}) == 1

    @pytest.mark.parametrize(
        "changed", ["amount", "memo", "payer", "expiry", "a split", "a send order"]
    )
    def test_is_refused_with_another_body(
        self, changed: str, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        api.call("POST", ORDERS, _request(pair), key="k1")
        others = {
            "amount": _request(pair, "31.00"),
            "memo": _request(pair, memo="x"),
            "payer": _request(pair, payer=NOBODY_KNOWN),
            "expiry": _request(pair, expires_at=rfc3339(wall_clock() + timedelta(days=1))),
            "a split": _split(pair, "10.00", "20.00"),
            "a send order": pair.order("30.00"),
        }

        answer = api.call("POST", ORDERS, others[changed], key="k1")

        assert_problem(answer, 422, "idempotency_key_reused")
        assert database["orders"].count_documents({}) == 1


class TestIsRefused:
    """Each leaves no order behind."""

    @pytest.fixture(autouse=True)
    def _nothing_is_written(self, database: Database[Document]) -> object:
        yield
        assert database["orders"].count_documents({}) == 0

    @pytest.mark.parametrize(
        ("field", "value", "status", "code", "pointer"),
        [
            ("creditor/customer", f"cus_{'0' * 26}", 404, "customer_not_found", None),
            ("creditor/account", f"acc_{'0' * 26}", 404, "account_not_found", None),
            ("amount/currency", "EUR", 422, "currency_not_offered", None),
            ("amount/value", "0.00", 400, "amount_not_positive", None),
            ("product", "interfi", 422, "product_without_requests", None),
            ("product", "barter", 400, "choice_unknown", None),
            ("payer/alias/value", "nobody", 400, "alias_malformed", None),
            ("payer/surprise", 1, 400, "field_unknown", None),
            ("expires_at", "2020-01-01T00:00:00Z", 422, "expires_at_past", None),
            ("expires_at", "2099-01-01T00:00:00Z", 422, "expires_at_too_far", None),
            ("expires_at", "2099-01-01", 400, "field_malformed", None),
            ("execute_on", "2099-01-01", 400, "field_unknown", None),
            ("shares", [], 400, "payer_ambiguous", ""),
            ("payee", f"pay_{'0' * 26}", 400, "payer_ambiguous", ""),
        ],
    )
    def test_for_one_field(
        self,
        api: SiteClient,
        pair: Pair,
        field: str,
        value: Any,
        status: int,
        code: str,
        pointer: str | None,
    ) -> None:
        answer = api.call("POST", ORDERS, with_field(_request(pair), field, value), key="k1")

        assert_problem(answer, status, code, f"/{field}" if pointer is None else pointer)

    @pytest.mark.parametrize(
        ("change", "code", "pointer"),
        [
            ({"status": "SUSPENDED"}, "customer_not_active", "/creditor/customer"),
            ({"products": []}, "product_not_enrolled", "/product"),
        ],
    )
    def test_for_the_customers_state(
        self,
        api: SiteClient,
        pair: Pair,
        database: Database[Document],
        change: Document,
        code: str,
        pointer: str,
    ) -> None:
        database["customers"].update_one({"_id": pair.payer.id}, {"$set": change})

        answer = api.call("POST", ORDERS, _request(pair), key="k1")

        assert_problem(answer, 409, code, pointer)

    def test_to_oneself(self, api: SiteClient, pair: Pair) -> None:
        own = {"name": "Me", "alias": {"kind": "email", "value": pair.payer.email.upper()}}
        payee = api.add_payee(pair.payer.id, name="Me", email=pair.payer.email)

        asked = api.call("POST", ORDERS, _request(pair, payer=own), key="k1")
        by_payee = without_field(_request(pair), "payer") | {"payee": payee}
        named = api.call("POST", ORDERS, by_payee, key="k2")
        split = _split(pair, "10.00", "20.00", payers=[_payer(pair), own])
        shared = api.call("POST", ORDERS, split, key="k3")

        assert_problem(asked, 422, "request_to_oneself", "/payer/alias")
        assert_problem(named, 422, "request_to_oneself", "/payee")
        assert_problem(shared, 422, "request_to_oneself", "/shares/1/alias")

    def test_to_another_customers_payee(self, api: SiteClient, pair: Pair) -> None:
        body = without_field(_request(pair), "payer") | {"payee": a_pair(api).payee}

        answer = api.call("POST", ORDERS, body, key="k1")

        assert_problem(answer, 404, "payee_not_found", "/payee")

    def test_as_a_split_that_is_none(self, api: SiteClient, pair: Pair) -> None:
        one, twice = [_payer(pair)], [_payer(pair), _payer(pair)]
        euros = with_field(_split(pair, "10.00", "20.00"), "amount/value", "30.00")
        euros["shares"][1]["amount"]["currency"] = "EUR"
        unnamed = _split(pair, "10.00", "20.00")
        del unnamed["shares"][1]["name"]
        bodies = {
            "split_does_not_add_up": (_split(pair, "10.00", "10.00"), 422, "/shares"),
            "split_size": (_split(pair, "30.00", payers=one), 422, "/shares"),
            "share_twice": (_split(pair, "10.00", "20.00", payers=twice), 422, "/shares"),
            "share_currency": (euros, 422, "/shares/1/amount/currency"),
            "field_required": (unnamed, 400, "/shares/1/name"),
            "field_malformed": (_split(pair, "1.00", "2.00") | {"shares": 7}, 400, "/shares"),
        }

        for code, (body, status, pointer) in bodies.items():
            assert_problem(api.call("POST", ORDERS, body, key="k1"), status, code, pointer)


def test_is_found_by_either_side_and_by_its_kind(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    asked = api.send(_request(pair), key="k1")["id"]
    sent = api.send(pair.order())["id"]
    _deliver(database, asked, payer=pair.recipient.id)
    database["orders"].update_one({"_id": sent}, {"$set": {"caused_by": asked}})

    def listed(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"{ORDERS}?{query}")["data"]]

    assert listed("kind=request") == [asked]
    assert listed("status=DELIVERED") == [asked]
    assert listed(f"customer={pair.recipient.id}") == [asked]
    assert listed(f"customer={pair.recipient.id}&party=payer") == [asked]
    assert listed(f"customer={pair.payer.id}&party=creditor") == [asked]
    assert listed(f"customer={pair.payer.id}") == [sent, asked]
    assert listed(f"caused_by={asked}") == [sent]
    assert api.order(asked)["payer"]["customer"] == pair.recipient.id


class TestACommand:
    @pytest.mark.parametrize(
        ("command", "actor"),
        [("accept", "recipient"), ("decline", "recipient"), ("cancel", "customer")],
    )
    def test_is_of_the_side_that_may_give_it(
        self,
        api: SiteClient,
        pair: Pair,
        database: Database[Document],
        command: str,
        actor: str,
    ) -> None:
        asked = api.send(_request(pair), key="k1")["id"]

        api.post(f"{ORDERS}/{asked}/commands", {"type": command, "reason": "x"}, status=202)

        (stored,) = database["commands"].find()
        assert (stored["kind"], stored["actor"]["kind"]) == ("request", actor)

    def test_of_another_kind_of_order_is_refused(
        self, api: SiteClient, pair: Pair, database: Database[Document]
    ) -> None:
        asked, sent = api.send(_request(pair), key="k1")["id"], api.send(pair.order())["id"]

        for order, command in ((asked, "dispute"), (sent, "accept")):
            body = {"type": command, "reason": "x"}
            answer = api.call("POST", f"{ORDERS}/{order}/commands", body)
            assert_problem(answer, 400, "command_unknown", "/type")

        assert database["commands"].count_documents({}) == 0


def _deliver(database: Database[Document], order: str, *, payer: str) -> None:
    """What the flow makes of a request to a customer of ours."""
    stored = database["orders"].find_one({"_id": order})
    assert stored is not None
    step = {**stored["history"][0], "version": 2, "status": "DELIVERED", "iso_status": "RCVD"}
    change = {
        "status": "DELIVERED",
        "version": 2,
        "history": [stored["history"][0], step],
        "payer": payer,
        "due_at": stored["expires_at"],
        "due_event": "request_expired",
    }
    database["orders"].update_one({"_id": order}, {"$set": change})


def test_the_directory_is_asked_for_whoever_banks_elsewhere(
    api: SiteClient,
    pair: Pair,
    database: Database[Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = NetworkAnswer("999999905", "Other Bank")
    monkeypatch.setattr(directory, "_LOOKUPS", {"zelle": lambda _kind, _value: elsewhere})
    payer = {"name": "Faye", "alias": {"kind": "email", "value": "faye@other-bank.example"}}

    answer = api.call("POST", ORDERS, _request(pair, payer=payer), key="k1")

    assert answer.status == 201
    (entry,) = database["directory_entries"].find()
    assert (entry["alias_key"], entry["place"]) == ("email:faye@other-bank.example", "NETWORK")


def test_nobody_is_asked_while_the_directory_does_not_answer(
    api: SiteClient, pair: Pair, database: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def silent(_kind: str, value: str) -> NetworkAnswer:
        asked.append(value)
        raise DirectoryUnavailable("no answer")

    monkeypatch.setattr(directory, "_LOOKUPS", {"zelle": silent})
    payers = [
        {"name": "Faye", "alias": {"kind": "email", "value": f"{name}@other-bank.example"}}
        for name in ("faye", "fred")
    ]

    answer = api.call("POST", ORDERS, _split(pair, "10.00", "20.00", payers=payers), key="k1")

    assert_problem(answer, 503, "directory_away")
    assert database["orders"].count_documents({}) == 0
    assert asked == ["faye@other-bank.example"]


def test_in_a_batch_each_request_has_its_own_result(
    api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    items = [
        {"idempotency_key": "k1", **_request(pair)},
        {"idempotency_key": "k2", **_split(pair, "10.00", "10.00")},
        {"idempotency_key": "k3", **pair.order("1.00")},
        {"idempotency_key": "k4", **without_field(_request(pair), "payer")},
        {"idempotency_key": "k3", **_request(pair)},
        _request(pair),
    ]

    first = api.call("POST", f"{ORDERS}/batch", {"orders": items})
    again = api.call("POST", f"{ORDERS}/batch", {"orders": items[:1]})

    results = first.body["results"]
    assert [each["status"] for each in results] == [201, 422, 201, 400, 422, 400]
    assert results[0]["order"] == api.order(order_id("cli_tests", "k1"))
    assert results[1]["problem"]["code"] == "split_does_not_add_up"
    assert results[3]["problem"]["errors"][0]["code"] == "payer_ambiguous"
    assert results[5]["problem"]["errors"][0]["pointer"] == "/idempotency_key"
    assert again.body["results"] == [results[0] | {"idempotency_replayed": True}]
    assert {each["kind"] for each in database["orders"].find()} == {"request", "send"}
    assert database["orders"].count_documents({}) == 2
