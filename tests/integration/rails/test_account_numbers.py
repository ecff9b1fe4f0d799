"""An account at another bank, in a message that the gateway sends …"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pymongo.database import Database
from structlog.testing import capture_logs

from apps.parties.account_numbers import token_of
from apps.parties.domain.bank_account import FullNumber
from apps.rails.domain.messages import Message, Party
from apps.rails.gateway.lane import Lane
from apps.rails.iso20022.codec import from_xml
from apps.rails.networks.adapter import Answer, Unreachable
from apps.rails.networks.registry import NETWORKS
from tests.integration.rails.town import a_payment, sends
from tests.support.rails import NOW, THEIRS, a_request

Document = dict[str, Any]
NUMBER, IBAN = "12345678901234", "DE89370400440532013000"
ACCOUNT = FullNumber("account", NUMBER, "999999905")
UNKNOWN = "num_01jd7z3n8v5w2x4y6a8b0c2d4e"


class Wire:
    """A network of which only is known what it got; it answers as it is told to."""

    network = NETWORKS["interfi"]

    def __init__(self) -> None:
        self.got: list[str] = []
        self.is_away = False
        self.answer = Answer(is_taken=True, http_status=202, text="{}")

    def send(self, xml: str) -> Answer:
        self.got.append(xml)
        if self.is_away:
            raise Unreachable("it is away")
        return self.answer

    def message(self) -> Message:
        return from_xml(self.got[-1].encode())


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def lane(database: Database[Document], wire: Wire) -> Iterator[Lane]:
    yield Lane(database, wire, clock=lambda: NOW)  # type: ignore[arg-type]  # all that a lane needs
    database.account_numbers.delete_many({})


def to(account: str | None, bank: str = THEIRS) -> Party:
    return Party("Bob Brown", bank, account=account)


def test_goes_out_by_its_number_and_its_own_bank_and_is_stored_by_its_token(
    database: Database[Document], lane: Lane, wire: Wire
) -> None:
    token = token_of(ACCOUNT, now=NOW)
    payment = a_payment(creditor=to(token))
    message = sends(database, payment)

    with capture_logs() as logs:
        lane.send(message)

    assert wire.message() == replace(payment, creditor=to(NUMBER, "999999905"))
    stored = database.rail_messages.find_one({"_id": message})
    assert stored is not None
    assert stored["fields"]["creditor"]["account"] == token
    assert stored["fields"]["creditor"]["account_last4"] is None
    told = f"{stored}{list(database.rail_receipts.find())}{logs}"
    assert NUMBER not in told


def test_goes_out_as_the_iban_that_it_is(
    database: Database[Document], lane: Lane, wire: Wire
) -> None:
    token = token_of(FullNumber("iban", IBAN), now=NOW)

    lane.send(sends(database, a_request(debtor=to(token, "COBADEFFXXX"))))

    sent = wire.message()
    assert getattr(sent, "debtor", None) == Party("Bob Brown", "COBADEFFXXX", iban=IBAN)


def test_is_the_same_bytes_when_it_is_sent_again(
    database: Database[Document], lane: Lane, wire: Wire
) -> None:
    message = sends(database, a_payment(creditor=to(token_of(ACCOUNT, now=NOW))))

    wire.is_away = True
    with pytest.raises(Unreachable):
        lane.send(message)
    wire.is_away = False
    lane.send(message)

    first, again = wire.got
    assert first == again


@pytest.mark.parametrize("echo", [NUMBER, "1234 5678-9012.34"])
def test_is_kept_out_of_what_a_network_repeats(
    database: Database[Document], lane: Lane, wire: Wire, echo: str
) -> None:
    wire.answer = Answer(is_taken=False, http_status=422, text=f"no account {echo} at this bank")
    message = sends(database, a_payment(creditor=to(token_of(ACCOUNT, now=NOW))))

    lane.send(message)

    (receipt,) = database.rail_receipts.find()
    assert receipt["answer"] == "no account •••• at this bank"


def test_is_refused_without_asking_the_network_when_nobody_knows_its_token(
    database: Database[Document], lane: Lane, wire: Wire
) -> None:
    lost = sends(database, a_payment(creditor=to(UNKNOWN)))
    next_one = sends(database, a_payment("5", end_to_end_id="second"))

    for message in (lost, next_one, lost):
        lane.send(message)

    assert len(wire.got) == 1
    receipts = {each["_id"]: each for each in database.rail_receipts.find()}
    assert (receipts[lost]["state"], receipts[lost]["http_status"]) == ("REFUSED", None)
    assert receipts[lost]["answer"].startswith("account_number_unknown: ")
    assert receipts[next_one]["state"] == "TAKEN"


def test_is_refused_when_no_message_can_carry_it(
    database: Database[Document], lane: Lane, wire: Wire
) -> None:
    number = "9" * 40
    token = token_of(FullNumber("account", number, "999999905"), now=NOW)

    lane.send(sends(database, a_payment(creditor=to(token))))

    (receipt,) = database.rail_receipts.find()
    assert (receipt["state"], wire.got) == ("REFUSED", [])
    assert receipt["answer"].startswith("account_number_unusable: ")
    assert number not in receipt["answer"]


def test_is_nobodys_concern_when_a_reference_only_looks_like_a_token(
    database: Database[Document], lane: Lane, wire: Wire
) -> None:
    payment = a_payment(reference=f"Invoice {UNKNOWN}")

    message = sends(database, payment)
    lane.send(message)

    stored = database.rail_messages.find_one({"_id": message}, {"xml": 1})
    assert stored is not None
    assert wire.got == [stored["xml"]]
