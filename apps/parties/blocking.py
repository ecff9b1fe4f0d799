"""Writes of the bank-wide list of blocked parties."""

from collections.abc import Mapping
from typing import Any

from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.parties import selectors
from apps.parties.domain.name_check import name_key
from apps.parties.models import BlockedParty, Payee
from apps.parties.services import suspend
from apps.parties.target import name_target, target_of
from dpms_site.changes import Change, change


def block_party(*, wanted: Mapping[str, Any], made: Change) -> tuple[BlockedParty, bool]:
    """The block, and whether it is new; every customer's payee that it names is SUSPENDED.

    Blocking the same party again finds the block and suspends what was left: after a failure half-way, repeat it.
    """
    if "name" in wanted:
        kind, target, shown = "name", name_target(wanted["name"]), wanted["name"]
        payees = Payee.objects.filter(name_key=name_key(wanted["name"]), status="ACTIVE")
    else:
        found = target_of(wanted, now=made.at)
        kind, target, shown = found.kind, found.key, found.shown
        payees = Payee.objects.filter(target=target, status="ACTIVE")
    party = selectors.blocked_party_of(target)
    is_new = party is None
    if party is None:
        party = BlockedParty.objects.create(
            id=new_id("blk", made.at),
            kind=kind,
            target=target,
            shown=shown,
            status="ACTIVE",
            created_at=made.at,
            **made.fields(),
        )
    for payee in payees:
        suspend(payee, made)
    return party, is_new


def lift_block(*, party_id: str, made: Change) -> BlockedParty:
    """LIFTED; payees that it suspended stay so until each is reinstated. Raises Conflict (`block_lifted`)."""
    party = selectors.blocked_party_by_id(party_id)
    if party.status != "ACTIVE":
        raise Conflict("block_lifted", "The block was lifted already.")
    return change(party, made, status="LIFTED")
