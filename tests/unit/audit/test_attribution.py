"""Who made a change, and which changes nobody of the platform could have made."""

from typing import Any

import pytest

from apps.audit.domain.attribution import COLLECTIONS, Written, attribute
from streaming.contracts.collections import CAPTURED
from tests.support.core import NOW
from tests.support.trail import a_customer, an_order

ACCOUNT = {"_id": "acc_1", "posted_minor": 5, "version": 1, "modified_by": "client:cli_1"}
ENTRY = {"_id": "ord_1:3", "order": "ord_1", "made_by": "stream:send_money#1", "lines": []}

SENT = {"_id": "msg_1", "direction": "out", "order": "ord_1", "made_by": "stream:send_money#1"}


def updated(before: Any, after: Any, *, in_transaction: bool = False) -> Written:
    return Written("updated", before, after, in_transaction)


def test_every_captured_collection_has_a_rule() -> None:
    assert frozenset(CAPTURED) == COLLECTIONS


def test_a_change_of_a_customer_is_its_clients_with_reason_and_request() -> None:
    maker = attribute("customers", updated(a_customer(1), a_customer(2, reason="suspended")))

    assert (maker.actor_kind, maker.actor_id) == ("client", "cli_tests")
    assert (maker.reason, maker.request_id, maker.out_of_band) == ("suspended", "req_2", None)


def test_a_step_of_an_order_is_the_jobs_attempt_that_made_it() -> None:
    maker = attribute("orders", updated(an_order(1), an_order(3), in_transaction=True))

    assert (maker.actor_kind, maker.actor_id) == ("stream", "send_money#1")
    assert (maker.cause, maker.out_of_band) == ("ord_1@1", None)


def test_an_account_is_changed_by_the_attempt_that_its_document_names() -> None:
    after = {**ACCOUNT, "posted_minor": 9, "version": 2, "modified_by": "stream:send_money#7"}

    maker = attribute("accounts", updated(ACCOUNT, after, in_transaction=True))

    assert (maker.actor_kind, maker.actor_id) == ("stream", "send_money#7")


@pytest.mark.parametrize(
    ("collection", "written"),
    [
        ("customers", updated(a_customer(1), a_customer(1, name="Eve"))),
        ("customers", updated(a_customer(1), a_customer(3))),
        ("customers", Written("deleted", a_customer(), None, in_transaction=False)),
        ("orders", updated(an_order(1), an_order(1, amount_minor=1))),
        ("orders", updated(an_order(1), an_order(2))),
        ("orders", updated(an_order(1), an_order(2, amount_minor=1), in_transaction=True)),
        ("orders", updated(an_order(1), {**an_order(3), "version": 2}, in_transaction=True)),
        ("orders", updated(an_order(2), an_order(3, history=[{}, {}, {}]), in_transaction=True)),
        ("accounts", updated(ACCOUNT, {**ACCOUNT, "posted_minor": 9})),
        ("accounts", updated(ACCOUNT, {**ACCOUNT, "posted_minor": 9, "version": 2})),
        ("accounts", updated(ACCOUNT, {**ACCOUNT, "posted_minor": 9}, in_transaction=True)),
        ("entries", Written("created", None, ENTRY, in_transaction=False)),
        ("entries", updated(ENTRY, {**ENTRY, "lines": [1]}, in_transaction=True)),
        (
            "payee_stats",
            Written("created", None, {**ACCOUNT, "_id": "pay_1"}, in_transaction=False),
        ),
        ("blocked_parties", updated(a_customer(1), a_customer(1, status="LIFTED"))),
        ("rail_messages", Written("created", None, SENT, in_transaction=False)),
        ("rail_messages", updated(SENT, {**SENT, "xml": "<Other/>"}, in_transaction=True)),
        ("rail_receipts", updated(SENT, {**SENT, "state": "REFUSED"})),
        ("orders", Written("created", None, {"_id": "ord_2"}, in_transaction=False)),
        ("customers", Written("created", None, {"_id": 7, "modified_by": 7}, in_transaction=False)),
    ],
)
def test_a_write_that_no_writer_of_the_platform_makes_is_out_of_band(
    collection: str, written: Written
) -> None:
    maker = attribute(collection, written)

    assert (maker.actor_kind, maker.actor_id) == ("unknown", "out of band")
    assert maker.out_of_band


def test_a_message_of_a_network_is_the_gateways_and_one_of_ours_the_flows() -> None:
    received = {**SENT, "direction": "in", "order": None, "made_by": "gateway:zelle"}

    ours = attribute("rail_messages", Written("created", None, SENT, in_transaction=True))
    theirs = attribute("rail_messages", Written("created", None, received, in_transaction=False))

    assert (ours.actor_kind, ours.actor_id, ours.cause) == ("stream", "send_money#1", "ord_1")
    assert (theirs.actor_kind, theirs.actor_id, theirs.out_of_band) == ("gateway", "zelle", None)


def test_a_view_is_the_persons_who_looked() -> None:
    viewed = {
        "_id": "acl_1",
        "at": NOW,
        "subject": {"kind": "staff", "id": "dora"},
        "reason": None,
        "request_id": "req_1",
    }

    maker = attribute("access_log", Written("created", None, viewed, in_transaction=False))

    assert (maker.actor_kind, maker.actor_id, maker.request_id) == ("staff", "dora", "req_1")
