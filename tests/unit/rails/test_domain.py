"""The rules of messages: their identifiers, what is stored of them, and micro-deposits."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.kernel.ids import order_id
from apps.rails.domain import ids
from apps.rails.domain.fields import fields_of
from apps.rails.domain.messages import Party, verdict_of
from apps.rails.domain.micro_deposits import TRIES_MAX, Link, deposits_for, prove
from tests.support.rails import NOW, a_status, a_transfer

PENDING = Link("lnk_1", (7, 42), NOW)


def test_identifiers_fit_the_wire_and_derive_from_what_they_stand_for() -> None:
    order = order_id("cli_a", "key")

    sent = ids.outgoing_id(order, step="4", kind="pacs.008")

    assert sent == ids.outgoing_id(order, step="4", kind="pacs.008")
    assert sent != ids.outgoing_id(order, step="5", kind="pacs.008")
    assert sent != ids.outgoing_id(order, step="4", kind="pacs.028")
    assert max(len(ids.on_the_wire(each)) for each in (sent, order)) <= ids.WIRE_ID_LENGTH_MAX
    assert ids.on_the_wire("ord_abc") == "abc"


def test_one_end_to_end_id_of_a_network_is_one_order_and_one_message_id_one_message() -> None:
    assert ids.inbound_order_id("zelle", "e1") == ids.inbound_order_id("zelle", "e1")
    assert ids.inbound_order_id("zelle", "e1") != ids.inbound_order_id("interfi", "e1")
    assert ids.inbound_id("zelle", "m1") != ids.inbound_id("interfi", "m1")


def test_a_uetr_is_a_uuid_of_version_4() -> None:
    form = r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}"

    assert re.fullmatch(form, ids.uetr_of("abc"))
    assert ids.uetr_of("abc") == ids.uetr_of("abc")


def test_stored_fields_never_show_a_full_account_number() -> None:
    message = a_transfer(creditor=Party("Bob", "021000021", account="1234567890123"))

    fields = fields_of(message)

    assert "1234567890123" not in str(fields)
    assert fields["creditor"]["account_last4"] == "0123"
    assert fields["debtor"]["account"] == message.debtor.account
    assert fields["amount"] == {"amount_minor": 1234, "currency": "USD"}
    assert fields["settlement_date"] == "2026-11-25"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("ACSC", "accepted"), ("ACSP", "accepted"), ("RJCT", "rejected"), ("PDNG", "pending")],
)
def test_a_status_is_a_verdict(status: str, verdict: str) -> None:
    assert verdict_of(status) == verdict
    assert fields_of(a_status(status))["verdict"] == verdict


def test_micro_deposits_are_below_a_dollar_and_unknown_without_the_secret() -> None:
    amounts = {deposits_for(f"lnk_{number}", secret="s") for number in range(300)}

    assert all(1 <= each <= 99 for pair in amounts for each in pair)
    assert len(amounts) > 250
    assert deposits_for("lnk_1", secret="s") != deposits_for("lnk_1", secret="t")


def test_a_link_is_proved_by_both_amounts_in_either_order() -> None:
    assert prove(PENDING, (42, 7), now=NOW).state == "VERIFIED"
    assert prove(PENDING, (7, 7), now=NOW) == replace(PENDING, tries=1)


def test_a_link_is_locked_by_the_tenth_wrong_try_and_stays_so() -> None:
    link = PENDING
    for _ in range(TRIES_MAX):
        assert link.state == "PENDING"
        link = prove(link, (1, 1), now=NOW)

    assert link.state == "LOCKED"
    assert prove(link, (7, 42), now=NOW) == link


def test_a_link_expires_after_38_days() -> None:
    assert prove(PENDING, (7, 42), now=NOW + timedelta(days=38)).state == "EXPIRED"
    assert prove(PENDING, (7, 42), now=NOW + timedelta(days=37, hours=23)).state == "VERIFIED"
