"""What a change of an order tells the history of the payee that it pays: for the SOR transaction, in one commit."""

from collections.abc import Mapping
from typing import Any

from apps.parties.domain.payee_stats import DayUse, Happened, Outcome
from apps.transactions.domain.results import Change


def told_of_payee(
    before: Mapping[str, Any], change: Change[Any], *, was_returned: bool = False
) -> list[Happened]:
    """Of a send order, or of an inward return of one; the payee is that send order's.

    `was_returned` says whether an earlier return brought money of the same payment back: a payment comes back once.
    """
    after = change.order
    told: list[Happened] = [DayUse(use.day, use.currency, use.amount_minor) for use in change.usage]
    if after["status"] == before["status"]:
        return told
    if after["kind"] == "send" and after["status"] == "COMPLETED":
        told.append(Outcome.COMPLETED)
    is_back = after["kind"] == "return" and after["status"] == "RETURNED"
    if is_back and after["direction"] == "inward" and not was_returned:
        told.append(Outcome.RETURNED)
    return told
