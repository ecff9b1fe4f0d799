"""A bank on a real MongoDB: who can pay whom, orders as the API inserts them, and full dumps."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from apps.kernel.findings import Problem
from apps.ledger.domain.entry import funding_account, opening
from apps.ledger.management.commands.verify_ledger import check_ledger
from apps.rails.documents import inbound_document
from apps.rails.domain.messages import Message
from apps.rails.gateway.bearings import bearings_of
from apps.transactions.domain.limits import PROFILES, Limits
from apps.transactions.domain.order import Actor
from apps.transactions.management.commands.verify_orders import check_orders
from streaming.contracts.codec import storable
from streaming.sor.element import CommandElement, Element, MessageElement, OrderElement
from streaming.sor.transaction import SystemOfRecord
from tests.support.core import NOW, a_new_order, a_payee

Document = dict[str, Any]

COLLECTIONS = (
    *("customers", "aliases", "payees", "orders", "commands", "outcomes", "accounts", "entries"),
    *("limit_usage", "dead_letters", "payee_stats", "rail_messages", "cases", "directory_entries"),
)


class Bank:
    """Customers by first name: `cus_ann` has `acc_ann`; `pay_bob` and the alias `email:bob@example.com` lead to Bob."""

    def __init__(self, client: MongoClient[Document], db: Database[Document]) -> None:
        self.client = client
        self.db = db
        self.now: datetime = NOW

    def enrols(self, *names: str, posted_minor: int = 10_000, alias: str = "ACTIVE") -> None:
        for name in names:
            account, customer = f"acc_{name}", f"cus_{name}"
            self.db.customers.insert_one({"_id": customer, "status": "ACTIVE", "version": 1})
            self.db.accounts.insert_one(self._account(account, customer, posted_minor))
            if posted_minor:
                entry = opening(
                    account=account, amount_minor=posted_minor, currency="USD", at=self.now
                )
                self.db.entries.insert_one(storable(dict(entry)))
                self._fund(-posted_minor)
            self.db.aliases.insert_one(
                {
                    "_id": f"als_{name}",
                    "key": f"email:{name}@example.com",
                    "customer": customer,
                    "account": account,
                    "status": alias,
                    "version": 1,
                }
            )

    def prefers(self, name: str, **zelle: Any) -> None:
        """What the customer said of sending by Zelle."""
        said = {"preferences": storable({"products": {"zelle": zelle}})}
        self.db.customers.update_one({"_id": f"cus_{name}"}, {"$set": said, "$inc": {"version": 1}})

    def activates(self, name: str) -> None:
        """The alias is proved: its next version is active."""
        self.db.aliases.update_one(
            {"_id": f"als_{name}"}, {"$set": {"status": "ACTIVE"}, "$inc": {"version": 1}}
        )

    def accepts(
        self,
        order_id: str,
        debtor: str = "ann",
        to: str = "bob",
        amount_minor: int = 1_000,
        execute_on: str | None = None,
    ) -> OrderElement:
        """The order's document, inserted as the API does; answers what the flow makes of its event."""
        order = a_new_order(
            order_id,
            debtor_customer=f"cus_{debtor}",
            debtor_account=f"acc_{debtor}",
            payee=f"pay_{to}",
            payee_name=to.title(),
            alias_key=f"email:{to}@example.com",
            amount_minor=amount_minor,
            now=self.now,
            execute_on=execute_on,
        )
        payee = a_payee(f"pay_{to}", customer=f"cus_{debtor}")
        del payee["_id"]
        self.db.payees.update_one({"_id": f"pay_{to}"}, {"$setOnInsert": payee}, upsert=True)
        self.db.orders.insert_one(storable(dict(order)))
        return OrderElement(order_id)

    def is_served_elsewhere(self, alias_key: str, network: str = "zelle") -> None:
        """The network's directory named another bank for the alias."""
        served = {"_id": f"{network}:{alias_key}", "alias_key": alias_key, "network": network}
        served["place"] = "NETWORK"
        self.db.directory_entries.insert_one(served | {"routing_number": "999999905"})

    def hears(self, message: Message, network: str = "zelle") -> MessageElement:
        """The gateway keeps what the network says; answers what the flow makes of it."""
        bearings = bearings_of(self.db, message, network)
        assert bearings is not None, "it is about nothing that was exchanged"
        document = inbound_document(
            message,
            "<Document/>",
            network=network,
            order=bearings.order,
            route=bearings.route,
            made_by=f"gateway:{network}",
            now=self.now,
        )
        self.db.rail_messages.insert_one(storable(document))
        return MessageElement(document["_id"])

    def said(self, kind: str) -> list[Document]:
        """What was written for the network, oldest first."""
        asked = {"direction": "out", "type": kind}
        return list(self.db.rail_messages.find(asked).sort("created_at"))

    def is_asked(
        self, command_id: str, order_id: str, command: str = "cancel", by: str = "customer"
    ) -> CommandElement:
        self.db.commands.insert_one(
            {
                "_id": command_id,
                "type": command,
                "order": order_id,
                "actor": {"kind": by, "id": "who"},
                "reason": "asked by a test",
                "created_at": self.now,
            }
        )
        return CommandElement(command_id)

    def sor(
        self,
        *,
        client: MongoClient[Document] | None = None,
        limits: Limits = PROFILES["sandbox"],
        clock: Callable[[], datetime] | None = None,
    ) -> SystemOfRecord:
        return SystemOfRecord(
            client=client or self.client,
            database=self.db.name,
            flow="send_money",
            actor=Actor(kind="stream", id="send_money#1"),
            limits=limits,
            clock=clock or (lambda: self.now),
        )

    def settles(self, *elements: Element) -> list[Document]:
        return self.sor().settle(elements)

    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    def order(self, order_id: str) -> Document:
        found = self.db.orders.find_one({"_id": order_id})
        assert found is not None
        return found

    def statuses(self, order_ids: Sequence[str]) -> list[str]:
        return [self.order(order_id)["status"] for order_id in order_ids]

    def balance(self, name: str) -> tuple[int, int]:
        """Posted and held."""
        account = self.db.accounts.find_one({"_id": f"acc_{name}"})
        assert account is not None
        return account["posted_minor"], account["held_minor"]

    def dump(self) -> dict[str, list[Document]]:
        """Every document of every collection."""
        return {name: list(self.db[name].find().sort("_id")) for name in COLLECTIONS}

    def problems(self, *, all_final: bool = False) -> list[Problem]:
        """What both checkers find in one snapshot."""
        with self.client.start_session(snapshot=True) as session:
            orders = check_orders(self.db, session, all_final=all_final)
            return orders.problems + check_ledger(self.db, session).problems

    def _fund(self, amount_minor: int) -> None:
        funding = self._account(funding_account("USD"), None, 0)
        account_id = funding.pop("_id")
        del funding["posted_minor"], funding["version"]
        self.db.accounts.update_one(
            {"_id": account_id},
            {
                "$inc": {**storable({"posted_minor": amount_minor}), "version": 1},
                "$setOnInsert": funding,
            },
            upsert=True,
        )

    def _account(self, account_id: str, customer: str | None, posted_minor: int) -> Document:
        document: Document = storable(
            {
                "_id": account_id,
                "customer": customer,
                "kind": "checking" if customer else "internal",
                "purpose": None if customer else "funding",
                "currency": "USD",
                "number_last4": "1234" if customer else None,
                "posted_minor": posted_minor,
                "held_minor": 0,
                "status": "OPEN",
                "opened_at": self.now,
                "updated_at": self.now,
                "version": 1,
            }
        )
        return document
