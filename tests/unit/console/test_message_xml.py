"""The XML of a message, as eyes see it, …"""

import pytest

from apps.access.roles import Sight
from apps.console.message_xml import shown_xml
from apps.rails.domain.messages import Party
from apps.rails.iso20022.codec import to_xml
from tests.support.rails import a_transfer, one_of_each

FAR = Party(name="Carl Cash 123456", bank="021000021", account="998877665544", alias=None)
BY_ALIAS = Party(name="Dora", bank="021000021", alias="email:dora@example.org")


def shown(sight: Sight, **fields: object) -> str:
    xml = shown_xml(to_xml(a_transfer(**fields)), sight=sight, aliases=["dora@example.org"])
    assert xml is not None
    return xml


@pytest.mark.parametrize("sight", [Sight.MASKED, Sight.FULL])
def test_has_no_account_number_for_anybody(sight: Sight) -> None:
    xml = shown(sight, creditor=FAR, reference="to 998877665544, Flat 12")

    assert "99887766" not in xml
    assert "<Id>••••5544</Id>" in xml
    assert "<Nm>Carl Cash ••••3456</Nm>" in xml
    assert "to ••••5544, Flat 12" in xml
    assert "021000021" in xml


def test_has_no_iban() -> None:
    iban = "DE89370400440532013000"

    xml = shown(Sight.FULL, creditor=Party(name="Dora", bank="DEUTDEFF", iban=iban))

    assert "<IBAN>••••3000</IBAN>" in xml
    assert iban not in xml


def test_names_accounts_of_ours_by_their_ids() -> None:
    ours = Party(name="Ann", bank="021000021", account="acc_01m7aaaaaaaaaaaaaaaa")

    assert "acc_01m7aaaaaaaaaaaaaaaa" in shown(Sight.MASKED, debtor=ours)


def test_shows_an_alias_to_the_widest_sight_only() -> None:
    reference = "for dora@example.org"

    masked = shown(Sight.MASKED, creditor=BY_ALIAS, reference=reference)

    assert "dora@example.org" not in masked
    assert masked.count("d•••@example.org") == 2
    assert shown(Sight.FULL, creditor=BY_ALIAS, reference=reference).count("dora@example.org") == 2


def test_is_indented_and_whole() -> None:
    for message in one_of_each():
        xml = shown_xml(to_xml(message), sight=Sight.FULL, aliases=[])
        assert xml is not None
        assert "\n  <" in xml
        assert message.message_id in xml


@pytest.mark.parametrize("xml", ["", "no xml", "<a><b></a>", '<!DOCTYPE a [<!ENTITY b "c">]><a/>'])
def test_is_not_there_when_it_is_none(xml: str) -> None:
    assert shown_xml(xml, sight=Sight.FULL, aliases=[]) is None
