"""Identifiers sort by time or derive from their key, and never collide by accident."""

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.clock import rfc3339, to_milliseconds, wall_clock
from apps.kernel.ids import derived_id, new_id, order_id
from tests.support.core import NOW

PARTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=4)


def test_new_ids_sort_by_the_millisecond_they_were_made_in() -> None:
    made = [new_id("cus", NOW + timedelta(milliseconds=step)) for step in range(50)]

    assert made == sorted(made)
    assert all(re.fullmatch(r"cus_[0-9a-hjkmnp-tv-z]{26}", each) for each in made)


def test_new_ids_of_one_millisecond_differ() -> None:
    made = {new_id("cus", NOW) for _ in range(1_000)}

    assert len(made) == 1_000


def test_the_same_request_is_the_same_order() -> None:
    first = order_id("cli_a", "key-1")

    assert first == order_id("cli_a", "key-1")
    assert re.fullmatch(r"ord_[a-z2-7]{32}", first)


def test_another_client_or_key_is_another_order() -> None:
    others = {order_id("cli_b", "key-1"), order_id("cli_a", "key-2"), order_id("cli_ak", "ey-1")}

    assert len(others | {order_id("cli_a", "key-1")}) == 4


@given(PARTS, PARTS)
def test_derived_ids_are_equal_only_for_equal_parts(one: list[str], other: list[str]) -> None:
    assert (derived_id("x", *one) == derived_id("x", *other)) == (one == other)


def test_time_is_kept_and_written_in_milliseconds() -> None:
    instant = NOW.replace(microsecond=123_456)

    assert to_milliseconds(instant).microsecond == 123_000
    assert rfc3339(to_milliseconds(instant)) == "2026-11-22T12:00:00.123Z"
    assert wall_clock().microsecond % 1000 == 0
