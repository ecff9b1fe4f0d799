"""The number of an account at another bank, in a message that the gateway sends or takes …"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pymongo.database import Database
from structlog.testing import capture_logs

from apps.parties.account_numbers import token_of
from apps.parties.domain.bank_account import FullNumber
from apps.rails.domain.messages import CreditTransfer, Message, Party
from apps.rails.gateway.inbox import Inbox
from apps.rails.gateway.kept import Evidence
from apps.rails.gateway.lane import Lane
from apps.rails.iso20022.codec import from_xml, original_of, to_xml
from apps.rails.networks.adapter import Answer, Unreachable
from apps.rails.networks.registry import NETWORKS
from apps.rails.serving import Request
from tests.integration.rails.town import ORDER, a_payment, sends
from tests.support.rails import ANN, NOW, THEIRS, a_request, a_status, a_transfer

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
    (told,) = database.commands.find()
    assert (told["type"], told["order"], told["iso_reason"]) == ("not_taken", ORDER, "AC01")
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


# Numbers that come in


@pytest.fixture
def inbox(database: Database[Document]) -> Iterator[Inbox]:
    yield Inbox(database, evidence=Evidence("tests"), clock=lambda: NOW)
    database.account_numbers.delete_many({})


def brought(inbox: Inbox, body: str) -> int:
    return inbox.handle(Request("POST", ("inbox", "zelle"), body.encode())).status


def from_far(**different: Any) -> str:
    olive = Party("Olive Other", THEIRS, account=NUMBER)
    return to_xml(a_transfer(**{"debtor": olive, "creditor": ANN} | different))


def stored(database: Database[Document]) -> Document:
    (message,) = database.rail_messages.find()
    return message


def test_of_who_pays_is_stored_as_the_token_that_the_payee_with_it_has(
    database: Database[Document], inbox: Inbox
) -> None:
    of_a_payee = token_of(FullNumber("account", NUMBER, THEIRS), now=NOW)

    with capture_logs() as logs:
        status = brought(inbox, from_far())

    message = stored(database)
    kept = from_xml(message["xml"].encode())
    assert isinstance(kept, CreditTransfer)
    assert status == 202
    assert (kept.debtor.account, kept.creditor.account) == (of_a_payee, ANN.account)
    assert message["fields"]["debtor"]["account_last4"] == NUMBER[-4:]
    assert NUMBER not in f"{message}{logs}"
    assert database.account_numbers.count_documents({}) == 1


def test_that_is_an_iban_becomes_a_token_too_and_the_message_keeps_its_schema(
    database: Database[Document], inbox: Inbox
) -> None:
    hans = Party("Hans Huber", "COBADEFFXXX", iban=IBAN)

    brought(inbox, from_far(debtor=hans, reference=f"from {IBAN[:4]} {IBAN[4:]}"))

    message = stored(database)
    kept = from_xml(message["xml"].encode())
    assert isinstance(kept, CreditTransfer)
    assert kept.debtor.account == token_of(FullNumber("iban", IBAN), now=NOW)
    assert kept.reference == message["fields"]["reference"] == "from ••••"
    assert IBAN[4:] not in str(message)


def test_is_kept_out_of_a_message_that_only_tells_of_a_payment_again(
    database: Database[Document], inbox: Inbox
) -> None:
    payment = a_payment()
    sends(database, payment)
    status = to_xml(a_status("RJCT", original=original_of(payment), text=f"no {NUMBER} here"))
    account = f"<CdtrAcct><Id><Othr><Id>{NUMBER}</Id></Othr></Id></CdtrAcct>"
    told = status.replace("</TxInfAndSts>", f"<OrgnlTxRef>{account}</OrgnlTxRef></TxInfAndSts>")

    assert brought(inbox, told) == 202

    (message,) = database.rail_messages.find({"direction": "in"})
    assert "<Id>••••1234</Id>" in message["xml"]  # of which bank it is the message does not say
    assert message["fields"]["text"] == "no •••• here"
    assert NUMBER not in str(message)
    assert database.account_numbers.count_documents({}) == 0


def test_leaves_a_digest_that_proves_what_came_and_by_which_a_redelivery_is_known(
    database: Database[Document], inbox: Inbox
) -> None:
    body = from_far()
    other = body.replace(NUMBER, NUMBER[::-1])

    answers = [brought(inbox, each) for each in (body, body, other)]

    assert answers == [202, 200, 409]
    assert stored(database)["digest"] == Evidence("tests").of(body.encode())
    assert stored(database)["digest"] != Evidence("another key").of(body.encode())
    (letter,) = database.dead_letters.find()
    assert letter["digest"] == Evidence("tests").of(other.encode())
    assert NUMBER[::-1] not in str(letter)


@pytest.mark.parametrize("digest", [None, "hmac-sha256:00000000:00"])
def test_is_known_again_when_the_key_of_digests_was_another_one_or_there_was_none(
    database: Database[Document], inbox: Inbox, digest: str | None
) -> None:
    brought(inbox, from_far())
    as_it_came = {} if digest else {"xml": from_far()}
    database.rail_messages.update_one({}, {"$set": {"digest": digest, **as_it_came}})

    again = [brought(inbox, each) for each in (from_far(), from_far(reference="Debt"))]

    assert again == [200, 409]


def test_may_look_like_an_id_of_ours_but_for_its_letters(
    database: Database[Document], inbox: Inbox
) -> None:
    polish = Party("Ola Nowak", THEIRS, account="61109010140000071219812874")

    brought(inbox, from_far(debtor=polish))

    assert "61109010140000071219812874" not in str(stored(database))
    assert stored(database)["xml"].count("num_") == 1
