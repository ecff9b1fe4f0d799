"""Accounts as the rules see them: posted, held, available, and what an entry does to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.ledger.domain.entry import Entry, Line, assert_balanced


@dataclass(frozen=True)
class Account:
    """Balances in minor units. `customer` is None for the bank's own (internal) accounts, which may go below zero."""

    id: str
    customer: str | None
    currency: str
    status: str
    posted_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        return self.posted_minor - self.held_minor

    @property
    def is_open(self) -> bool:
        return self.status == "OPEN"

    def with_line(self, line: Line) -> "Account":
        posted, held = self.posted_minor, self.held_minor
        if line["layer"] == "posted":
            posted += line["amount_minor"]
        else:
            held += line["amount_minor"]
        return Account(self.id, self.customer, self.currency, self.status, posted, held)


class Overdrawn(AssertionError):
    """An entry that would take a customer account below zero: the funds check before it is defective."""


def post(accounts: Mapping[str, Account], entries: Iterable[Entry]) -> dict[str, Account]:
    """What `entries` make of the accounts they touch. Raises Unbalanced or Overdrawn, and then nothing is posted."""
    after: dict[str, Account] = {}
    for entry in entries:
        assert_balanced(entry)
        for line in entry["lines"]:
            name = line["account"]
            after[name] = (after.get(name) or accounts[name]).with_line(line)
        for account_id in {line["account"] for line in entry["lines"]}:
            account = after[account_id]
            if account.customer is not None and (
                account.available_minor < 0 or account.held_minor < 0
            ):
                raise Overdrawn(f"{entry['_id']} overdraws {account_id}")
    return after
