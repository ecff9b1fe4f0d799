"""Documents of a bank that has paid for a month, made by the platform's own rules, so that checkers accept it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bson.int64 import Int64

from apps.audit.domain.entry import Captured, Position, entry_of
from apps.kernel.ids import order_id
from apps.kernel.money import Money
from apps.ledger.domain.account import Account
from apps.ledger.domain.entry import funding_account, holds_account, opening
from apps.transactions.domain.apply import Applied, apply
from apps.transactions.domain.event import Assessed
from apps.transactions.domain.facts import Facts, Recipient
from apps.transactions.domain.limits import PROFILES, Usage
from apps.transactions.domain.order import Actor, Order, accepted
from apps.transactions.products.zelle import ZELLE
from apps.transactions.submission import Submission
from streaming.sor.element import LEDGER_SHARDS, shard_of

Document = dict[str, Any]

CUSTOMERS = 256
CLIENT = "cli_existing"
OPENING_MINOR = 10_000_000_000
# Orders lie on the days of this month, so that no customer's day is over the sandbox's limits.
FIRST_AT = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 30
_BY = "stream:send_money#existing"
_STREAM = Actor(kind="stream", id="send_money#existing")


@dataclass(frozen=True)
class Parties:
    """Everybody as they stand before the first payment; the n-th pays the next one."""

    customers: list[Document]
    aliases: list[Document]
    payees: list[Document]
    accounts: list[Document]
    entries: list[Document]


def parties() -> Parties:
    numbers = range(CUSTOMERS)
    return Parties(
        customers=[_customer(n) for n in numbers],
        aliases=[_alias(n) for n in numbers],
        payees=[_payee(n) for n in numbers],
        accounts=[_account(_account_id(n), _customer_id(n), OPENING_MINOR) for n in numbers],
        entries=[
            {
                **opening(
                    account=_account_id(n),
                    amount_minor=OPENING_MINOR,
                    currency="USD",
                    at=FIRST_AT,
                ),
                "made_by": f"client:{CLIENT}",
            }
            for n in numbers
        ],
    )


def funding() -> Document:
    return _account(funding_account("USD"), None, -OPENING_MINOR * CUSTOMERS)


@dataclass
class Books:
    """What the payments add up to: balances by account and layer, and the use of limits by id."""

    balances: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    usage: dict[str, Document] = field(default_factory=dict)

    def add(self, applied: Applied) -> None:
        for entry in applied.entries:
            for line in entry["lines"]:
                self.balances[line["account"], line["layer"]] += line["amount_minor"]
        for change in applied.usage:
            used = self.usage.setdefault(
                change.id,
                {
                    "_id": change.id,
                    "amount_minor": 0,
                    "count": 0,
                    "version": 0,
                    "modified_by": _BY,
                    "customer": change.customer,
                    "product": change.product,
                    "currency": change.currency,
                    "day": change.day,
                },
            )
            used["amount_minor"] += change.amount_minor
            used["count"] += change.count
            used["version"] = 1

    def plus(self, other: "Books") -> None:
        for key, amount_minor in other.balances.items():
            self.balances[key] += amount_minor
        for usage_id, used in other.usage.items():
            known = self.usage.setdefault(usage_id, {**used, "amount_minor": 0, "count": 0})
            known["amount_minor"] += used["amount_minor"]
            known["count"] += used["count"]

    def after(self, account: Document) -> Document:
        """The account with all payments in it; itself when nothing touched it."""
        posted = self.balances.get((account["_id"], "posted"), 0)
        held = self.balances.get((account["_id"], "held"), 0)
        if not posted and not held:
            return account
        return {
            **account,
            "posted_minor": account["posted_minor"] + posted,
            "held_minor": account["held_minor"] + held,
            "version": account["version"] + 1,
            "modified_by": _BY,
        }


@dataclass(frozen=True)
class Paid:
    """One payment: as it was accepted, as it ended, and what it left."""

    first: Document
    last: Document
    entries: list[Document]
    applied: Applied

    def stored_order(self) -> Document:
        return {**self.last, "amount_minor": Int64(self.last["amount_minor"])}

    def stored_entries(self) -> list[Document]:
        return [
            {
                **entry,
                "lines": [
                    {**line, "amount_minor": Int64(line["amount_minor"])} for line in entry["lines"]
                ],
            }
            for entry in self.entries
        ]


def payments(numbers: range, total: int) -> Iterator[Paid]:
    """The payments of these numbers out of `total`; the same numbers make the same documents."""
    facts = [_facts(n) for n in range(CUSTOMERS)]
    for number in numbers:
        debtor = number % CUSTOMERS
        at = FIRST_AT + timedelta(milliseconds=number * DAYS * 86_400_000 // total)
        first = _accepted(number, debtor, at)
        then = at + timedelta(milliseconds=120)
        applied = apply(first, Assessed(f"{first['_id']}@1", _STREAM), facts[debtor], then)
        assert isinstance(applied, Applied)  # noqa: S101 - it was made to be paid
        entries = [cast(Document, {**entry, "made_by": _BY}) for entry in applied.entries]
        yield Paid(cast(Document, first), cast(Document, applied.order), entries, applied)


def _accepted(number: int, debtor: int, at: datetime) -> Order:
    key = f"existing-{number}"
    asked = Submission(
        idempotency_key=key,
        product=ZELLE.name,
        customer=_customer_id(debtor),
        account=_account_id(debtor),
        payee=f"pay_existing_{debtor:04d}",
        money=Money(100 + number % 400, "USD"),
        reference=None,
        memo=None,
    )
    return accepted(
        order_id=order_id(CLIENT, key),
        client=CLIENT,
        idempotency_key=key,
        body_hash=asked.body_hash(),
        product=asked.product,
        debtor_customer=asked.customer,
        debtor_account=asked.account,
        payee=asked.payee,
        payee_name=_name(debtor + 1),
        alias_key=_alias_key(debtor + 1),
        money=asked.money,
        reference=None,
        memo=None,
        request_id=f"req_existing_{number}",
        now=at,
    )


def _facts(debtor: int) -> Facts:
    creditor = (debtor + 1) % CUSTOMERS
    payer = Account(_account_id(debtor), _customer_id(debtor), "USD", "OPEN", OPENING_MINOR, 0)
    payee = Account(_account_id(creditor), _customer_id(creditor), "USD", "OPEN", OPENING_MINOR, 0)
    return Facts(
        product=ZELLE,
        limits=PROFILES["sandbox"],
        usage=Usage(),
        customer_status="ACTIVE",
        debtor=payer,
        payee_status="ACTIVE",
        recipient=Recipient(_customer_id(creditor), "ACTIVE", payee),
        holds_account=_holds_of(debtor),
    )


def holds_accounts() -> list[Document]:
    """The bank's own accounts that the payments pass through; what they hold is nothing in the end."""
    names = sorted({_holds_of(debtor) for debtor in range(CUSTOMERS)})
    return [_account(name, None, 0) for name in names]


