"""Entries that networks cause: money in, aside and back, and fees; each moves one amount between two accounts.

| kind | from | to | when |
| --- | --- | --- | --- |
| `receipt` | settlement | the creditor | an inbound credit is posted |
| `suspense` | settlement | suspense | an inbound credit is settled and may not be credited yet |
| `release` | suspense | the creditor, or unclaimed | it was cleared, or its owner cannot be paid |
| `return_out` | the creditor, or suspense | settlement | we send back what came in (pacs.004) |
| `return_in` | settlement | the debtor, or unclaimed | what we sent comes back (pacs.004) |
| `fee` | the payer | fees | the bank charges for a step |

One step of an order makes one entry, whose id is the order and its version; a fee stands beside it under an id of its
own (`order:version:fee`). So the same step twice is one entry. What a network accepts of us is a `capture` like any
other payment (`entry.py`), with its settlement account as the creditor.
"""

from datetime import datetime

from apps.ledger.domain.entry import Entry, Line, NetworkKind
from apps.ledger.domain.internal import PREFIX, parsed

_CUSTOMER = "customer"
# Whose accounts each kind moves money from, and whose to: a customer's, or one of the bank's own by its purpose.
_SIDES: dict[NetworkKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "receipt": (("settlement",), (_CUSTOMER,)),
    "suspense": (("settlement",), ("suspense",)),
    "release": (("suspense",), (_CUSTOMER, "unclaimed")),
    "return_out": ((_CUSTOMER, "suspense"), ("settlement",)),
    "return_in": (("settlement",), (_CUSTOMER, "unclaimed")),
    "fee": ((_CUSTOMER,), ("fees",)),
}


def moved(
    kind: NetworkKind,
    *,
    order: str,
    version: int,
    source: str,
    target: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Moves money from `source` to `target` by the step `version` of the order.

    Raises ValueError for an account of another purpose or currency, or an amount that is not above zero: a defect of
    the caller, nothing is written.
    """
    if amount_minor <= 0:
        raise ValueError(f"an entry moves more than zero, not {amount_minor}")
    for account, lawful in zip((source, target), _SIDES[kind], strict=True):
        _expect(account, lawful, currency)
    entry_id = f"{order}:{version}"
    return Entry(
        _id=f"{entry_id}:fee" if kind == "fee" else entry_id,
        kind=kind,
        order=order,
        order_version=version,
        currency=currency,
        lines=[
            Line(account=source, layer="posted", amount_minor=-amount_minor),
            Line(account=target, layer="posted", amount_minor=amount_minor),
        ],
        at=at,
    )


def _expect(account: str, lawful: tuple[str, ...], currency: str) -> None:
    purpose, found = _CUSTOMER, currency
    if account.startswith(PREFIX):
        own = parsed(account)
        purpose, found = own.purpose, own.currency
    if purpose not in lawful or found != currency:
        raise ValueError(f"{account} is no {' or '.join(lawful)} account in {currency}")
