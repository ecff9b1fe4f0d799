"""Identifiers on the wire: ISO 20022 allows 35 characters, so ours travel without their prefix.

All of them derive from what they stand for: the same step of the same order is the same message, whoever makes it.
"""

import hashlib
import uuid

from apps.kernel.ids import derived_id

# Max35Text: message, end-to-end, case and assignment identifiers (ISO 20022 data dictionary).
WIRE_ID_LENGTH_MAX = 35
ACCOUNT = "acc_"
# How ids begin that name an account without being its number: of ours, and of one at another bank (its token).
OWN_ACCOUNT, ACCOUNT_TOKEN = "acc_", "num_"


def outgoing_id(order: str, *, step: str, kind: str) -> str:
    """The document id ("msg_…") of the message of that kind which that step of the order (its version) sends."""
    return derived_id("msg", "out", order, step, kind)


def inbound_id(network: str, message_id: str) -> str:
    """The document id of a network's message: a redelivery is the same document."""
    return derived_id("msg", "in", network, message_id)


def inbound_order_id(network: str, end_to_end_id: str) -> str:
    """The order that an inbound payment or request becomes: one for each end-to-end id of a network."""
    return derived_id("ord", "in", network, end_to_end_id)


def on_the_wire(identifier: str) -> str:
    """An id of ours without its prefix: "msg_abc" travels as "abc", "ord_abc" as the end-to-end id "abc"."""
    return identifier.partition("_")[2]


def account_on_the_wire(account: str | None) -> str | None:
    """An account of ours as messages name it: its id without prefix, since 34 characters are the most (Max34Text)."""
    return account.removeprefix(ACCOUNT) if account else None


def account_of_wire(named: str) -> str:
    """The id of the account of ours that a message names, with or without its prefix."""
    return named if named.startswith(ACCOUNT) else f"{ACCOUNT}{named}"


def uetr_of(end_to_end_id: str) -> str:
    """The Unique End-to-end Transaction Reference: a UUID of version 4's form, derived from the end-to-end id."""
    digest = hashlib.sha256(f"uetr:{end_to_end_id}".encode()).digest()[:16]
    return str(uuid.UUID(bytes=digest, version=4))
