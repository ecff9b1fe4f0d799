"""Writes of customers' payees: adding, renaming, checking the name again, suspending, removing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.parties import selectors
from apps.parties.directory import directory_lookup
from apps.parties.domain.directory import UNKNOWN, Listing
from apps.parties.domain.evidence import alias_moved, is_suspended
from apps.parties.domain.name_check import NameCheck, name_check, name_key
from apps.parties.domain.trust import Trust, trust_of
from apps.parties.models import Payee
from apps.parties.selectors import KnownPayee, known_payee
from apps.parties.target import name_target, target_of
from apps.profiles.selectors import customer_by_id
from dpms_site.changes import Change, change


@dataclass(frozen=True)
class _Check:
    """A name beside what the directory says of the alias: what the payee keeps of it."""

    outcome: NameCheck
    listing: Listing = field(repr=False)

    @property
    def is_answered(self) -> bool:
        return self.listing is not UNKNOWN


def add_payee(*, customer_id: str, wanted: Mapping[str, Any], made: Change) -> KnownPayee:
    """`wanted` names the payee by exactly one of `alias`, `account` and `iban`.

    Raises Conflict: `payee_blocked` when the bank blocks that alias or account; `payee_duplicate` when the customer has
    it already and did not ask for a second. Two requests at once may both add it: a nuisance that breaks nothing. Under
    a blocked name, or when the customer's payee of the same target is suspended, it is added SUSPENDED.
    """
    customer = customer_by_id(customer_id)
    target = target_of(wanted, now=made.at)
    _refuse_blocked(target.key, f"/{target.kind}")
    earlier = selectors.payees_with_target(customer.id, target.key)
    if not wanted["allow_duplicate"]:
        _refuse_duplicate(earlier, f"/{target.kind}")
    check = _checked(wanted["name"], target.fields["alias"], is_fresh=False)
    begins_suspended = _is_suspended_elsewhere(earlier) or _is_name_blocked(wanted["name"])
    payee = Payee.objects.create(
        id=new_id("pay", made.at),
        customer=customer.id,
        kind=wanted["kind"],
        name=wanted["name"],
        name_key=name_key(wanted["name"]),
        nickname=wanted["nickname"],
        **target.fields,
        target=target.key,
        trust=(Trust.SUSPENDED if begins_suspended else Trust.NEW).value,
        name_check=check.outcome.value,
        checked_at=made.at,
        owner=check.listing.owner,
        known_since=made.at,
        counted_from=None,
        status="SUSPENDED" if begins_suspended else "ACTIVE",
        created_at=made.at,
        **made.fields(),
    )
    return known_payee(_suspended_if_blocked(payee, made))


def rename_payee(
    *, customer_id: str, payee_id: str, wanted: Mapping[str, Any], made: Change
) -> KnownPayee:
    """Another name is compared anew; a blocked one suspends. Raises Conflict (`version_conflict`, `payee_removed`)."""
    payee = _kept_payee(customer_id, payee_id)
    if payee.version != wanted["version"]:
        detail = f"The payee is at version {payee.version}; read it again."
        raise Conflict("version_conflict", detail, "/version")
    fields = {name: wanted[name] for name in ("name", "nickname") if name in wanted}
    if wanted.get("name", payee.name) != payee.name:
        fields |= {"name_key": name_key(wanted["name"])}
        fields |= _check_fields(payee, _checked(wanted["name"], payee.alias), made)
        if _is_name_blocked(wanted["name"]):
            fields |= {"status": "SUSPENDED", "trust": Trust.SUSPENDED.value}
    return known_payee(_suspended_if_blocked(change(payee, made, **fields), made))


def check_payee(*, customer_id: str, payee_id: str, made: Change) -> KnownPayee:
    """The name compared with what the networks say now. When none of them answers, the earlier outcome stands."""
    payee = _kept_payee(customer_id, payee_id)
    check = _checked(payee.name, payee.alias)
    if not check.is_answered:
        return known_payee(payee)
    return known_payee(change(payee, made, **_check_fields(payee, check, made)))


def suspend_payee(*, customer_id: str, payee_id: str, made: Change) -> KnownPayee:
    payee = _kept_payee(customer_id, payee_id)
    if is_suspended(selectors.facts_of(payee)):
        raise Conflict("payee_suspended", "The payee is suspended already.")
    return known_payee(suspend(payee, made))


def reinstate_payee(*, customer_id: str, payee_id: str, made: Change) -> KnownPayee:
    """NEW again: age and payments count from now. Raises Conflict (`payee_not_suspended`, `payee_blocked`)."""
    payee = _kept_payee(customer_id, payee_id)
    if trust_of(known_payee(payee).evidence) is not Trust.SUSPENDED:
        raise Conflict("payee_not_suspended", "The payee is not suspended.")
    for target in (payee.target, name_target(payee.name)):
        if target is not None:
            _refuse_blocked(target, "")
    check = _checked(payee.name, payee.alias)
    fields = _check_fields(payee, check, made) | _beginning(payee, made)
    return known_payee(change(payee, made, **fields, status="ACTIVE", trust=Trust.NEW.value))


def remove_payee(*, customer_id: str, payee_id: str, made: Change) -> None:
    """REMOVED; removing it again changes nothing. Raises Conflict (`payee_has_open_orders`) that names the orders.

    An order that is accepted at the same moment finds the payee removed when it is decided, and is rejected.
    """
    payee = selectors.payee_of_customer(customer_id, payee_id)
    if payee.status == "REMOVED":
        return
    orders = selectors.open_orders_to(payee)
    if orders:
        named = ", ".join(orders[: selectors.ORDERS_NAMED_MAX])
        more = " and more" if len(orders) > selectors.ORDERS_NAMED_MAX else ""
        detail = f"Orders to the payee are under way: {named}{more}. Cancel them or wait."
        raise Conflict("payee_has_open_orders", detail)
    # What it was trusted at the end stays written: a suspension outlives the record.
    change(payee, made, status="REMOVED", trust=trust_of(known_payee(payee).evidence).value)


def suspend(payee: Payee, made: Change) -> Payee:
    return change(payee, made, status="SUSPENDED", trust=Trust.SUSPENDED.value)


def _kept_payee(customer_id: str, payee_id: str) -> Payee:
    payee = selectors.payee_of_customer(customer_id, payee_id)
    if payee.status == "REMOVED":
        raise Conflict("payee_removed", "The payee was removed.")
    return payee


def _checked(name: str, alias: Mapping[str, Any] | None, *, is_fresh: bool = True) -> _Check:
    """UNAVAILABLE for an account: no network tells whose it is."""
    if alias is None:
        return _Check(NameCheck.UNAVAILABLE, Listing("NOBODY"))
    listing = directory_lookup(alias["kind"], alias["value"], is_fresh=is_fresh)
    return _Check(name_check(name, listing.owner_name), listing)


def _check_fields(payee: Payee, check: _Check, made: Change) -> dict[str, Any]:
    """A new owner of the alias is a new beginning. Without an answer nothing is said about the owner."""
    fields: dict[str, Any] = {"name_check": check.outcome.value, "checked_at": made.at}
    if not check.is_answered:
        return fields
    if alias_moved(payee.owner, check.listing.owner):
        fields |= _beginning(payee, made) | {"trust": Trust.NEW.value}
    return {**fields, "owner": check.listing.owner}


def _beginning(payee: Payee, made: Change) -> dict[str, Any]:
    stats = selectors.stats_of([payee.id])[payee.id]
    counted_from = {"completed": stats.completed, "returned": stats.returned}
    return {"known_since": made.at, "counted_from": counted_from}


def _suspended_if_blocked(payee: Payee, made: Change) -> Payee:
    """A block made at the same moment either finds the payee, which is written before this looks, or is found here."""
    targets = [target for target in (payee.target, name_target(payee.name)) if target]
    if payee.status == "ACTIVE" and any(map(selectors.blocked_party_of, targets)):
        return suspend(payee, made)
    return payee


def _refuse_blocked(target: str, pointer: str) -> None:
    if selectors.blocked_party_of(target) is not None:
        raise Conflict("payee_blocked", "The bank does not pay to this payee.", pointer)


def _refuse_duplicate(earlier: list[Payee], pointer: str) -> None:
    same = next((payee for payee in earlier if payee.status != "REMOVED"), None)
    if same is not None:
        detail = (
            f"This is the payee {same.id} already; for a second one send allow_duplicate: true."
        )
        raise Conflict("payee_duplicate", detail, pointer)


def _is_suspended_elsewhere(earlier: list[Payee]) -> bool:
    """Adding a suspended payee once more does not lift the suspension, nor does removing it before."""
    return any(
        trust_of(known.evidence) is Trust.SUSPENDED for known in selectors.known_payees(earlier)
    )


def _is_name_blocked(name: str) -> bool:
    """Names are not unique, so a blocked one suspends and does not refuse: a person decides."""
    return selectors.blocked_party_of(name_target(name)) is not None
