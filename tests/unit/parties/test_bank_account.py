"""Account numbers of other banks."""

import pytest

from apps.kernel.errors import Invalid
from apps.parties.domain.bank_account import (
    FullNumber,
    assert_bic_fits,
    bic,
    iban,
    masked_iban,
    routing_number,
)


@pytest.mark.parametrize("number", ["021000021", "011401533", "091000019"])
def test_takes_a_routing_number_whose_check_digit_fits(number: str) -> None:
    assert routing_number(number) == number


@pytest.mark.parametrize(
    "number", ["021000022", "000000000", "02100002", "0210000210", "٠٢١٠٠٠٠٢١"]
)
def test_refuses_another_routing_number(number: str) -> None:
    with pytest.raises(Invalid, match="routing_number_malformed"):
        routing_number(number)


@pytest.mark.parametrize(
    "written", ["DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819", "NO9386011117947"]
)
def test_takes_an_iban_whose_check_digits_fit(written: str) -> None:
    assert iban(written) == written.replace(" ", "").upper()


@pytest.mark.parametrize("written", ["DE88370400440532013000", "DE", "", "DE89-3704", "1" * 22])
def test_refuses_another_iban(written: str) -> None:
    with pytest.raises(Invalid, match="iban_malformed"):
        iban(written)


def test_says_how_long_an_iban_of_its_country_is() -> None:
    with pytest.raises(Invalid, match="DE has 22 characters; this one has 23"):
        iban("DE893704004405320130000")


def test_an_iban_of_a_country_that_is_not_in_the_table_passes_by_its_check_digits() -> None:
    assert iban("JO94CBJO0010000000000131000302") == "JO94CBJO0010000000000131000302"


@pytest.mark.parametrize("code", ["COBADEFF", "cobadeffxxx", "E123DEFF"])
def test_takes_a_bic(code: str) -> None:
    assert bic(code) == code.upper()


@pytest.mark.parametrize("code", ["COBADEF", "COBADEFFXX", "COBA12FF", "COBADEFF-XX", ""])
def test_refuses_another_bic(code: str) -> None:
    with pytest.raises(Invalid, match="bic_malformed"):
        bic(code)


@pytest.mark.parametrize(
    ("code", "account"), [("COBADEFF", "DE89"), ("BARCJESX", "GB29"), ("BNPAPFTX", "FR14")]
)
def test_a_bic_fits_an_iban_of_its_country_or_of_the_one_it_belongs_to(
    code: str, account: str
) -> None:
    assert_bic_fits(code, account)


@pytest.mark.parametrize(("code", "account"), [("BNPAFRPP", "DE89"), ("BARCJESX", "FR14")])
def test_a_bic_of_another_country_does_not_fit(code: str, account: str) -> None:
    with pytest.raises(Invalid, match="bic_mismatch"):
        assert_bic_fits(code, account)


def test_a_full_number_never_shows_itself() -> None:
    number = FullNumber("account", "123456789", "021000021")

    assert "123456789" not in repr(number)
    assert "123456789" not in f"{number}"
    assert number.key == "account:021000021:123456789"
    assert FullNumber("iban", "DE89370400440532013000").key == "iban:DE89370400440532013000"
    assert masked_iban(masked_iban("DE89370400440532013000")) == "DE89••••3000"
