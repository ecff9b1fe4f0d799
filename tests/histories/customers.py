"""Customers of ours: what they send, ask for, split and answer, and what they change their minds about."""

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from apps.kernel.ids import order_id
from apps.kernel.money import Money
from apps.transactions.domain.lifecycle import LIFECYCLES
from apps.transactions.domain.order import Party, accepted
from apps.transactions.domain.request_order import Share, requested
from apps.transactions.domain.verify_requests import body_hash_of
from tests.histories.bank import ASKING, KNOWN, NOBODY, PENDING, SERVED, alias_key
from tests.histories.store import Document

if TYPE_CHECKING:
    from tests.histories.history import History

_CLIENT = "cli_app"
DUPLICATE = (("AM05", "same payee, amount and reference as another order"),)
_PAYEES = (
    *ASKING,
    *ASKING,
    "eli",
    PENDING,
    PENDING,
    *(KNOWN,) * 6,
    SERVED,
    SERVED,
    NOBODY,
    "ext",
    "ext",
)
_PAYERS = (*ASKING, *ASKING, PENDING, "eli", KNOWN, KNOWN, KNOWN, SERVED, NOBODY)


class Customers:
    """`left` is how many orders they will still begin."""

    def __init__(self, history: "History", *, orders: int) -> None:
        self.history = history
        self.rng: random.Random = history.rng
        self.left = orders
        self._keys = 0

    def act(self) -> str:
        if self.left and self.rng.random() < 0.6:
            self.left -= 1
            return self._begin()
        return self._command()

    def _begin(self) -> str:
        what = self.rng.choice((self._send,) * 6 + (self._ask,) * 3 + (self._split,))
        document = what()
        document["idempotency_key"] = f"key-{self._keys}"
        document["body_hash"] = body_hash_of(document)
        if document["kind"] == "send" and self.rng.random() < 0.1:
            self.history.flows.signals[document["_id"]] = DUPLICATE
        self.history.store.insert("orders", document)
        return f"{document['kind']} {document['_id'][:12]} {document['amount_minor']} of {document['payee_name']}"

    def _send(self) -> Document:
        now, name, other = self.history.now, self.rng.choice(ASKING), self.rng.choice(_PAYEES)
        is_external = other == "ext"
        day = (now + timedelta(days=3)).date().isoformat() if self.rng.random() < 0.1 else None
        order: Any = accepted(
            order_id=self._order_id(),
            client=_CLIENT,
            idempotency_key="",
            body_hash="",
            product="interfi" if is_external else "zelle",
            debtor_customer=f"cus_{name}",
            debtor_account=f"acc_{name}",
            payee=f"pay_{name}_{other}",
            payee_name=other.title(),
            alias_key=None if is_external else alias_key(other),
            money=Money(self._amount(), "USD"),
            reference=None,
            memo=None,
            request_id="req_1",
            now=now,
            execute_on=day,
        )
        return dict(order)

    def _ask(self) -> Document:
        name = self.rng.choice(ASKING)
        payer = self.rng.choice(_PAYERS)
        return self._requested(name, payer.title(), alias_key(payer), self._amount(), None)

    def _split(self) -> Document:
        name, amount_minor = self.rng.choice(ASKING), self.rng.randrange(4, 500)
        payers = self.rng.sample(sorted(set(_PAYERS) - {name}), self.rng.choice((2, 2, 3)))
        rest, shares = amount_minor, []
        for payer in payers[1:]:
            share_minor = rest // 2
            rest -= share_minor
            shares.append(
                Share(payer_name=payer, alias_key=alias_key(payer), amount_minor=share_minor)
            )
        shares.append(
            Share(payer_name=payers[0], alias_key=alias_key(payers[0]), amount_minor=rest)
        )
        return self._requested(name, f"{len(payers)} payers", None, amount_minor, shares)

    def _requested(
        self,
        name: str,
        payer_name: str,
        alias: str | None,
        amount_minor: int,
        shares: list[Share] | None,
    ) -> Document:
        now: datetime = self.history.now
        order: Any = requested(
            order_id=self._order_id(),
            client=_CLIENT,
            product="zelle",
            creditor=Party(customer=f"cus_{name}", account=f"acc_{name}"),
            payer_name=payer_name,
            alias_key=alias,
            money=Money(amount_minor, "USD"),
            expires_at=now + timedelta(days=self.rng.choice((1, 5, 30))),
            reference=None,
            memo=None,
            request_id="req_1",
            now=now,
            shares=shares,
        )
        return dict(order)

    def _order_id(self) -> str:
        self._keys += 1
        return order_id(_CLIENT, f"key-{self._keys}")

    def _amount(self) -> int:
        return (
            self.rng.randrange(1, 450) if self.rng.random() < 0.8 else self.rng.randrange(1, 1_100)
        )

    def _command(self) -> str:
        """Mostly what may be asked of an order, now and then anything."""
        orders = [each for each in self.history.store.orders.values() if not each["final"]]
        if not orders or self.rng.random() < 0.1:
            orders = list(self.history.store.orders.values())
        if not orders:
            return "nothing"
        order = self.rng.choice(orders)
        if self.rng.random() < 0.05:
            command, kind = self.rng.choice(_ANYTHING)
        elif order["kind"] == "request":
            command = self.rng.choice(
                ("accept", "accept", "accept", "decline", "present", "cancel")
            )
            kind = "customer" if command == "cancel" else "recipient"
        elif order["kind"] == "send":
            command, kind = ("dispute" if order["final"] else "cancel"), "customer"
            if command == "cancel" and self.rng.random() < 0.8:
                return "nothing"
        else:
            return "nothing"
        return self.history.ask(order, command, kind)


def _anything() -> list[tuple[str, str]]:
    """Every command by every kind of actor; what staff say of an outcome is left to those who know it."""
    commands = {command for lifecycle in LIFECYCLES.values() for command in lifecycle.commands}
    kinds = ("customer", "recipient", "operator", "compliance")
    told = {"confirm_paid", "confirm_unpaid"}
    return [(command, kind) for command in sorted(commands - told) for kind in kinds]


_ANYTHING = _anything()


def command_of(order: Document, command: str, kind: str, number: int, now: datetime) -> Document:
    """A command as the API and the console insert it."""
    return {
        "_id": f"cmd_asked{number}",
        "type": command,
        "kind": order["kind"],
        "order": order["_id"],
        "actor": {"kind": kind, "id": f"{kind}_1"},
        "reason": f"{command} asked",
        "client": None,
        "request_id": None,
        "created_at": now,
        "route": order["route"],
    }
