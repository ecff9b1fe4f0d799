"""Step 3 of the SOR transaction: what a payee's history decides about a payment, and what this adds to it; pure."""

from collections.abc import Callable, Mapping
from typing import Any

from apps.parties.domain.evidence import evidence_of
from apps.parties.domain.payee_limits import Policy, Verdict, verdict_of, wanted_of
from apps.parties.domain.payee_stats import NOTHING_PAID, PayeeStats, as_document, stats_after
from apps.parties.domain.trust import Evidence
from apps.transactions.domain.limits import Limits, day_of
from apps.transactions.domain.order import AnyOrder, Order
from apps.transactions.domain.payee_history import told_of_payee
from apps.transactions.domain.results import Change
from streaming.sor.involved import payee_of
from streaming.sor.surroundings import Document, Surroundings


class Trust:
    """Of the payees in one batch. A payment that a request caused has no payee, so no history."""

    def __init__(
        self, found: Surroundings, limits: Callable[[str], Limits], policy: Policy
    ) -> None:
        self.found = found
        self.limits = limits
        self.policy = policy
        self.changed: dict[str, PayeeStats] = {}
        self._weighed: dict[str, tuple[PayeeStats, Evidence]] = {}

    def verdict(self, order: Order) -> Verdict:
        """What stands in the way because of whom it goes to; None also once the order counts in the day's limits."""
        payee = self._payee(order)
        if payee is None or order["limit_day"] is not None:
            return None
        stats, limits = self._stats(payee["_id"]), self.limits(order["product"])
        day = day_of(self.found.now)
        return verdict_of(
            self._evidence(payee, stats),
            self.policy,
            amount_minor=order["amount_minor"],
            used_minor=stats.used_minor(day=day, currency=order["currency"]),
            order_minor=limits.order_minor,
            day_minor=limits.day_minor,
        )

    def follow(self, before: AnyOrder, change: Change[Any]) -> None:
        """Adds what the change tells of the payee, if the rules still ask for it."""
        paid = before
        if before["kind"] == "return":
            paid = self.found.orders.get(before.get("caused_by", ""), before)
        payee = self._payee(paid)
        if payee is None:
            return
        told = told_of_payee(before, change, was_returned=self._was_returned(before))
        if not told:
            return
        stats = self._stats(payee["_id"])
        wanted = wanted_of(self._evidence(payee, stats), self.policy)
        after = stats_after(stats, told, wanted=wanted)
        if after is not None:
            self.changed[payee["_id"]] = after

    def documents(self, *, by: str) -> list[Document]:
        """The histories to write, each one version on."""
        return [
            as_document(
                stats,
                payee=payee,
                customer=self.found.payee_documents[payee]["customer"],
                version=self._version(payee) + 1,
                modified_by=by,
            )
            for payee, stats in sorted(self.changed.items())
        ]

    def _version(self, payee: str) -> int:
        read = self.found.stats.get(payee)
        return read[0] if read else 0

    def _payee(self, order: AnyOrder) -> Document | None:
        payee = payee_of(order) if order["kind"] == "send" else None
        return self.found.payee_documents.get(payee) if payee else None

    def _stats(self, payee: str) -> PayeeStats:
        read = self.found.stats.get(payee)
        return self.changed.get(payee) or (read[1] if read else NOTHING_PAID)

    def _evidence(self, payee: Mapping[str, Any], stats: PayeeStats) -> Evidence:
        """Weighed once for each history in a batch; what was read does not change within it."""
        known = self._weighed.get(payee["_id"])
        if known is None or known[0] is not stats:
            evidence = evidence_of(payee, stats, owners=self._owners(payee), now=self.found.now)
            known = self._weighed[payee["_id"]] = stats, evidence
        return known[1]

    def _owners(self, payee: Mapping[str, Any]) -> dict[str, str | None]:
        """Who has the payee's alias now, if it is a customer of ours."""
        key = (payee["alias"] or {}).get("key")
        alias = self.found.aliases.get(key or "")
        return {key: alias.customer} if key and alias else {}

    def _was_returned(self, order: AnyOrder) -> bool:
        cause = order.get("caused_by") or ""
        return any(
            linked["kind"] == "return" and linked["status"] == "RETURNED"
            for linked in self.found.caused_by(cause)
            if linked["_id"] != order["_id"]
        )
