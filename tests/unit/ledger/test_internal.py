"""Ids of the bank's own accounts: what is made can be read, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.entry import funding_account, holds_account
from apps.ledger.domain.internal import (
    NETWORK_PURPOSES,
    InternalAccount,
    Purpose,
    internal_account,
    parsed,
    purpose_of,
)

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY"])
SHARDS = st.integers(0, 9_999)
OF_NETWORKS = st.builds(
    InternalAccount,
    st.sampled_from(sorted(NETWORK_PURPOSES)),
    CURRENCIES,
    st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    st.none() | SHARDS,
)
OF_BANK = st.builds(InternalAccount, st.just("holds"), CURRENCIES, st.none(), SHARDS) | st.builds(
    InternalAccount, st.just("funding"), CURRENCIES
)


@given(OF_NETWORKS | OF_BANK)
def test_what_an_id_says_makes_the_same_id(account: InternalAccount) -> None:
    assert parsed(account.id) == account
    assert purpose_of(account.id) == account.purpose


def test_ids_have_one_form() -> None:
    made = internal_account("settlement", network="zelle", currency="USD", shard=3)

    assert made == "acc_int_settlement_zelle_USD_3"
    assert holds_account("USD", 7) == "acc_int_holds_USD_7"
    assert funding_account("EUR") == "acc_int_funding_EUR"


@pytest.mark.parametrize(
    ("purpose", "network", "currency", "shard"),
    [
        ("settlement", None, "USD", 1),
        ("settlement", "two_words", "USD", 1),
        ("settlement", "zelle", "usd", 1),
        ("settlement", "zelle", "USD", -1),
        ("holds", None, "USD", None),
        ("holds", "zelle", "USD", 1),
        ("funding", None, "USD", 1),
    ],
)
def test_what_could_not_be_read_is_not_made(
    purpose: Purpose, network: str | None, currency: str, shard: int | None
) -> None:
    with pytest.raises(ValueError, match="no account of the bank's own"):
        internal_account(purpose, network=network, currency=currency, shard=shard)


@pytest.mark.parametrize(
    "account",
    [
        "acc_ann",
        "acc_int_",
        "acc_int_bribes_zelle_USD_1",
        "acc_int_holds_USD",
        "acc_int_holds_USD_1_",
        "acc_int_fees_zelle_USD_1x",
        "acc_int_fees_zelle_USD_\u0661",
    ],
)
def test_any_other_text_is_no_account_of_the_banks_own(account: str) -> None:
    assert purpose_of(account) is None
    with pytest.raises(ValueError, match="no account of the bank's own"):
        parsed(account)
