"""What must hold between orders that name each other: what caused an order exists, and what it says came about.

Written apart from the rules that move orders, on purpose, as the other rules of the checkers are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.findings import Problem

_BAD_DOCUMENT = (KeyError, TypeError, ValueError, AttributeError, IndexError)
# What an order of this kind may be caused by.
_CAUSES = {
    "send": frozenset({"request"}),
    "receive": frozenset({"request"}),
    "request": frozenset({"request"}),
    "return": frozenset({"send", "receive"}),
}
_PAYS = frozenset({("send", "COMPLETED"), ("receive", "POSTED")})

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Seen:
    """As much of an order as the others must fit to."""

    kind: str
    status: str
    is_final: bool
    caused_by: str | None
    payment: str | None
    shares: int
    passed: frozenset[str]


@dataclass
class Links:
    """Feed every order; then, of the orders that are `named` and were not kept, what is known of each; `closing` last.

    Most send orders name nobody: they are let go again.
    """

    _kept: dict[str, _Seen] = field(default_factory=dict)

    def order(self, order: Document) -> None:
        """Takes an order; one that can't be read is for the rules on each order."""
        if order.get("kind") != "send" or "caused_by" in order:
            self.keep(order)

    def keep(self, order: Document) -> None:
        try:
            self._kept[order["_id"]] = _Seen(
                kind=order["kind"],
                status=order["status"],
                is_final=order["final"],
                caused_by=order.get("caused_by"),
                payment=order.get("payment"),
                shares=len(order.get("shares") or ()),
                passed=frozenset(step["status"] for step in order["history"]),
            )
        except _BAD_DOCUMENT:
            return

    def named(self) -> list[str]:
        """Ids of orders that kept ones name, and that were not kept."""
        found = {seen.caused_by for seen in self._kept.values()}
        found |= {seen.payment for seen in self._kept.values()}
        return sorted(str(name) for name in found if name is not None and name not in self._kept)

    def closing(self) -> list[Problem]:
        caused = defaultdict(list)
        for seen in self._kept.values():
            if seen.caused_by is not None:
                caused[seen.caused_by].append(seen)
        return [
            Problem(order_id, rule, detail)
            for order_id, seen in sorted(self._kept.items())
            for rule, detail in self._of(order_id, seen, caused.get(order_id, []))
        ]

    def _of(self, order_id: str, seen: _Seen, caused: list[_Seen]) -> Iterator[tuple[str, str]]:
        if seen.caused_by is not None:
            yield from self._of_cause(seen, self._kept.get(seen.caused_by))
        if seen.kind != "request":
            return
        if "SPLIT" in seen.passed:
            yield from _of_split(seen, [each for each in caused if each.kind == "request"])
            return
        yield from self._of_payment(order_id, seen)
        if seen.status == "PAID" and not any((each.kind, each.status) in _PAYS for each in caused):
            yield "paid_by_an_order", "no payment that it caused is COMPLETED, and none was POSTED"

    def _of_cause(self, seen: _Seen, cause: _Seen | None) -> Iterator[tuple[str, str]]:
        if cause is None:
            yield "cause_exists", f"{seen.caused_by} caused it, and there is no such order"
        elif cause.kind not in _CAUSES.get(seen.kind, frozenset()):
            yield "cause_fits", f"a {seen.kind} order that a {cause.kind} order caused"
        elif seen.kind == "return" and not cause.is_final:
            yield "cause_fits", f"it returns {seen.caused_by}, which is {cause.status}"

    def _of_payment(self, order_id: str, seen: _Seen) -> Iterator[tuple[str, str]]:
        """The promise of a payer here is a send order; that of another bank's customer is nothing here."""
        payment = None if seen.payment is None else self._kept.get(seen.payment)
        if seen.payment is None:
            if seen.status == "ACCEPTED" and "SUBMITTED" not in seen.passed:
                yield "promise_is_an_order", "its payer is here and no payment was caused"
        elif payment is None:
            yield "promise_is_an_order", f"its payment is {seen.payment}: there is no such order"
        elif (payment.kind, payment.caused_by) != ("send", order_id):
            detail = f"{seen.payment} is a {payment.kind} order that {payment.caused_by} caused"
            yield "promise_is_an_order", detail


def _of_split(seen: _Seen, children: list[_Seen]) -> Iterator[tuple[str, str]]:
    if len(children) != seen.shares:
        yield "share_each_asked", f"of {seen.shares} shares {len(children)} are requests"
    if not seen.is_final:
        return
    waiting = sum(not each.is_final for each in children)
    if waiting:
        yield "split_ends_last", f"it is {seen.status} and {waiting} of its requests are open"
    elif (seen.status == "PAID") != all(each.status == "PAID" for each in children):
        unpaid = sum(each.status != "PAID" for each in children)
        yield "split_fits_shares", f"it is {seen.status} and {unpaid} of its requests are unpaid"
