"""Messages as XML and back …"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from apps.kernel.money import MINOR_DIGITS, Money
from apps.rails.domain.messages import CancellationRequest, CreditTransfer, Message, Original, Party
from apps.rails.iso20022.codec import BYTES_MAX, from_xml, full_name, to_xml
from apps.rails.iso20022.refused import CODES, RefusedXml
from tests.support.rails import ANN, BOB, THEIRS, a_request, a_transfer, one_of_each, schemas

needs_schemas = pytest.mark.skipif(
    not schemas().is_dir(),
    reason="the ISO 20022 schemas are not here; DPMS_ISO20022_SCHEMAS names their directory",
)
BOMB = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">&b;</Document>"""
EXTERNAL = '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd"><d/>'

names = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=140)
ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=1, max_size=35)
banks = st.sampled_from(["021000021", "999999992", "DEUTDEFF"])
parties = st.one_of(
    st.builds(Party, name=names, bank=banks),
    st.builds(Party, name=names, bank=banks, account=ids.filter(lambda text: len(text) < 35)),
    st.builds(Party, name=names, bank=banks, alias=names.map("email:{}".format)),
)
amounts = st.builds(Money, st.integers(0, 10**15), st.sampled_from(sorted(MINOR_DIGITS)))
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - gets its zone here
    lambda found: found.replace(microsecond=found.microsecond // 1000 * 1000, tzinfo=UTC)
)
transfers = st.builds(
    CreditTransfer,
    message_id=ids,
    created_at=instants,
    end_to_end_id=ids,
    uetr=st.uuids(version=4).map(str),
    amount=amounts,
    debtor=parties,
    creditor=parties,
    settlement_date=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    reference=st.none() | names,
)

cancellations = st.builds(
    CancellationRequest,
    message_id=ids,
    created_at=instants,
    from_bank=banks,
    to_bank=banks,
    case_id=ids,
    original=st.builds(
        Original, ids, st.just("pain.013.001.07"), ids, st.none() | st.uuids(version=4).map(str)
    ),
    amount=amounts,
    reason=st.sampled_from(["CUST", "DUPL", "NARR"]),
    text=st.none() | names.map(lambda text: text[:105]),
)


@lru_cache
def schema_of(name: str) -> Any:
    return etree.XMLSchema(etree.parse(str(schemas() / f"{name}.xsd")))


def refusal(xml: str | bytes) -> str:
    with pytest.raises(RefusedXml) as caught:
        from_xml(xml.encode() if isinstance(xml, str) else xml)
    return caught.value.code


@pytest.mark.parametrize("message", one_of_each(), ids=full_name)
def test_are_the_same_after_writing_and_reading(message: Message) -> None:
    assert from_xml(to_xml(message).encode()) == message


@needs_schemas
@pytest.mark.parametrize("message", one_of_each(), ids=full_name)
def test_are_valid_by_the_official_schema(message: Message) -> None:
    schema_of(full_name(message)).assertValid(etree.fromstring(to_xml(message).encode()))


@given(transfers | cancellations)
@settings(max_examples=80)
def test_survive_whatever_names_amounts_and_times_they_carry(message: Message) -> None:
    xml = to_xml(message).encode()

    assert from_xml(xml) == message
    if schemas().is_dir():
        schema_of(full_name(message)).assertValid(etree.fromstring(xml))


def test_leave_out_what_a_message_does_not_say() -> None:
    bare = a_transfer(reference=None, settlement_date=None, creditor=Party("Bob", THEIRS))
    request = a_request(expires_at=None, reference=None)

    assert from_xml(to_xml(bare).encode()) == bare
    assert from_xml(to_xml(request).encode()) == request
    assert "RmtInf" not in to_xml(bare)


def test_carry_an_iban_as_such() -> None:
    message = a_transfer(creditor=Party("Bob", "DEUTDEFF", iban="DE89370400440532013000"))

    xml = to_xml(message)

    assert "<IBAN>DE89370400440532013000</IBAN>" in xml
    assert from_xml(xml.encode()) == message


@pytest.mark.parametrize(
    "different",
    [
        {"message_id": "m" * 36},
        {"message_id": ""},
        {"debtor": replace(ANN, name="n" * 141)},
        {"creditor": replace(BOB, bank="nobody")},
        {"reference": "r" * 141},
        {"uetr": "not-a-uuid"},
    ],
)
def test_are_not_written_when_their_words_break_the_schema(different: dict[str, object]) -> None:
    with pytest.raises(RefusedXml, match="schema_invalid"):
        to_xml(a_transfer(**different))


