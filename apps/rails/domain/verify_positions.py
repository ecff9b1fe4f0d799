"""A network's books against our ledger: who owes whom, payment by payment, by its end-to-end id.

The rule. A network counts what it executed and did not return, and the rest of what it returned in part: money out is
what we owe it, money in what it owes us. An order counts what it and its returns moved on the network's settlement
accounts. Both say the same of every payment that nothing is under way for; and the settlement accounts of the network
hold exactly what orders moved there. So when all is quiet the network's position is the accounts' sum, and else they
differ by what is under way:

| under way | the network may have | the ledger has |
| --- | --- | --- |
| SUBMITTED, INVESTIGATE | executed it, or not | the sender's money held, nothing posted |
| a message of ours without a receipt | not heard of what we posted | posted it |
| a credit that came in: PENDING or BLOCKED | been told that it is not decided, or frozen | it in suspense |
| a return that is not final | sent the money back, or not | nothing posted of the return |
| a return that the network decided and did not bring | counted it | nothing of it yet |
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.kernel.findings import Problem


@dataclass(frozen=True)
class Moved:
    """What one order moved on its network's settlement accounts: above zero is owed to the network."""

    network: str
    end_to_end_id: str
    currency: str
    amount_minor: int
    is_under_way: bool


def positions(
    network: str,
    instructions: Iterable[Mapping[str, Any]],
    moved: Iterable[Moved],
    *,
    stands: Mapping[str, int],
    told: Mapping[str, int],
    unheard: frozenset[str],
    brings_more: bool,
) -> list[Problem]:
    """What contradicts the rule for one network.

    `stands` is what its settlement accounts hold by currency, `told` its own position (in minus out, so the negative),
    `unheard` the end-to-end ids of our messages without a receipt; `brings_more` when its outbox is not empty.
    """
    ours: dict[tuple[str, str], int] = defaultdict(int)
    under_way = set(unheard)
    for each in moved:
        if each.network == network:
            ours[each.end_to_end_id, each.currency] += each.amount_minor
            if each.is_under_way:
                under_way.add(each.end_to_end_id)
    theirs: dict[tuple[str, str], int] = defaultdict(int)
    for row in instructions:
        if row["kind"] == "payment":
            key = (row["end_to_end_id"], row["currency"])
            theirs[key] = _owed(row)
            if row["returned"] and brings_more:
                under_way.add(key[0])
    problems = [
        Problem(
            end_to_end_id,
            "settled_alike",
            f"{network} counts {theirs[end_to_end_id, currency]} {currency} that we owe it,"
            f" our orders {ours[end_to_end_id, currency]}",
        )
        for end_to_end_id, currency in sorted({*ours, *theirs})
        if ours[end_to_end_id, currency] != theirs[end_to_end_id, currency]
        and end_to_end_id not in under_way
    ]
    return problems + _of_sums(network, ours, theirs, stands=stands, told=told)


def _owed(row: Mapping[str, Any]) -> int:
    """What we owe the network for it."""
    if not row["executed"]:
        return 0
    amount_minor: int = row["amount_minor"] - row["returned_minor"]
    return amount_minor if row["direction"] == "out" else -amount_minor


def _of_sums(
    network: str,
    ours: Mapping[tuple[str, str], int],
    theirs: Mapping[tuple[str, str], int],
    *,
    stands: Mapping[str, int],
    told: Mapping[str, int],
) -> list[Problem]:
    problems = []
    own, counted = _by_currency(ours), _by_currency(theirs)
    for currency in sorted({*own, *counted, *stands, *told}):
        name = f"{network} {currency}"
        if stands.get(currency, 0) != own[currency]:
            detail = f"settlement holds {stands.get(currency, 0)}, orders moved {own[currency]}"
            problems.append(Problem(name, "settlement_is_orders", detail))
        if told.get(currency, 0) != -counted[currency]:
            detail = f"it tells {told.get(currency, 0)}, its payments make {-counted[currency]}"
            problems.append(Problem(name, "position_is_payments", detail))
    return problems


def _by_currency(amounts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for (_, currency), amount_minor in amounts.items():
        sums[currency] += amount_minor
    return sums
