"""What is held back before it reaches Python: results, and what no flow would take; never what might be of interest."""

from typing import Any

import pytest

from streaming.flows.request_money.decide import SIEVE as REQUEST_SIEVE
from streaming.flows.send_money.decide import SIEVE as SEND_SIEVE
from streaming.flows.send_money.decide import route as send_route
from streaming.flows.sieve import Sieve
from tests.unit.streaming.records import ORDER, PLACE, a_record, recorded

TOPIC = PLACE.topic


def _order(**fields: Any) -> bytes:
    return a_record("orders", ORDER | {"final": False} | fields)


def test_a_payment_that_is_final_is_held_back_from_the_flow_that_made_it_so() -> None:
    assert SEND_SIEVE.holds_back(TOPIC, _order(final=True, status="COMPLETED"))
    assert not SEND_SIEVE.holds_back(TOPIC, _order())


@pytest.mark.parametrize("text", ['"final": true', r"\"final\": true", r'\\"final\\": true'])
def test_what_people_write_holds_no_payment_back(text: str) -> None:
    record = _order(reference=text)

    assert not SEND_SIEVE.holds_back(TOPIC, record)
    assert send_route(PLACE, b"{}", record) is not None


def test_requests_and_what_they_caused_pass_and_other_payments_do_not() -> None:
    assert not REQUEST_SIEVE.holds_back(TOPIC, _order(kind="request"))
    assert not REQUEST_SIEVE.holds_back(TOPIC, _order(caused_by="ord_2", final=True))
    assert REQUEST_SIEVE.holds_back(TOPIC, _order())


@pytest.mark.parametrize("sieve", [SEND_SIEVE, REQUEST_SIEVE])
def test_other_collections_pass_whatever_they_hold(sieve: Sieve) -> None:
    topic = TOPIC.replace("orders", "commands")

    assert not sieve.holds_back(topic, _order(final=True))


@pytest.mark.parametrize("record", [b"", b"\xff\xfe", b"{}", b"not a record"])
def test_a_record_that_can_not_be_read_reaches_the_flow_that_keeps_it(record: bytes) -> None:
    assert not SEND_SIEVE.holds_back(TOPIC, record)


def test_the_words_are_written_as_debezium_writes_them() -> None:
    """Its documents have a blank after each colon; with other words nothing would ever be held back."""
    place, _, open_order = recorded("orders_update")
    assert open_order is not None

    final = open_order.replace(rb"\"final\": false", rb"\"final\": true")

    assert final != open_order
    assert not SEND_SIEVE.holds_back(place.topic, open_order)
    assert SEND_SIEVE.holds_back(place.topic, final)


def test_the_condition_in_sql_quotes_what_it_looks_for() -> None:
    sieve = Sieve("orders", having=("it's",))

    assert "POSITION('it''s' IN " in sieve.passing()
    assert "`topic` <> 'dpms.cdc.orders'" in sieve.passing()
