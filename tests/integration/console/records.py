"""Customers, aliases, payees, accounts and entries as documents, written as their owners would write them."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from bson import Int64
from pymongo.database import Database

from apps.kernel.ids import new_id
from apps.ledger.domain import entry as ledger
from apps.rails.documents import inbound_document, outgoing_document, receipt_document
from apps.rails.domain.messages import Message
from apps.rails.iso20022.codec import to_xml
from apps.transactions.domain.cases import case_id
from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW

_numbers = itertools.count(1)
_CHANGE = {
    "version": 1,
    "modified_by": "client:cli_tests",
    "modified_at": NOW,
    "reason": "enrolled",
    "request_id": "req_1",
}
HOLDS = ledger.holds_account("USD", 1)


class Records:
    """Writes records, each with the fields that pages show."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def customer(self, *, now: datetime = NOW, **fields: Any) -> Document:
        number = next(_numbers)
        return self._insert(
            "customers",
            {
                "_id": new_id("cus", now),
                "kind": "person",
                "name": "Ann Novak",
                "email": f"ann{number}@example.com",
                "phone": f"+1202555{number:04d}",
                "date_of_birth": "1990-05-17",
                "address": {"line1": "1 Elm Street", "city": "Springfield", "country": "US"},
                "terms_version": "2026-01",
                "reference": None,
                "products": ["zelle"],
                "status": "ACTIVE",
                "created_at": now,
                **_CHANGE,
                **fields,
            },
        )

    def alias(self, customer: str, value: str, **fields: Any) -> Document:
        kind = "email" if "@" in value else "phone"
        return self._insert(
            "aliases",
            {
                "_id": new_id("als", NOW),
                "kind": kind,
                "value": value,
                "key": f"{kind}:{value}",
                "customer": customer,
                "account": "acc_ann",
                "status": "ACTIVE",
                "created_at": NOW,
                **_CHANGE,
                **fields,
            },
        )

    def payee(self, customer: str, *, now: datetime = NOW, **fields: Any) -> Document:
        value = "bea@example.com"
        return self._insert(
            "payees",
            {
                "_id": new_id("pay", now),
                "customer": customer,
                "name": "Bea Castillo",
                "alias": {"kind": "email", "value": value, "key": f"email:{value}"},
                "account": None,
                "iban": None,
                "trust": "NEW",
                "name_check": "CLOSE_MATCH",
                "status": "ACTIVE",
                "created_at": now,
                **_CHANGE,
                **fields,
            },
        )

    def account(self, customer: str | None, *, now: datetime = NOW, **fields: Any) -> Document:
        return self._insert(
            "accounts",
            {
                "_id": new_id("acc", now),
                "customer": customer,
                "kind": "checking" if customer else "internal",
                "purpose": None if customer else "holds",
                "currency": "USD",
                "number_last4": "4321" if customer else None,
                "posted_minor": Int64(0),
                "held_minor": Int64(0),
                "status": "OPEN",
                "opened_at": now,
                "updated_at": now,
                "version": 1,
                "modified_by": "client:cli_tests",
                **fields,
            },
        )

    def post(self, *entries: ledger.Entry) -> None:
        """Writes the entries and moves the balances of the accounts that they name."""
        for entry in entries:
            lines = [
                {**line, "amount_minor": Int64(line["amount_minor"])} for line in entry["lines"]
            ]
            self._insert("entries", {**entry, "lines": lines, "made_by": "stream:send_money#1"})
            for line in entry["lines"]:
                change = {f"{line['layer']}_minor": Int64(line["amount_minor"]), "version": 1}
                self._database["accounts"].update_one({"_id": line["account"]}, {"$inc": change})

    def sent(self, message: Message, *, order: str | None = None, now: datetime = NOW) -> Document:
        """A message that the platform wrote for a network."""
        return self._insert(
            "rail_messages",
            outgoing_document(
                message,
                network="zelle",
                order=order or "ord_1",
                route={"order": order, "customer": "cus_ann", "account": "acc_ann"},
                made_by="stream:send_money#1",
                now=now,
            ),
        )

    def came_in(
        self,
        message: Message,
        *,
        order: str | None = None,
        became: str | None = None,
        now: datetime = NOW,
    ) -> Document:
        """A message that a network brought: about an order, or one that became an order."""
        return self._insert(
            "rail_messages",
            inbound_document(
                message,
                to_xml(message),
                network="zelle",
                order=order,
                route={"order": order or became, "customer": None, "account": None},
                made_by="gateway:zelle",
                now=now,
            ),
        )

    def receipt(self, sent: Document, state: str, **fields: Any) -> Document:
        """What the network answered on the wire."""
        told = {"http_status": 202, "answer": "", "made_by": "gateway:zelle", "now": NOW, **fields}
        return self._insert("rail_receipts", receipt_document(sent, state=state, **told))

    def case(self, order: str, **fields: Any) -> Document:
        return self._insert(
            "cases",
            {
                "_id": case_id(order, "dispute"),
                "kind": "dispute",
                "order": order,
                "cause": "cmd_1",
                "actor": {"kind": "customer", "id": "cli_tests"},
                "detail": "Not received",
                "state": "OPEN",
                "opened_at": NOW,
                "due_at": NOW + timedelta(days=14),
                "latest_at": NOW + timedelta(days=45),
                "version": 1,
                **fields,
            },
        )

    def forget_cases(self) -> None:
        self._database["cases"].delete_many({})

    def _insert(self, name: str, document: Document) -> Document:
        self._database[name].insert_one(document)
        return document


def a_hold(
    order: str, debtor: str, amount_minor: int, *, version: int = 3, at: datetime = NOW
) -> ledger.Entry:
    return ledger.hold(
        order=order,
        version=version,
        debtor=debtor,
        holds=HOLDS,
        amount_minor=amount_minor,
        currency="USD",
        at=at,
    )


def a_capture(
    order: str,
    debtor: str,
    creditor: str,
    amount_minor: int,
    *,
    version: int = 4,
    at: datetime = NOW,
) -> ledger.Entry:
    return ledger.capture(
        order=order,
        version=version,
        debtor=debtor,
        creditor=creditor,
        holds=HOLDS,
        amount_minor=amount_minor,
        currency="USD",
        at=at,
    )


def an_opening(account: str, amount_minor: int, *, at: datetime = NOW) -> ledger.Entry:
    return ledger.opening(account=account, amount_minor=amount_minor, currency="USD", at=at)
