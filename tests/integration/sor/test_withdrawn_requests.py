"""A request that another bank brought is taken back by that bank: let go or kept, and each camt.055 answered once."""

from datetime import timedelta
from typing import Any

import pytest

from apps.kernel.money import Money
from apps.rails.domain.messages import CancellationRequest, Party
from apps.rails.iso20022.codec import original_of
from streaming.sor.element import CommandElement, MessageElement
from tests.integration.sor.bank import Bank, Document
from tests.support.rails import OURS, THEIRS, a_request

EVE = Party("Eve Ender", THEIRS, alias="email:eve@bank.example")
BOB = Party("Bob Brown", OURS, alias="email:bob@example.com")


@pytest.fixture
def town(bank: Bank) -> Bank:
    bank.enrols("bob")
    return bank


def _is_asked_for(town: Bank) -> tuple[Any, MessageElement]:
    """Eve asks Bob for money."""
    expires_at = town.now + timedelta(days=9)
    request = a_request(debtor=BOB, creditor=EVE, expires_at=expires_at)
    return request, town.hears(request)


def _takes_back(town: Bank, request: Any, number: int = 1) -> MessageElement:
    return town.hears(
        CancellationRequest(
            f"cxl{number}",
            town.now,
            from_bank=THEIRS,
            to_bank=OURS,
            case_id=f"case{number}",
            original=original_of(request),
            amount=Money(4_500, "USD"),
            reason="CUST",
        )
    )


def _order(town: Bank) -> Document:
    (order,) = town.db.orders.find({"kind": "request"})
    return order


def _told(town: Bank) -> list[tuple[str, str | None, str]]:
    found = [message["fields"] for message in town.said("camt.029")]
    return [(each["answer"], each["reason"], each["case_id"]) for each in found]


def test_in_time_it_is_cancelled_once(town: Bank) -> None:
    request, brought = _is_asked_for(town)
    town.settles(brought)
    back = _takes_back(town, request)

    town.settles(back, back)
    town.settles(back)

    order = _order(town)
    assert (order["status"], order["reason"], order["version"]) == ("CANCELLED", "CUST", 3)
    assert _told(town) == [("CNCL", None, "case1")]
    (told,) = town.said("camt.029")
    assert told["fields"]["original"]["message_id"] == request.message_id
    assert (told["fields"]["to_bank"], told["order"]) == (THEIRS, order["_id"])
    assert town.problems(all_final=True) == []


def test_it_may_overtake_the_request(town: Bank) -> None:
    request, brought = _is_asked_for(town)
    back = _takes_back(town, request)

    town.settles(back)
    town.settles(brought)

    assert (_order(town)["status"], _told(town)) == ("CANCELLED", [("CNCL", None, "case1")])
    assert town.db.dead_letters.count_documents({}) == 0


def test_once_it_is_declined_each_question_is_answered_once(town: Bank) -> None:
    request, brought = _is_asked_for(town)
    town.settles(brought)
    town.is_asked("cmd_no", _order(town)["_id"], "decline", by="recipient")
    town.settles(CommandElement("cmd_no"))
    first, second = _takes_back(town, request), _takes_back(town, request, 2)

    town.settles(first, second, first)
    town.settles(second)

    assert (_order(town)["status"], _order(town)["version"]) == ("DECLINED", 3)
    assert _told(town) == [("RJCR", "ARFR", "case1"), ("RJCR", "ARFR", "case2")]
    assert town.problems(all_final=True) == []


def test_another_one_is_kept_because_it_was_cancelled_already(town: Bank) -> None:
    request, brought = _is_asked_for(town)
    town.settles(brought, _takes_back(town, request))

    town.settles(_takes_back(town, request, 2))

    assert _told(town) == [("CNCL", None, "case1"), ("RJCR", "ACLR", "case2")]
