"""Writes of aliases: enrolment, the code that proves one, removal, and moving to another owner."""

from django.db import IntegrityError

from apps.kernel.errors import Conflict
from apps.kernel.ids import new_id
from apps.ledger.selectors import open_account_of
from apps.profiles import selectors
from apps.profiles.codes import code_hash, is_code, new_code
from apps.profiles.domain import code as code_rules
from apps.profiles.domain.alias import key_of
from apps.profiles.domain.lifecycle import check_pays
from apps.profiles.models import Alias
from dpms_site.changes import Change, change, together

_PURPOSE = "alias-code"


def enrol_alias(
    *, customer_id: str, kind: str, value: str, account_id: str, moves: bool, made: Change
) -> tuple[Alias, str]:
    """The alias, PENDING, and the code that activates it. `value` is normalised.

    With `moves` the proof takes it from whoever owns it then. Raises Conflict (`customer_not_active`, `account_closed`,
    `alias_taken`, `codes_too_many`), NotFound (`customer_not_found`, `account_not_found`).
    """
    customer = selectors.customer_by_id(customer_id)
    check_pays(customer.status)
    open_account_of(customer.id, account_id, pointer="/account")
    key = key_of(kind, value)
    if not moves and selectors.active_alias(key) is not None:
        raise _taken("/value")
    since = made.at - code_rules.CODE_LIFE[kind]
    code_rules.check_may_send(selectors.aliases_enrolled(customer.id, key, after=since))
    code = new_code()
    alias_id = new_id("als", made.at)
    alias = Alias.objects.create(
        id=alias_id,
        kind=kind,
        value=value,
        key=key,
        customer=customer.id,
        account=account_id,
        status="PENDING",
        moves=moves,
        code_hash=code_hash(_PURPOSE, alias_id, code),
        created_at=made.at,
        **made.fields(),
    )
    return alias, code


def verify_alias(*, alias_id: str, code: str, made: Change) -> Alias:
    """ACTIVE when the code is right, and REMOVED for the owner it moves away from: both at once.

    Two who prove the same alias at once: the unique index lets one through, and one that moves comes after the other.
    Raises Conflict (`alias_not_pending`, `code_spent`, `code_expired`, `code_wrong`, `alias_taken`,
    `customer_not_active`).
    """
    alias = selectors.alias_by_id(alias_id)
    if alias.status != "PENDING":
        raise Conflict("alias_not_pending", f"The alias is {alias.status}.")
    code_rules.check_usable(
        kind=alias.kind, sent_at=alias.created_at, tries=alias.code_tries, now=made.at
    )
    if not is_code(alias.code_hash, _PURPOSE, alias.id, code):
        change(alias, made, code_tries=alias.code_tries + 1)
        raise Conflict("code_wrong", "The code is not the one that was sent.", "/code")
    check_pays(selectors.customer_by_id(alias.customer).status)
    try:
        proved = together(lambda: _taken_over(alias_id, made))
    except IntegrityError:
        raise _taken("") from None
    return _still_theirs(proved, made)


def remove_alias(*, customer_id: str, alias_id: str, made: Change) -> None:
    """REMOVED; removing it again changes nothing."""
    alias = selectors.alias_of_customer(customer_id, alias_id)
    if alias.status != "REMOVED":
        change(alias, made, status="REMOVED")


def release_alias(*, key: str, made: Change) -> bool:
    """The alias moved to another bank: whoever owns it here owns it no longer. False when nobody here does."""
    alias = selectors.active_alias(key)
    if alias is None:
        return False
    change(alias, made, status="REMOVED")
    return True


def _taken_over(alias_id: str, made: Change) -> Alias:
    """The old owner's goes first, so that the index holds at every step."""
    alias = selectors.alias_by_id(alias_id)
    if alias.status != "PENDING":
        raise Conflict("alias_not_pending", f"The alias is {alias.status}.")
    owned_since = made.at
    owner = selectors.active_alias(alias.key)
    if owner is not None:
        if not alias.moves:
            raise _taken("")
        if owner.customer == alias.customer:
            owned_since = owner.owned_since or owner.created_at
        change(owner, made, status="REMOVED")
    return change(alias, made, status="ACTIVE", owned_since=owned_since)


def _still_theirs(alias: Alias, made: Change) -> Alias:
    """Un-enrolment that went on meanwhile may have released the aliases before this one was among them."""
    status = selectors.customer_by_id(alias.customer).status
    try:
        check_pays(status)
    except Conflict:
        change(alias, made, status="REMOVED")
        raise
    return alias


def _taken(pointer: str) -> Conflict:
    detail = "The alias is active for another enrolment. With `move` its code moves it here."
    return Conflict("alias_taken", detail, pointer)
