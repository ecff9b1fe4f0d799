"""Orders of the kinds that are no sends, at the beginning of their lives."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.kernel.ids import derived_id
from apps.kernel.money import Money
from apps.transactions.domain.order import Actor, AnyOrder, Party
from apps.transactions.domain.receive_order import ReceiveOrder, arrived
from apps.transactions.domain.request_order import RequestOrder, Share, requested
from apps.transactions.domain.return_order import Direction, ReturnOrder, return_of

NOW = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
NETWORK = Actor(kind="network", id="zelle")


def a_receipt(
    name: str = "receipt", *, creditor: Party | None = None, **fields: Any
) -> ReceiveOrder:
    """Carl at another bank pays Ann here."""
    order = arrived(
        order_id=derived_id("ord", name),
        network="zelle",
        end_to_end_id=f"e2e-{name}",
        debtor_name="Carl Cash",
        debtor_bank="021000021",
        creditor_name="Ann Novak",
        alias_key="email:ann@example.com",
        money=Money(2500, "USD"),
        reference="Rent",
        request_id="req_1",
        route={"order": derived_id("ord", name), "customer": "cus_ann", "account": "acc_ann"},
        now=NOW,
    )
    return {**order, "creditor": creditor, **fields}  # type: ignore[typeddict-item]


def a_request(name: str = "request", **fields: Any) -> RequestOrder:
    """Ann here asks Bea for money."""
    asked: dict[str, Any] = {
        "order_id": derived_id("ord", name),
        "client": "cli_tests",
        "product": "zelle",
        "creditor": Party(customer="cus_ann", account="acc_ann"),
        "payer_name": "Bea Castillo",
        "alias_key": "email:bea@example.com",
        "money": Money(3000, "USD"),
        "expires_at": NOW + timedelta(days=14),
        "reference": "Dinner",
        "memo": None,
        "request_id": "req_1",
        "now": NOW,
    }
    return requested(**{**asked, **fields})


def a_split(name: str = "split", **fields: Any) -> RequestOrder:
    """Ann here asks Bea and Carl for 15.00 each."""
    shares = [
        Share(payer_name=payer, alias_key=f"email:{payer.lower()}@example.com", amount_minor=1500)
        for payer in ("Bea", "Carl")
    ]
    return a_request(name, payer_name="2 payers", alias_key=None, shares=shares, **fields)


def a_foreign_request(name: str = "foreign") -> dict[str, Any]:
    """Carl at another bank asks Bea here for money."""
    told = {
        "client": "network:zelle",
        "creditor": None,
        "payer": "cus_bea",
        "account": "acc_bea",
        "creditor_name": "Carl Cash",
        "creditor_bank": "021000021",
        "creditor_account": "123456789",
        "creditor_alias": "email:carl@example.org",
        "end_to_end_id": f"e2e-{name}",
    }
    return {**a_request(name), **told}


def a_return(of: AnyOrder, direction: Direction, *, asked: bool = False) -> ReturnOrder:
    """Money of Ann's goes back (outward) or comes back (inward)."""
    return return_of(
        of,
        direction=direction,
        account=Party(customer="cus_ann", account="acc_ann"),
        asked=asked,
        by_id="msg_1",
        amount_minor=of["amount_minor"],
        reason="FOCR",
        detail=None,
        actor=NETWORK,
        now=NOW,
    )
