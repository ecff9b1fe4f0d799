"""A filter of orders …"""

import pytest

from apps.access.roles import Sight
from apps.console.filter import parsed, parsed_for
from apps.kernel.errors import Invalid
from tests.unit.console.test_rows import a_row


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {}),
        ("status:HELD", {"status": "HELD"}),
        ("status:held", {"status": "HELD"}),
        ("status:HELD,AWAITING_CLAIM", {"status": "AWAITING_CLAIM"}),
        ("-status:COMPLETED", {"status": "HELD"}),
        ("product:zelle", {"product": "zelle"}),
        ("-product:wire", {"product": "zelle"}),
        ("currency:usd", {"currency": "USD"}),
        ("amount>=12.34", {"amount_minor": 1234}),
        ("amount<=12.34", {"amount_minor": 1234}),
        ("amount>=0.5", {"amount_minor": 1, "currency": "JPY"}),
        ("amount<=1.5", {"amount_minor": 1, "currency": "JPY"}),
        ("customer:cus_ann", {"debtor": "cus_ann"}),
        ("customer:cus_bea", {"creditor": "cus_bea"}),
        ("-customer:cus_bea", {"creditor": None}),
        ("cus_ann", {"debtor": "cus_ann"}),
        ("is:open", {"final": False}),
        ("is:final", {"final": True}),
        ("-is:open", {"final": True}),
        ("ord_abc", {"id": "ord_abcdefgh"}),
        ("Rent", {"reference": "Rent"}),
        ("Rent 12", {"reference": "Rent 12"}),
        ('"Rent  12"', {"reference": "Rent  12"}),
        ('"status:HELD"', {"reference": "status:HELD"}),
        ("  status:HELD   Rent 12  is:open ", {"status": "HELD", "reference": "Rent 12", "final": False}),
    ],
)  # fmt: skip
def test_holds_for(text: str, fields: dict[str, object]) -> None:
    assert parsed(text).holds(a_row(**fields))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("status:HELD", {"status": "COMPLETED"}),
        ("-status:COMPLETED,HELD", {"status": "HELD"}),
        ("product:zell", {"product": "zelle"}),
        ("currency:EUR", {"currency": "USD"}),
        ("amount>=12.34", {"amount_minor": 1233}),
        ("amount<=12.34", {"amount_minor": 1235}),
        ("amount>=0.5", {"amount_minor": 0, "currency": "JPY"}),
        ("amount<=1000", {"amount_minor": 1, "currency": "ZZZ"}),
        ("customer:cus_ann", {"debtor": "cus_anna", "creditor": None}),
        ("-customer:cus_ann", {"debtor": "cus_ann"}),
        ("is:open", {"final": True}),
        ("ord_abc", {"id": "ord_abdefgh"}),
        ("Rent", {"reference": "rent"}),
        ("Rent 1", {"reference": "Rent 12"}),
        ('Rent "12"', {"reference": "Rent 12"}),
        ("status:HELD is:final", {"status": "HELD", "final": False}),
    ],
)
def test_does_not_hold_for(text: str, fields: dict[str, object]) -> None:
    assert not parsed(text).holds(a_row(**fields))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour:red", "colour"),
        ("status:", "status:"),
        ("status:HELD,", "status:HELD,"),
        ("status:HE.LD", "HE.LD"),
        ("-is:shut", "shut"),
        ("is:OPEN", "OPEN"),
        ("currency:dollar", "dollar"),
        ("customer:ann", "ann"),
        ("-HELD", "-HELD"),
        ("amount>=", "amount>="),
        ("amount>=1e9", "1e9"),
        ("amount<=-5", "-5"),
        ("amount>=1.2345", "1.2345"),
        ("-amount>=5", "-amount>=5"),
        ("$where:1", "$where"),
        ('a "b', "quote"),
        (" ".join(["is:open"] * 21), "20 terms"),
        ("x" * 201, "200 characters"),
    ],
)
def test_is_refused_with_a_sentence_that_names_the_term(text: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed(text)

    assert refused.value.code == "q_malformed"
    assert named in refused.value.detail


def test_reads_a_row_of_before_it_knew_the_creditor() -> None:
    row = a_row()
    del row["creditor"], row["alias"]

    assert parsed("customer:cus_ann").holds(row)
    assert not parsed("customer:cus_bea").holds(row)


def test_counts_by_status_as_if_no_status_were_asked_for() -> None:
    asked = parsed("status:HELD Rent -status:COMPLETED")

    assert asked.without_status().query == {"reference": "Rent"}


@pytest.mark.parametrize("text", ["Rent", "amount>=5", "currency:USD", "customer:cus_a", "cus_a"])
def test_may_not_ask_for_what_is_not_shown(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed_for(text, Sight.ANONYMOUS)

    assert refused.value.code == "q_not_allowed"
    assert len(parsed_for(text, Sight.MASKED).terms) == 1


def test_may_ask_for_what_everybody_sees() -> None:
    asked = parsed_for("status:HELD product:zelle is:open ord_a", Sight.ANONYMOUS)

    assert [term.key for term in asked.terms] == ["status", "product", "is", "id"]
