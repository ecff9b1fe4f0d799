"""MongoDB's Extended JSON: numbers stay whole, dates stay exact, and nothing is guessed."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId
from bson.int64 import Int64

from streaming.contracts.codec import loads, storable
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    DeadElement,
    Element,
    OrderElement,
    WaitingElement,
    dump,
    element_id,
    load,
    shard_of,
)


def test_reads_the_types_that_the_platform_writes() -> None:
    text = (
        '{"long": {"$numberLong": "9007199254740993"}, "int": {"$numberInt": "-7"}, "plain": 5, '
        '"early": {"$date": -1}, "text": {"$date": "2026-11-22T12:00:00.123Z"}, '
        '"wide": {"$date": {"$numberLong": "1795371092161"}}, '
        '"oid": {"$oid": "0123456789abcdef01234567"}, "list": [{"$numberLong": "1"}], "none": null}'
    )

    assert loads(text) == {
        "long": 9_007_199_254_740_993,
        "int": -7,
        "plain": 5,
        "early": datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        "text": datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC),
        "wide": datetime(2026, 11, 22, 18, 11, 32, 161_000, tzinfo=UTC),
        "oid": ObjectId("0123456789abcdef01234567"),
        "list": [1],
        "none": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        "1.0",
        '{"amount_minor": 1e3}',
        "NaN",
        "Infinity",
        '{"$numberDouble": "1.0"}',
        '{"$numberDecimal": "1.00"}',
        '{"$numberLong": "1.5"}',
        '{"$binary": {"base64": "", "subType": "00"}}',
        "",
        "{",
    ],
)
def test_refuses_what_it_would_have_to_guess(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        loads(text)


def test_stores_every_amount_as_64_bits_and_leaves_the_rest() -> None:
    document = {
        "amount_minor": 5,
        "count": 5,
        "lines": [{"amount_minor": -5, "account": "acc"}],
        "held_minor": None,
    }

    stored = storable(document)

    assert stored == document
    assert isinstance(stored["amount_minor"], Int64)
    assert isinstance(stored["lines"][0]["amount_minor"], Int64)
    assert type(stored["count"]) is int


@pytest.mark.parametrize(
    "element",
    [
        OrderElement("ord_1"),
        OrderElement("ord_1", (("AM05", 'like "ord_0"'), ("FRAD", "é"))),
        WaitingElement("ord_1"),
        CommandElement("cmd_1"),
        AliasElement("email:a@example.com"),
        AliasElement("email:a@example.com", after="ord_9"),
        DeadElement("t", 1, 2, None, "dmFsdWU=", "not_utf8", "why"),
        DeadElement("", 0, 0, None, "{}", "unwritable", "why", element="send_money:ord_1"),
    ],
)
def test_elements_wait_in_state_as_text_and_come_back_equal(element: Element) -> None:
    text = dump(element)

    assert load(text) == element
    assert text.isascii()
    assert element_id(element)


def test_elements_that_waited_in_an_older_state_can_still_be_read() -> None:
    assert load('["alias",{"key":"email:a@example.com"}]') == AliasElement("email:a@example.com")


def test_shards_are_stable_for_life() -> None:
    """Holds are freed on the shard they were made on: another spread in another release would lose them."""
    assert [shard_of(f"acc_{number}", 16) for number in range(8)] == [3, 5, 15, 9, 10, 12, 6, 0]
