"""Whom an order of any kind names: the customers, accounts, aliases and payees that decide about it."""

from typing import Any

from apps.transactions.domain.order import AnyOrder


def customers_of(order: AnyOrder) -> set[str]:
    named: Any = order
    parties = [named.get("debtor"), named.get("creditor"), named.get("account")]
    found = {party["customer"] for party in parties if isinstance(party, dict)}
    return (found | {named["route"].get("customer"), named.get("payer")}) - {None}


def accounts_of(order: AnyOrder) -> set[str]:
    """Of customers; those of the bank's own need no reading."""
    named: Any = order
    parties = [named.get("debtor"), named.get("creditor"), named.get("account")]
    found = {party["account"] if isinstance(party, dict) else party for party in parties}
    return (found | {named["route"].get("account")}) - {None}


def alias_key_of(order: AnyOrder) -> str | None:
    named: Any = order
    key: str | None = named.get("alias_key")
    return key


def payee_of(order: AnyOrder) -> str | None:
    """None for a payment that a request caused: nobody saved its requester as a payee."""
    named: Any = order
    payee: str | None = None if "caused_by" in order else named.get("payee")
    return payee
