"""Messages of networks as pages show them: what they are in plain words, what became of them, their fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.access.roles import Sight
from apps.console import masking
from apps.console.marks import Mark, mark_of_message
from apps.console.masking import short
from apps.console.rows import grouped
from apps.kernel.clock import rfc3339
from apps.rails.networks.registry import NETWORKS

Document = Mapping[str, Any]

# ISO 20022 message types by what they do here.
TYPES = {
    "pacs.008": "Payment",
    "pacs.002": "Payment status",
    "pacs.004": "Payment return",
    "pacs.028": "Status enquiry",
    "camt.056": "Recall",
    "camt.029": "Recall answer",
    "camt.055": "Request withdrawal",
    "pain.013": "Request to pay",
    "pain.014": "Request answer",
}
DIRECTIONS = {"out": "Sent", "in": "Came in"}


@dataclass(frozen=True)
class ShownMessage:
    """A message; `verdict` is what an answer says, `receipt` what the network said on the wire to one of ours."""

    id: str
    direction: str
    way: str
    network: str
    type: str
    name: str
    plain: str
    message_id: str
    end_to_end_id: str
    amount: str
    currency: str
    order: str
    short_order: str
    verdict: Mark | None
    codes: str
    receipt: Mark | None
    http_status: int | None
    answer: str
    receipt_at: datetime | None
    made_by: str
    created_at: datetime


def shown_message(message: Document, receipt: Document | None) -> ShownMessage:
    fields, order = message["fields"], _order_of(message)
    verdict = fields.get("verdict")
    amount = fields.get("amount")
    is_ours = message["direction"] == "out"
    state = receipt["state"] if receipt else "WAITING"
    return ShownMessage(
        id=message["_id"],
        direction=message["direction"],
        way=DIRECTIONS.get(message["direction"], ""),
        network=network_title(message["network"]),
        type=message["type"],
        name=message.get("name") or message["type"],
        plain=TYPES.get(message["type"], "Message"),
        message_id=message["message_id"],
        end_to_end_id=message["end_to_end_id"] or "",
        amount=grouped(amount["amount_minor"], amount["currency"]) if amount else "",
        currency=amount["currency"] if amount else "",
        order=order,
        short_order=short(order),
        verdict=mark_of_message(verdict) if verdict else None,
        codes=" ".join(filter(None, (fields.get(name) for name in _CODES))),
        receipt=mark_of_message(state) if is_ours else None,
        http_status=receipt["http_status"] if receipt else None,
        answer=masking.text(receipt["answer"], Sight.MASKED) if receipt else "",
        receipt_at=receipt["at"] if receipt else None,
        made_by=message.get("made_by") or "",
        created_at=message["created_at"],
    )


def _order_of(message: Document) -> str:
    """The order that it is about, or that it became: a payment or a request that comes in is about none before."""
    became = message["direction"] == "in" and message["type"] in ("pacs.008", "pain.013")
    route = (message.get("route") or {}) if became else {}
    return message.get("order") or route.get("order") or ""


_CODES = ("status", "answer", "reason")


def network_title(name: str) -> str:
    return NETWORKS[name].title if name in NETWORKS else name


def shown_fields(message: Document, sight: Sight) -> list[tuple[str, str, bool]]:
    """Each field that has a value, with its path in words and whether it is an identifier or a code.

    Contact points are as the sight shows them.
    """
    aliases = list(_aliases(message["fields"]))
    return [
        (_words(path), _field(path[-1], value, sight, aliases), path[-1] in _IDENTIFIERS)
        for path, value in _leaves(message["fields"])
        if path != ("TYPE",)
    ]


def _words(path: tuple[str, ...]) -> str:
    words = " ".join(path).replace("_", " ").removesuffix(" last4")
    words = words.replace("end to end", "end-to-end").replace("uetr", "UETR")
    return words[0].upper() + words[1:]


_IDENTIFIERS = frozenset(
    ("message_id", "message_type", "end_to_end_id", "uetr", "return_id", "case_id", *_CODES)
)


def aliases_in(message: Document) -> list[str]:
    """The e-mail addresses and phone numbers that its fields name."""
    return list(_aliases(message["fields"]))


def _aliases(fields: Document) -> Iterator[str]:
    for path, value in _leaves(fields):
        if path[-1] == "alias":
            yield str(value).partition(":")[2] or str(value)


def _leaves(fields: Document, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in fields.items():
        if value is None:
            continue
        if isinstance(value, Mapping) and "amount_minor" not in value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _field(name: str, value: Any, sight: Sight, aliases: list[str]) -> str:
    if isinstance(value, Mapping):
        return f"{grouped(value['amount_minor'], value['currency'])} {value['currency']}"
    if isinstance(value, datetime):
        return rfc3339(value).replace("T", " ").replace("Z", " UTC")
    if name == "alias":
        return masking.contact(str(value).partition(":")[2] or str(value), sight)
    if name == "account_last4":
        return f"••••{value}"
    if name in ("account", "iban"):
        return masking.named_account(str(value))
    return masking.text(str(value), sight, *aliases)
