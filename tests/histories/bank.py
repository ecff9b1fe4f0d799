"""What every history begins with: customers with accounts, aliases and payees, and who is known at other banks."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from apps.ledger.domain.entry import funding_account, opening
from apps.ledger.domain.internal import purpose_of
from apps.parties.domain.name_check import name_key
from apps.rails.simulators.far_side import OTHER_BANK
from tests.histories.store import Document
from tests.support.core import a_payee

BEGIN = datetime(
    2026, 11, 20, 21, 0, tzinfo=UTC
)  # a Friday afternoon in New York, before a holiday week
BANK = "021000021"
FUNDS_MINOR = 1_000
# Customers of ours; the last one's alias is not enrolled yet, and eli's account is in euros.
OURS = ("ann", "bob", "cid", "eli", "dee")
ASKING = ("ann", "bob", "cid")
PENDING = "dee"
# At another bank: one that our directory knows, one that the network's knows, and one that nobody knows.
KNOWN, SERVED, NOBODY = "oz", "pat", "zed"
BLOCKED_NAME = "Blocked Bart"
_HOSTS = {KNOWN: "other-bank.example", SERVED: "other-bank.example", NOBODY: "nowhere.example"}


def alias_key(name: str) -> str:
    return f"email:{name}@{_HOSTS.get(name, 'example.com')}"


def currency_of(name: str) -> str:
    return "EUR" if name == "eli" else "USD"


@cache
def base() -> dict[str, dict[str, Document]]:
    """Every table by name, every document by id; never changed in place."""
    tables: dict[str, dict[str, Document]] = {
        name: {}
        for name in ("customers", "accounts", "aliases", "entries", "payees", "directory_entries")
    }
    funded: dict[str, int] = {}
    for name in OURS:
        _enrol(tables, name)
        currency = currency_of(name)
        funded[currency] = funded.get(currency, 0) - FUNDS_MINOR
    for currency, posted_minor in funded.items():
        account = _account(funding_account(currency), None, posted_minor, currency)
        tables["accounts"][account["_id"]] = account
    for name in ASKING:
        for other in (*OURS, *_HOSTS):
            payee = _payee(name, other)
            tables["payees"][payee["_id"]] = payee
        payee = _payee(name, "ext") | {"alias": None, "target": "num_7f"}
        tables["payees"][payee["_id"]] = payee | {"account": {"routing_number": OTHER_BANK}}
    entry = directory_entry(KNOWN)
    tables["directory_entries"][entry["_id"]] = entry
    blocked = {"_id": "blk_1", "target": f"name:{name_key(BLOCKED_NAME)}", "status": "ACTIVE"}
    return tables | {"blocked_parties": {"blk_1": blocked}}


def directory_entry(name: str) -> Document:
    """That Zelle's directory says who serves the alias."""
    key = alias_key(name)
    return {
        "_id": f"zelle:{key}",
        "alias_key": key,
        "network": "zelle",
        "place": "NETWORK",
        "routing_number": OTHER_BANK,
    }


def _enrol(tables: dict[str, dict[str, Document]], name: str) -> None:
    customer, account, currency = f"cus_{name}", f"acc_{name}", currency_of(name)
    tables["customers"][customer] = {
        "_id": customer,
        "status": "ACTIVE",
        "name": name.title(),
        "preferences": None,
    }
    tables["accounts"][account] = _account(account, customer, FUNDS_MINOR, currency)
    tables["aliases"][f"als_{name}"] = {
        "_id": f"als_{name}",
        "key": alias_key(name),
        "status": "PENDING" if name == PENDING else "ACTIVE",
        "customer": customer,
        "account": account,
        "version": 1,
    }
    entry = opening(account=account, amount_minor=FUNDS_MINOR, currency=currency, at=BEGIN)
    tables["entries"][entry["_id"]] = dict(entry)


def _account(account: str, customer: str | None, posted_minor: int, currency: str) -> Document:
    return {
        "_id": account,
        "customer": customer,
        "currency": currency,
        "status": "OPEN",
        "posted_minor": posted_minor,
        "held_minor": 0,
        "purpose": purpose_of(account),
    }


def _payee(name: str, other: str) -> Document:
    known_since = BEGIN - timedelta(days=2)
    fields: dict[str, Any] = {
        "customer": f"cus_{name}",
        "name": other.title(),
        "alias": {"key": alias_key(other)},
        "target": alias_key(other),
        "known_since": known_since,
        "created_at": known_since,
    }
    return a_payee(f"pay_{name}_{other}", **fields)