def _holds_of(debtor: int) -> str:
    return holds_account("USD", shard_of(_account_id(debtor), LEDGER_SHARDS))


class Trail:
    """Entries of the audit trail; those of payments are like the first of their kind but for what is their own."""

    def __init__(self, worker: int) -> None:
        self._job = f"audit#existing{worker}"
        self._number = 0
        self._like: dict[str, Document] = {}

    def entry(
        self, collection: str, before: Document | None, after: Document, *, like: str = ""
    ) -> Document:
        self._number += 1
        at = after.get("updated_at") or after.get("at") or FIRST_AT
        change = Captured(
            collection=collection,
            entity=after["_id"],
            operation="created" if before is None else "updated",
            before=before,
            after=after,
            changed_at=at,
            captured_at=at,
            order_in_second=self._number,
            transaction=f"{self._job}#{self._number}",
            position=Position(f"dpms.cdc.{collection}", 0, self._number),
        )
        made = self._made(change, like)
        return {**made, "recorded_at": at, "n": self._number, "job": self._job}

    def _made(self, change: Captured, like: str) -> Document:
        first = self._like.get(like)
        if first is None:
            made = entry_of(change, last=None)
            assert made is not None  # noqa: S101 - only rows of snapshots make none
            if like:
                self._like[like] = made
            return made
        after: Any = change.after
        is_order = change.collection == "orders"
        return {
            **first,
            # No event of capture is behind it that could come again, so its id need not derive from one.
            "_id": f"aud_{self._job}_{self._number}",
            "entity": change.entity,
            "order": change.entity if is_order else after["order"],
            "before": change.before,
            "after": after,
            "request_id": after["request_id"] if is_order else None,
            "cause": after["history"][-1]["cause"] if is_order else after["order"],
            "changed_at": change.changed_at,
            "captured_at": change.captured_at,
            "position": {
                "topic": change.position.topic,
                "partition": change.position.partition,
                "offset": change.position.offset,
            },
        }

    def of_payment(self, paid: Paid) -> list[Document]:
        return [
            self.entry("orders", None, paid.first, like="accepted"),
            self.entry("orders", paid.first, paid.last, like="paid"),
            *(self.entry("entries", None, entry, like=entry["kind"]) for entry in paid.entries),
        ]


