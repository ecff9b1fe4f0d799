"""What a customer prefers: language, channels of notices by event, and switches and own limits by product."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.kernel.errors import Invalid

LANGUAGES = ("en", "es")
CHANNELS = ("email", "sms", "push")
# Who pays, is paid, and is asked for money by way of a product.
SWITCHES = ("send", "receive", "request")
OWN_LIMITS = ("order", "day")

# Every event a customer is told of, with the channels used until the customer says otherwise.
EVENTS: dict[str, tuple[str, ...]] = {
    "payment_sent": ("email",),
    "payment_received": ("email",),
    "payment_waiting": ("email",),
    "payment_failed": ("email", "push"),
    "request_received": ("email", "push"),
    "request_answered": ("email",),
    "security": ("email", "sms"),
}
# A change of access that nobody hears of is how accounts are taken over: it may be moved, never silenced.
NEVER_SILENT = frozenset({"security"})


@dataclass(frozen=True)
class OwnLimits:
    """Limits that the customer set, in minor units of one currency; None where there is none.

    The bank's limits hold as well, so a customer can only tighten.
    """

    order_minor: int | None = None
    day_minor: int | None = None
    week_minor: int | None = None
    month_minor: int | None = None


def complete(preferences: Mapping[str, Any] | None) -> dict[str, Any]:
    """Everything, with the default wherever the customer said nothing. Products not named are switched on."""
    said = preferences or {}
    told = said.get("notifications") or {}
    return {
        "default_account": said.get("default_account"),
        "language": said.get("language") or LANGUAGES[0],
        "notifications": {
            event: list(told.get(event, channels)) for event, channels in EVENTS.items()
        },
        "products": {
            name: complete_product(product)
            for name, product in (said.get("products") or {}).items()
        },
    }


def complete_product(product: Mapping[str, Any] | None) -> dict[str, Any]:
    """The switches and own limits of one product, with their defaults: on, and no limit."""
    said = product or {}
    limits = said.get("limits") or {}
    return {
        **{switch: bool(said.get(switch, True)) for switch in SWITCHES},
        "limits": {name: limits.get(name) for name in OWN_LIMITS},
    }


def check_channels(event: str, channels: list[str]) -> None:
    """Raises Invalid (`event_unknown`, `channel_needed`)."""
    if event not in EVENTS:
        raise Invalid("event_unknown", f"Use one of: {', '.join(EVENTS)}.")
    if event in NEVER_SILENT and not channels:
        raise Invalid("channel_needed", "This notice can be moved, but not silenced.")


def is_on(preferences: Mapping[str, Any] | None, *, product: str, switch: str) -> bool:
    """Whether the customer lets the product do this (one of SWITCHES)."""
    on: bool = _of_product(preferences, product)[switch]
    return on


def own_limits(preferences: Mapping[str, Any] | None, *, product: str, currency: str) -> OwnLimits:
    """The customer's own limits for payments in `currency`; one in another currency says nothing of them."""
    limits = _of_product(preferences, product)["limits"]
    found = {
        f"{name}_minor": limit["amount_minor"]
        for name, limit in limits.items()
        if limit is not None and limit["currency"] == currency
    }
    return OwnLimits(**found)


def _of_product(preferences: Mapping[str, Any] | None, product: str) -> dict[str, Any]:
    return complete_product(((preferences or {}).get("products") or {}).get(product))
