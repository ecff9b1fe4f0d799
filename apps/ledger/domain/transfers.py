"""Entries that networks cause: money out, in, aside and back, and fees; each moves one amount between two accounts.

| kind | from | to | when |
| --- | --- | --- | --- |
| `capture` | the debtor (held before) | settlement | the network accepted what we sent |
| `receipt` | settlement | the creditor | an inbound credit is posted |
| `suspense` | settlement | suspense | an inbound credit is settled and may not be credited yet |
| `release` | suspense | the creditor, or unclaimed | it was cleared, or its owner cannot be paid |
| `return_out` | the creditor, or suspense | settlement | we send back what came in (pacs.004) |
| `return_in` | settlement | the debtor | what we sent comes back (pacs.004) |
| `fee` | the payer | fees | the bank charges for a step |

One step of an order makes one entry, whose id is the order and its version; a fee stands beside it under an id of its
own (`order:version:fee`). So the same step twice is one entry. Each function raises ValueError when it is given an
account of another purpose or currency, or an amount that is not above zero: a defect of the caller, nothing is written.
"""

from datetime import datetime

from apps.ledger.domain.entry import Entry, Kind, Line, capture
from apps.ledger.domain.internal import PREFIX, Purpose, parsed


def capture_to_network(
    *,
    order: str,
    version: int,
    debtor: str,
    settlement: str,
    holds: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Moves money that a hold had set aside to the network: from now on the bank owes it there."""
    _expect(settlement, "settlement", currency)
    return capture(
        order=order,
        version=version,
        debtor=debtor,
        creditor=settlement,
        holds=holds,
        amount_minor=_positive(amount_minor),
        currency=currency,
        at=at,
    )


def receipt(
    *,
    order: str,
    version: int,
    settlement: str,
    creditor: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Credits `creditor` with what the network brought."""
    _expect(settlement, "settlement", currency)
    _customer(creditor)
    return _move("receipt", order, version, settlement, creditor, amount_minor, currency, at)


def suspend(
    *,
    order: str,
    version: int,
    settlement: str,
    suspense: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Takes what the network brought into suspense: settled, not available to anybody."""
    _expect(settlement, "settlement", currency)
    _expect(suspense, "suspense", currency)
    return _move("suspense", order, version, settlement, suspense, amount_minor, currency, at)


def release(
    *,
    order: str,
    version: int,
    suspense: str,
    creditor: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Moves what was in suspense to its owner, or to an unclaimed account."""
    _expect(suspense, "suspense", currency)
    if creditor.startswith(PREFIX):
        _expect(creditor, "unclaimed", currency)
    return _move("release", order, version, suspense, creditor, amount_minor, currency, at)


def return_out(
    *,
    order: str,
    version: int,
    source: str,
    settlement: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Sends back what came in: from the customer who was credited, or from suspense."""
    if source.startswith(PREFIX):
        _expect(source, "suspense", currency)
    _expect(settlement, "settlement", currency)
    return _move("return_out", order, version, source, settlement, amount_minor, currency, at)


def return_in(
    *,
    order: str,
    version: int,
    settlement: str,
    debtor: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Gives back to `debtor` what the network returned."""
    _expect(settlement, "settlement", currency)
    _customer(debtor)
    return _move("return_in", order, version, settlement, debtor, amount_minor, currency, at)


def fee(
    *,
    order: str,
    version: int,
    payer: str,
    fees: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Charges `payer` for the step `version` of the order."""
    _customer(payer)
    _expect(fees, "fees", currency)
    entry = _move("fee", order, version, payer, fees, amount_minor, currency, at)
    entry["_id"] = f"{order}:{version}:fee"
    return entry


def _move(
    kind: Kind,
    order: str,
    version: int,
    source: str,
    target: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    lines = [
        Line(account=source, layer="posted", amount_minor=-_positive(amount_minor)),
        Line(account=target, layer="posted", amount_minor=amount_minor),
    ]
    return Entry(
        _id=f"{order}:{version}",
        kind=kind,
        order=order,
        order_version=version,
        currency=currency,
        lines=lines,
        at=at,
    )


def _positive(amount_minor: int) -> int:
    if amount_minor <= 0:
        raise ValueError(f"an entry moves more than zero, not {amount_minor}")
    return amount_minor


def _expect(account: str, purpose: Purpose, currency: str) -> None:
    found = parsed(account)
    if (found.purpose, found.currency) != (purpose, currency):
        raise ValueError(f"{account} is no {purpose} account in {currency}")


def _customer(account: str) -> None:
    if account.startswith(PREFIX):
        raise ValueError(f"{account} is no customer's account")
