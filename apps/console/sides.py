"""Who pays and who is paid by an order, whatever its kind: the one place that knows how each kind says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.console import masking

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """One side of an order, as far as the order tells it; what it does not tell is "".

    `customer` and `account` are ids of ours, `bank` and `alias` are the other side's words.
    """

    name: str = ""
    customer: str = ""
    account: str = ""
    bank: str = ""
    alias: str = ""
    number: str = ""

    @property
    def words(self) -> str:
        """The name, else the best that is known in its place."""
        return self.name or masking.short(self.customer) or self.bank


@dataclass(frozen=True)
class Sides:
    """`payer` gives the money (or is asked to), `paid` gets it (or asks for it)."""

    payer: Side
    paid: Side

    @property
    def customers(self) -> set[str]:
        return {side.customer for side in (self.payer, self.paid) if side.customer}

    @property
    def accounts(self) -> set[str]:
        return {side.account for side in (self.payer, self.paid) if side.account}


def sides_of(order: Document) -> Sides:
    """Raises KeyError or TypeError when the document lacks what its kind has."""
    return _BY_KIND.get(order["kind"], _sent)(order)


def _sent(order: Document) -> Sides:
    debtor, far = order["debtor"], order.get("counterparty") or {}
    payer = Side(customer=debtor["customer"], account=debtor["account"])
    if order.get("creditor"):
        return Sides(payer, _ours(order["creditor"], name=order["payee_name"]))
    paid = Side(
        name=order["payee_name"],
        bank=far.get("bank") or "",
        number=masking.named_account(far.get("account")),
    )
    return Sides(payer, paid)


def _received(order: Document) -> Sides:
    """Until the money is posted, whom it is for stands in the route alone."""
    payer = Side(name=order["debtor_name"] or "", bank=order.get("debtor_bank") or "")
    route = order.get("route") or {}
    meant = {"customer": route.get("customer") or "", "account": route.get("account") or ""}
    return Sides(payer, _ours(order.get("creditor") or meant, name=order["payee_name"]))


def _requested(order: Document) -> Sides:
    """The requester is a customer of ours (`creditor`), or another bank's, who asks one of ours."""
    payer = Side(
        name=order["payee_name"],
        customer=order.get("payer") or "",
        account=order.get("account") or "",
    )
    if order.get("creditor"):
        return Sides(payer, _ours(order["creditor"]))
    requester = Side(
        name=order.get("creditor_name") or "",
        bank=order.get("creditor_bank") or "",
        alias=(order.get("creditor_alias") or "").rpartition(":")[2],
        number=masking.named_account(order.get("creditor_account")),
    )
    return Sides(payer, requester)


def _returned(order: Document) -> Sides:
    """`account` is of a customer of ours: an inward return brings their money back, an outward one takes it."""
    ours, other = _ours(order["account"]), Side(name=order["payee_name"])
    return Sides(other, ours) if order["direction"] == "inward" else Sides(ours, other)


def _ours(party: Document | None, *, name: str = "") -> Side:
    if not party:
        return Side(name=name)
    return Side(name=name, customer=party["customer"], account=party["account"])


_BY_KIND = {"receive": _received, "request": _requested, "return": _returned}
