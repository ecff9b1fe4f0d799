"""What of a message is stored beside its XML, for selections, pages and flows: never a full account number."""

from dataclasses import asdict
from datetime import date
from typing import Any

from apps.kernel.money import Money
from apps.rails.domain.ids import ACCOUNT_TOKEN, OWN_ACCOUNT
from apps.rails.domain.messages import Message, Party, PaymentRequestAnswer, StatusReport


def fields_of(message: Message) -> dict[str, Any]:
    """Its own words: amounts as `{amount_minor, currency}`, dates as text, account numbers cut to four digits."""
    found = {name: _plain(getattr(message, name)) for name in message.__dataclass_fields__}
    if isinstance(message, StatusReport | PaymentRequestAnswer):
        found["verdict"] = message.verdict
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Party):
        return _party(value)
    if isinstance(value, Money):
        return {"amount_minor": value.amount_minor, "currency": value.currency}
    if type(value) is date:
        return value.isoformat()
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _party(party: Party) -> dict[str, Any]:
    number = party.iban or party.account
    is_id = party.iban is None and (number or "").startswith((OWN_ACCOUNT, ACCOUNT_TOKEN))
    return {
        "name": party.name,
        "bank": party.bank,
        "alias": party.alias,
        "account": number if is_id else None,
        "account_last4": number[-4:] if number and not is_id else None,
    }
