"""Account numbers of other banks."""

import pytest

from apps.kernel.errors import Invalid
from apps.parties.domain.bank_account import iban, routing_number


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
