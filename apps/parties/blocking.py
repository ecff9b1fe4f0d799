"""Writes of the bank-wide list of blocked parties."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.parties import selectors
from apps.parties.domain.name_check import name_key
from apps.parties.models import BlockedParty, Payee
from apps.parties.services import suspend
from apps.parties.target import Target, name_target, target_of
from dpms_site.changes import Change, change


def block_party(*, wanted: Mapping[str, Any], made: Change) -> tuple[BlockedParty, bool]:
    """The block, and whether it is new; every customer's payee that it names is SUSPENDED.

    Blocking the same party again finds the block and suspends what was left: after a failure half-way, repeat it. Two
    who block it at once: the unique index lets one through, and the other finds its block.
    """
    target = _target(wanted, made)
    party, is_new = selectors.blocked_party_of(target.key), False
    if party is None:
        party, is_new = _inserted(target, made)
    for payee in _named_by(target, wanted):
        suspend(payee, made)
    return party, is_new


def lift_block(*, party_id: str, made: Change) -> BlockedParty:
    """LIFTED; payees that it suspended stay so until each is reinstated. Raises Conflict (`block_lifted`)."""
    party = selectors.blocked_party_by_id(party_id)
    if party.status != "ACTIVE":
        raise Conflict("block_lifted", "The block was lifted already.")
    return change(party, made, status="LIFTED")


def _target(wanted: Mapping[str, Any], made: Change) -> Target:
    if "name" in wanted:
        return Target("name", name_target(wanted["name"]), wanted["name"], {})
    return target_of(wanted, now=made.at)


def _inserted(target: Target, made: Change) -> tuple[BlockedParty, bool]:
    try:
        party = BlockedParty.objects.create(
            id=new_id("blk", made.at),
            kind=target.kind,
            target=target.key,
            shown=target.shown,
            status="ACTIVE",
            created_at=made.at,
            **made.fields(),
        )
    except IntegrityError:
        earlier = selectors.blocked_party_of(target.key)
        if earlier is None:
            raise
        return earlier, False
    return party, True


def _named_by(target: Target, wanted: Mapping[str, Any]) -> list[Payee]:
    active = Payee.objects.filter(status="ACTIVE")
    if target.kind == "name":
        return list(active.filter(name_key=name_key(wanted["name"])))
    return list(active.filter(target=target.key))
