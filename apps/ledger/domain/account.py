"""Accounts as the rules see them: posted, held, available, and what an entry does to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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
        if line["layer"] == "posted":
            return replace(self, posted_minor=self.posted_minor + line["amount_minor"])
        return replace(self, held_minor=self.held_minor + line["amount_minor"])


class Overdrawn(AssertionError):
    """An entry that would take a customer account below zero: the funds check before it is defective."""


def post(accounts: Mapping[str, Account], entries: Iterable[Entry]) -> dict[str, Account]:
    """The accounts after `entries`. Raises Unbalanced or Overdrawn, and then nothing is posted."""
    after = dict(accounts)
    for entry in entries:
        assert_balanced(entry)
        for line in entry["lines"]:
            after[line["account"]] = after[line["account"]].with_line(line)
        for account_id in {line["account"] for line in entry["lines"]}:
            account = after[account_id]
            if account.customer is not None and (
                account.available_minor < 0 or account.held_minor < 0
            ):
                raise Overdrawn(f"{entry['_id']} overdraws {account_id}")
    return after
