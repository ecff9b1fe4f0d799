"""A glance clears a document only when its entries chain from its creation to what is live; all else stays doubtful."""

from typing import Any

import bson
import pytest

from apps.audit.domain.glance import Glance
from tests.support.trail import a_change, a_customer, entries

Document = dict[str, Any]
ANN = ("customers", "cus_ann")


def _recorded(*changes: Any) -> list[Document]:
    return entries(*changes)


def _doubtful(trail: list[Document], *live: Document) -> set[tuple[str, str]]:
    glance = Glance()
    for entry in trail:
        glance.add(
            (entry["collection"], entry["entity"]),
            (entry["captured_at"], entry["position"]["offset"]),
            before=_bytes(entry["before"]),
            after=_bytes(entry["after"]),
            is_alarm=entry["is_alarm"],
        )
    for document in live:
        glance.meet(ANN, bson.encode(document))
    return glance.doubtful()


def _bytes(image: Document | None) -> bytes | None:
    return None if image is None else bson.encode(image)


@pytest.fixture
def trail() -> list[Document]:
    return _recorded(
        a_change(None, a_customer(1)),
        a_change(a_customer(1), a_customer(2), offset=1),
        a_change(a_customer(2), a_customer(3), offset=2),
    )


def test_a_chain_that_ends_at_the_live_document_is_beyond_doubt(trail: list[Document]) -> None:
    assert _doubtful(trail, a_customer(3)) == set()


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_chain_that_lacks_an_entry_is_doubtful(trail: list[Document], missing: int) -> None:
    del trail[missing]

    assert _doubtful(trail, a_customer(3)) == {ANN}


def test_entries_out_of_order_are_doubtful(trail: list[Document]) -> None:
    trail[1]["position"], trail[2]["position"] = trail[2]["position"], trail[1]["position"]

    assert _doubtful(trail, a_customer(3)) == {ANN}


def test_an_alarm_is_doubtful(trail: list[Document]) -> None:
    trail[1]["is_alarm"] = True

    assert _doubtful(trail, a_customer(3)) == {ANN}


@pytest.mark.parametrize("live", [[], [a_customer(2)], [a_customer(3, name="Anne")]])
def test_what_is_not_live_as_it_ended_is_doubtful(
    trail: list[Document], live: list[Document]
) -> None:
    assert _doubtful(trail, *live) == {ANN}


def test_what_the_trail_does_not_know_is_doubtful() -> None:
    assert _doubtful([], a_customer(1)) == {ANN}


def test_a_captured_deletion_is_beyond_doubt_while_nothing_is_live() -> None:
    trail = _recorded(a_change(None, a_customer(1)), a_change(a_customer(1), None, offset=1))
    for entry in trail:
        entry["is_alarm"] = False

    assert _doubtful(trail) == set()
    assert _doubtful(trail, a_customer(1)) == {ANN}
