"""What an order of each kind must have left in the ledger and in a day's limits, as its history alone tells.

Written apart from the rules that post, on purpose: a checker that calls what it checks finds nothing.

| kind | step | entry |
| --- | --- | --- |
| send | to a status that holds money | `hold`, after it `void` or `capture`; of one cause `transfer` or nothing |
| receive | to POSTED from ACCEPTED | `receipt` to the creditor |
| receive | to ACCEPTED_NOT_POSTED | `suspense`; after it to POSTED `release`, to REJECTED `return_out` |
| return | to RETURNED, inward | `return_in` to the customer; to unclaimed when the step says why it could not be |
| return | to RETURNED, outward | `return_out` from the customer |
| request | any | none: its payment is an order of its own |
"""

from collections.abc import Mapping
from typing import Any

from apps.kernel.findings import Problem
from apps.ledger.domain.entry import Kind
from apps.ledger.domain.verify import Expected, Use
from apps.transactions.domain.lifecycle import STATUSES
from apps.transactions.domain.limits import usage_id

# An account that nobody has: who a payment that reached no network was paid to, the order must say.
_NOBODY = "?"

Document = Mapping[str, Any]


def expected_of(order: Document, networks: Mapping[str, str] | None = None) -> Expected:
    """What the order must have left in the ledger. Raises what a bad document causes, KeyError for an unknown kind.

    `networks` names the network of each product, whose accounts the order's money must be on; without it any network's
    will do.
    """
    if order["kind"] == "send":  # nearly all there are
        return _of_send(order, networks)
    return _OF_KIND[order["kind"]](order, _network_of(order, networks))


def _network_of(order: Document, networks: Mapping[str, str] | None) -> str | None:
    product: str = order["product"]
    return None if networks is None else networks.get(product, product)


def _of_send(order: Document, networks: Mapping[str, str] | None) -> Expected:
    kinds: dict[int, Kind] = {}
    held_at: tuple[int, str] | None = None  # version and cause of the step that set money aside
    was_sent = False
    for step in order["history"]:
        status = STATUSES[step["status"]]
        # What one cause sets aside and moves or frees again was never set aside for anyone to see.
        at_once = held_at is not None and held_at[1] == step["cause"]
        if at_once and held_at is not None and status.final:
            del kinds[held_at[0]]
        if status.name == "COMPLETED":
            kinds[step["version"]] = "transfer" if at_once else "capture"
        elif status.holds_money and held_at is None:
            kinds[step["version"]] = "hold"
            held_at = (step["version"], step["cause"])
        elif status.final and held_at is not None and not at_once:
            kinds[step["version"]] = "void"
        if not status.holds_money:
            held_at = None
        elif status.name == "SUBMITTED":
            was_sent = True
    return Expected(
        order=order["_id"],
        kinds=kinds,
        debtor=order["debtor"]["account"],
        creditor=None if was_sent else _account_of(order["creditor"]) or _NOBODY,
        currency=order["currency"],
        amount_minor=order["amount_minor"],
        is_holding=held_at is not None,
        network=_network_of(order, networks) if was_sent else None,
    )


def _of_receive(order: Document, network: str | None) -> Expected:
    kinds: dict[int, Kind] = {}
    is_suspended = False
    for step in order["history"]:
        version, status = step["version"], step["status"]
        if status == "ACCEPTED_NOT_POSTED":
            kinds[version] = "suspense"
            is_suspended = True
        elif status == "POSTED":
            kinds[version] = "release" if is_suspended else "receipt"
        elif status == "REJECTED" and is_suspended:
            kinds[version] = "return_out"
    creditor = _account_of(order["creditor"])
    if "release" in kinds.values():
        creditor = creditor or _NOBODY
    return _left(order, kinds, network, creditor=creditor)


def _of_return(order: Document, network: str | None) -> Expected:
    account, is_inward = order["account"]["account"], order["direction"] == "inward"
    kinds: dict[int, Kind] = {}
    for step in order["history"]:
        if step["status"] == "RETURNED":
            kinds[step["version"]] = "return_in" if is_inward else "return_out"
            if is_inward and step["detail"] is not None:
                account = None
    if is_inward:
        return _left(order, kinds, network, debtor=account)
    return _left(order, kinds, network, creditor=account)


def _of_request(order: Document, network: str | None) -> Expected:
    return _left(order, {}, network)


_OF_KIND = {"receive": _of_receive, "return": _of_return, "request": _of_request}


def _left(
    order: Document,
    kinds: Mapping[int, Kind],
    network: str | None,
    *,
    debtor: str | None = None,
    creditor: str | None = None,
) -> Expected:
    return Expected(
        order=order["_id"],
        kinds=kinds,
        debtor=debtor,
        creditor=creditor,
        currency=order["currency"],
        amount_minor=order["amount_minor"],
        is_holding=False,
        network=network,
    )


def _account_of(party: Document | None) -> str | None:
    return party["account"] if party else None


def use_of(order: Document) -> Use | None:
    """What the order counts in a day's limits, by its own account of it; only what a customer sends counts."""
    if order["kind"] != "send" or order["limit_day"] is None:
        return None
    counted_in = usage_id(
        customer=order["debtor"]["customer"],
        product=order["product"],
        currency=order["currency"],
        day=order["limit_day"],
    )
    return Use(counted_in, order["amount_minor"])


def limit_problem_of(order: Document) -> Problem | None:
    """A send order counts in a day's limits from its validation until it ends without payment; no other does."""
    passed = [step["status"] for step in order["history"]]
    counts, day = False, order.get("limit_day")
    if order["kind"] == "send":
        unpaid = passed and STATUSES[passed[-1]].final and passed[-1] != "COMPLETED"
        counts, day = "VALIDATED" in passed and not unpaid, order["limit_day"]
    if counts == (day is not None):
        return None
    return Problem(
        str(order["_id"]), "counts_in_limits", f"the day is {day!r} after {', '.join(passed)}"
    )
