"""A quick look at orders and entries: whose entries are beyond doubt those that the order's history makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.ledger.domain.expected import HOLDS, Expected, lines_of, told
from apps.ledger.domain.internal import PREFIX

_BAD_DOCUMENT = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(slots=True)
class _Standing:
    """What of an order's entries was not met yet, as a sum that is zero in the end; and where its hold is.

    A hold is freed where it was made; which of the bank's accounts that is, the order does not say.
    """

    remains: int
    with_network: bool = False
    holds: str | None = None


@dataclass
class Glance:
    """Expect every order first, then meet every entry, both in any order; an order costs a few dozen bytes."""

    _orders: dict[str, _Standing] = field(default_factory=dict)
    _doubtful: set[Any] = field(default_factory=set)
    _left_out: set[str] = field(default_factory=set)

    def expect(self, expected: Expected) -> None:
        """Takes an order, as its history tells."""
        try:
            remains = 0
            for version, kind in expected.kinds.items():
                remains += _number(version, kind, expected.currency, lines_of(expected, version))
        except _BAD_DOCUMENT:
            self._doubtful.add(expected.order)
            remains = 0
        self._orders[expected.order] = _Standing(remains, expected.network is not None)

    def leave_out(self, order: str) -> None:
        """Takes an order that can't be read: nothing is said of its entries."""
        self._orders[order] = _Standing(0)
        self._left_out.add(order)

    def meet(self, entry: Mapping[str, Any]) -> None:
        """Takes an entry that an order made."""
        order = entry.get("order")
        standing = self._orders.get(order) if isinstance(order, str) else None
        if standing is None:
            self._doubtful.add(order if isinstance(order, str) else str(order))
            return
        try:
            standing.remains -= self._number_found(entry, standing)
        except _BAD_DOCUMENT:
            self._doubtful.add(order)

    def _number_found(self, entry: Mapping[str, Any], standing: _Standing) -> int:
        lines = []
        for line in entry["lines"]:
            account = line["account"]
            if account.startswith(PREFIX):
                if account.startswith(HOLDS):
                    if standing.holds not in (None, account):
                        self._doubtful.add(entry["order"])
                    standing.holds = account
                    account = HOLDS
                else:
                    account = told(account, with_network=standing.with_network)
            lines.append((account, line["layer"], line["amount_minor"]))
        return _number(entry["order_version"], entry["kind"], entry["currency"], lines)

    def doubtful(self) -> set[Any]:
        """Ids of the orders that must be looked at entry by entry, and of those that entries name and nobody has."""
        remaining = {order for order, standing in self._orders.items() if standing.remains != 0}
        return (self._doubtful | remaining) - self._left_out


def _number(version: int, kind: str, currency: str, lines: list[tuple[str, str, int]]) -> int:
    return hash((version, kind, currency, *sorted(lines)))
