"""Reads of orders, commands and what accepting an order needs; all by the direct driver."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from pymongo import DESCENDING
from pymongo.read_concern import ReadConcern

from apps.kernel.errors import NotFound
from apps.transactions.sides import Condition, paid_by
from dpms_site.mongodb import Document, collection
from dpms_site.rest.pages import Page


class Naming(Protocol):
    """A submission by the documents that it names."""

    @property
    def customer(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def payee(self) -> str | None: ...


@dataclass(frozen=True)
class Surroundings:
    """The customers, accounts and payees that submissions name, by id; what does not exist is absent."""

    customers: dict[str, Document]
    accounts: dict[str, Document]
    payees: dict[str, Document]


# What is read of each collection, and the prefix of its ids.
_READ_OF = {
    "customers": ("cus_", ("status", "products", "preferences")),
    "accounts": ("acc_", ("customer", "status", "currency")),
    "payees": ("pay_", ("customer", "status", "name", "alias", "account")),
}


def surroundings_of(submissions: Iterable[Naming]) -> Surroundings:
    return surroundings_from(collection("customers").aggregate(surroundings_pipeline(submissions)))


def surroundings_pipeline(submissions: Iterable[Naming]) -> list[Document]:
    """One round trip by `_id` for all three collections, however many the submissions: half the time of three reads.

    To be run on `customers`.
    """
    asked = list(submissions)
    ids = {
        "customers": {item.customer for item in asked},
        "accounts": {item.account for item in asked},
        "payees": {item.payee for item in asked if item.payee is not None},
    }
    first, *others = (_read(name, ids[name]) for name in _READ_OF)
    unions = [
        {"$unionWith": {"coll": name, "pipeline": read}}
        for name, read in zip(list(_READ_OF)[1:], others, strict=True)
    ]
    return [*first, *unions]


def surroundings_from(rows: Iterable[Document]) -> Surroundings:
    read = list(rows)
    found = {
        name: {row["_id"]: row for row in read if row["_id"].startswith(prefix)}
        for name, (prefix, _) in _READ_OF.items()
    }
    return Surroundings(**found)


def _read(name: str, ids: set[str]) -> list[Document]:
    fields = _READ_OF[name][1]
    return [{"$match": {"_id": {"$in": list(ids)}}}, {"$project": dict.fromkeys(fields, 1)}]


def own_aliases(customer: str, keys: Iterable[str]) -> set[str]:
    """Those of the alias keys that are the customer's own at present."""
    wanted = {"key": {"$in": list(keys)}, "status": "ACTIVE", "customer": customer}
    return {row["key"] for row in collection("aliases").find(wanted, {"key": 1})}


def order_by_id(order_id: str) -> Document:
    order = collection("orders").find_one({"_id": order_id})
    if order is None:
        raise NotFound("order_not_found", "There is no such order.")
    return order


def written_by_id(name: str, ids: Iterable[str]) -> dict[str, Document]:
    """Documents that a duplicate-key error spoke of, when their first writer's promise holds too.

    A majority read could miss one that another request is writing this moment; a linearizable read waits for it.
    """
    exact = collection(name).with_options(read_concern=ReadConcern("linearizable"))
    return {row["_id"]: row for row in exact.find({"_id": {"$in": list(ids)}})}


def orders_page(page: Page) -> list[Document]:
    """One row more than the page's limit when there are more."""
    conditions = _conditions(**page.filters)
    if page.after is not None:
        conditions.append(page.after.as_filter("created_at"))
    found = collection("orders").find({"$and": conditions} if conditions else {})
    order = [("created_at", DESCENDING), ("_id", DESCENDING)]
    return list(found.sort(order).limit(page.limit + 1))


_BY_SIDE: dict[str, Callable[[str], Condition]] = {
    "debtor": paid_by,
    "creditor": lambda customer: {"creditor.customer": customer},
    "payer": lambda customer: {"payer": customer},
}


def _conditions(
    *,
    customer: str | None = None,
    party: str | None = None,
    created_from: Any = None,
    created_to: Any = None,
    **equal: str,
) -> list[Document]:
    """`equal` are fields of an order with the value that each must have: kind, status, product, caused_by."""
    conditions: list[Document] = [{name: value} for name, value in equal.items()]
    if customer:
        sides = [party] if party else _BY_SIDE
        conditions.append({"$or": [_BY_SIDE[side](customer) for side in sides]})
    if created_from:
        conditions.append({"created_at": {"$gte": created_from}})
    if created_to:
        conditions.append({"created_at": {"$lt": created_to}})
    return conditions


def command_by_id(command_id: str) -> tuple[Document, Document | None]:
    """The command and its outcome, None while it is pending."""
    command = collection("commands").find_one({"_id": command_id})
    if command is None:
        raise NotFound("command_not_found", "There is no such command.")
    return command, collection("outcomes").find_one({"_id": command_id})