@pytest.mark.parametrize(
    ("code", "xml"),
    [
        ("not_well_formed", ""),
        ("not_well_formed", "yes, received"),
        ("not_well_formed", to_xml(a_transfer())[:300]),
        ("not_well_formed", "<a>" * 5_000),
        ("not_utf8", to_xml(a_transfer()).encode("utf-16")),
        ("dtd_forbidden", BOMB),
        ("dtd_forbidden", EXTERNAL),
        ("too_large", b" " * (BYTES_MAX + 1)),
        ("unknown_message", "<html/>"),
        ("unknown_message", to_xml(a_transfer()).replace("pacs.008.001.08", "pacs.008.001.09")),
        ("unknown_message", to_xml(a_transfer()).replace("pacs.008.001.08", "pacs.009.001.08")),
    ],
)
def test_are_refused_when_they_are_no_messages(code: str, xml: str | bytes) -> None:
    assert refusal(xml) == code
    assert code in CODES


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("schema_invalid", "<MsgId>msg1</MsgId>", ""),
        ("schema_invalid", "<MsgId>msg1</MsgId>", "<MsgId>msg1</MsgId><MsgId>msg1</MsgId>"),
        ("schema_invalid", "<GrpHdr>", "<GrpHdr><Surprise/>"),
        ("schema_invalid", "<GrpHdr>", '<GrpHdr surprise="1">'),
        ("schema_invalid", "<GrpHdr>", "<GrpHdr>text"),
        ("schema_invalid", "CLRG", "NONE"),
        ("schema_invalid", "msg1", "m" * 36),
        ("schema_invalid", "<Cd>USABA</Cd>", "<Cd>USABA</Cd><Prtry>x</Prtry>"),
        ("schema_invalid", "2026-11-25", "2026-13-25"),
        ("schema_invalid", "2026-11-24T12:00:00.123Z", "yesterday"),
        ("schema_invalid", ">12.34<", ">twelve<"),
        ("schema_invalid", ">12.34<", ">NaN<"),
        ("schema_invalid", ">12.34<", ">-12.34<"),
        ("schema_invalid", ">12.34<", ">1E5<"),
        ("schema_invalid", ">12.34<", ">12.345678<"),
        ("schema_invalid", 'Ccy="USD"', 'Ccy="usd"'),
        ("amount_invalid", ">12.34<", ">12.345<"),
        ("amount_invalid", ">12.34<", ">1000000000000000.00<"),
        ("amount_invalid", 'Ccy="USD"', 'Ccy="XAU"'),
        ("not_supported", "<UETR>", "<TxId>t</TxId><UETR>"),
    ],
)
def test_are_refused_when_they_break_their_schema(code: str, old: str, new: str) -> None:
    xml = to_xml(a_transfer())
    assert old in xml
    changed = xml.replace(old, new)
    if code == "not_supported":
        changed = re.sub("<UETR>.*</UETR>", "", changed)

    assert refusal(changed) == code


def test_are_refused_with_elements_in_another_order() -> None:
    xml = to_xml(a_transfer())

    moved = xml.replace("<MsgId>msg1</MsgId>", "").replace(
        "<NbOfTxs>", "<MsgId>msg1</MsgId><NbOfTxs>"
    )

    assert refusal(moved) == "schema_invalid"


def test_are_refused_with_several_payments_in_one() -> None:
    xml = to_xml(a_transfer())
    payment = xml[xml.index("<CdtTrfTxInf>") : xml.index("</FIToFICstmrCdtTrf>")]

    assert refusal(xml.replace(payment, payment * 2)) == "not_supported"


def test_tell_nothing_of_what_stood_in_them_when_they_are_refused() -> None:
    xml = to_xml(a_transfer(debtor=replace(ANN, name="Secret Name")))

    with pytest.raises(RefusedXml) as caught:
        from_xml(xml.replace("Secret Name", "Secret Name" * 20).encode())

    assert "Secret" not in str(caught.value)


def test_may_write_more_zeros_behind_the_point() -> None:
    xml = to_xml(a_transfer()).replace(">12.34<", ">12.34000<")

    message = from_xml(xml.encode())

    assert isinstance(message, CreditTransfer)
    assert message.amount == Money(1234, "USD")


@needs_schemas
@pytest.mark.parametrize("message", one_of_each(), ids=full_name)
def test_are_refused_here_whenever_the_official_schema_refuses_a_missing_element(
    message: Message,
) -> None:
    """Each element in turn is left out: what the schema does not allow is never read as a message."""
    xml = to_xml(message).encode()
    for number in range(1, len(list(etree.fromstring(xml).iter()))):
        root = etree.fromstring(xml)
        element = list(root.iter())[number]
        element.getparent().remove(element)
        changed = etree.tostring(root)
        if schema_of(full_name(message)).validate(etree.fromstring(changed)):
            continue

        assert refusal(changed) in {"schema_invalid", "not_supported"}, element.tag