def day_is_fair(total: int) -> bool:
    """Whether `total` payments keep every customer within a day's limits."""
    limits = PROFILES["sandbox"]
    a_day = total // CUSTOMERS // DAYS + 1
    return a_day <= limits.day_count and a_day * 500 <= limits.day_minor


def _name(number: int) -> str:
    return f"Existing Customer {number % CUSTOMERS}"


def _customer_id(number: int) -> str:
    return f"cus_existing_{number:04d}"


def _account_id(number: int) -> str:
    return f"acc_existing_{number:04d}"


def _alias_key(number: int) -> str:
    return f"email:existing.{number % CUSTOMERS}@example.com"


def _change_fields(number: int) -> Document:
    return {
        "version": 1,
        "modified_by": f"client:{CLIENT}",
        "modified_at": FIRST_AT,
        "reason": "enrolled",
        "request_id": f"req_existing_party_{number}",
    }


def _customer(number: int) -> Document:
    return {
        "_id": _customer_id(number),
        "kind": "person",
        "name": _name(number),
        "email": f"existing.{number}@example.com",
        "phone": f"+1202555{number:04d}",
        "date_of_birth": None,
        "address": None,
        "terms_version": "2026-01",
        "reference": None,
        "products": [ZELLE.name],
        "status": "ACTIVE",
        "created_at": FIRST_AT,
        **_change_fields(number),
    }


def _alias(number: int) -> Document:
    return {
        "_id": f"als_existing_{number:04d}",
        "kind": "email",
        "value": f"existing.{number}@example.com",
        "key": _alias_key(number),
        "customer": _customer_id(number),
        "account": _account_id(number),
        "status": "ACTIVE",
        "code_hash": "0" * 64,
        "code_tries": 0,
        "created_at": FIRST_AT,
        **_change_fields(number),
    }


def _payee(number: int) -> Document:
    key = _alias_key(number + 1)
    return {
        "_id": f"pay_existing_{number:04d}",
        "customer": _customer_id(number),
        "name": _name(number + 1),
        "alias": {"kind": "email", "value": key.partition(":")[2], "key": key},
        "account": None,
        "iban": None,
        "trust": "NEW",
        "name_check": "MATCH",
        "status": "ACTIVE",
        "created_at": FIRST_AT,
        **_change_fields(number),
    }


def _account(account_id: str, customer: str | None, posted_minor: int) -> Document:
    return {
        "_id": account_id,
        "customer": customer,
        "kind": "checking" if customer else "internal",
        "purpose": None if customer else account_id.split("_")[2],
        "currency": "USD",
        "number_last4": account_id[-4:] if customer else None,
        "posted_minor": posted_minor,
        "held_minor": 0,
        "status": "OPEN",
        "opened_at": FIRST_AT,
        "updated_at": FIRST_AT,
        "version": 1,
        "modified_by": f"client:{CLIENT}",
    }
