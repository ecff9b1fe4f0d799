"""Builders of requests that a customer of another bank makes of Bob, who is a customer of ours."""

from datetime import timedelta
from typing import Any

from apps.kernel.money import Money
from apps.transactions.domain.apply_request import RequestFacts
from apps.transactions.domain.order import FarSide
from apps.transactions.domain.request_order import RequestOrder, asked_by_network
from apps.transactions.products.zelle import ZELLE
from tests.support.core import NOW, a_recipient

EXPIRES = NOW + timedelta(days=30)
EVE = FarSide(name="Eve Ender", bank="021000021", account="num_eve", alias="email:eve@bank.example")


def a_network_request(**fields: Any) -> RequestOrder:
    """RECEIVED: Eve asks Bob for 10.00; `fields` are those of `asked_by_network`."""
    given: dict[str, Any] = {
        "order_id": "ord_in",
        "network": "zelle",
        "end_to_end_id": "E2E-1",
        "payer": "cus_bob",
        "payer_name": "Bob Brown",
        "alias_key": "email:bob@example.com",
        "account": None,
        "far_side": EVE,
        "money": Money(1_000, "USD"),
        "expires_at": EXPIRES,
        "reference": "rent",
        "request_id": "req_1",
        "route": {"order": "ord_in", "customer": "cus_bob", "account": "acc_bob"},
        "now": NOW,
    }
    return asked_by_network(**(given | fields))


def around_bob(**fields: Any) -> RequestFacts:
    """Bob is a customer of ours with an open account."""
    given: dict[str, Any] = {"product": ZELLE, "payer": a_recipient()}
    return RequestFacts(**(given | fields))
