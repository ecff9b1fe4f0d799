"""Where a payee's money goes, as one key: equal for equal aliases or accounts, and free of account numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.parties.account_numbers import token_of
from apps.parties.domain.bank_account import FullNumber, masked_iban
from apps.parties.domain.name_check import name_key
from apps.profiles.domain.alias import key_of


@dataclass(frozen=True)
class Target:
    """`fields` are those of a payee, with masked numbers; `shown` says it in one line."""

    kind: str
    key: str
    shown: str
    fields: dict[str, Any]


def target_of(wanted: Mapping[str, Any], *, now: datetime) -> Target:
    """The one of `alias`, `account` and `iban` that `wanted` has. An account's number is kept behind its token."""
    fields: dict[str, Any] = {"alias": None, "account": None, "iban": None, "bic": None}
    if "alias" in wanted:
        alias = wanted["alias"]
        key = key_of(alias["kind"], alias["value"])
        return Target("alias", key, alias["value"], {**fields, "alias": {**alias, "key": key}})
    if "account" in wanted:
        routing, number = wanted["account"]["routing_number"], wanted["account"]["account_number"]
        token = token_of(FullNumber("account", number, routing), now=now)
        account = {"routing_number": routing, "account_last4": number[-4:]}
        shown = f"{routing} ••••{number[-4:]}"
        return Target("account", token, shown, {**fields, "account": account})
    iban, masked = wanted["iban"]["iban"], masked_iban(wanted["iban"]["iban"])
    token = token_of(FullNumber("iban", iban), now=now)
    return Target(
        "iban", token, masked, {**fields, "iban": masked, "bic": wanted["iban"].get("bic")}
    )


def name_target(name: str) -> str:
    """The key under which a name stands in the list of blocked parties."""
    return f"name:{name_key(name)}"
