"""Accepting orders and commands: each is one insert, whose `_id` makes the same request twice one thing."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bson import Int64
from pymongo.errors import BulkWriteError, DuplicateKeyError

from apps.kernel.errors import DomainError, Invalid
from apps.kernel.failpoint import failpoint
from apps.kernel.ids import derived_id, new_id, order_id
from apps.transactions import selectors
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.checks import check_currency, check_party, check_reach, payee_of
from apps.transactions.domain.execution_day import check_day
from apps.transactions.domain.lifecycle import LIFECYCLES, Driver
from apps.transactions.domain.order import Actor, accepted
from apps.transactions.products.registry import product
from apps.transactions.selectors import Surroundings
from apps.transactions.submission import Requester, Submission
from dpms_site.mongodb import Document, collection

_DUPLICATE_KEY = 11000
# Of orders of any kind; what the clock asks is none of them.
_COMMANDS = frozenset(name for each in LIFECYCLES.values() for name in each.commands)


class Asked(Protocol):
    """What tells a repeated request from a reused key, whatever kind of order was asked for."""

    @property
    def idempotency_key(self) -> str: ...

    def body_hash(self) -> str:
        """The hash that the order keeps."""


@dataclass(frozen=True)
class Accepted:
    """The order as it was at acceptance; `is_replay` when an earlier request made it."""

    document: Document
    is_replay: bool


def accept_order(submission: Submission, *, requester: Requester, now: datetime) -> Accepted:
    """The order, accepted now or by the same request before.

    Raises a DomainError when it can't be accepted, and then nothing is written. A database error means that the
    outcome is unknown.
    """

    def document() -> Document:
        surroundings = selectors.surroundings_of([submission])
        return order_document(submission, surroundings, requester=requester, now=now)

    return accept_once(submission, document, client=requester.client)


def accept_once(submission: Asked, document_of: Callable[[], Document], *, client: str) -> Accepted:
    """The order that `document_of` makes, inserted, or as the same request made it before. Raises as `accept_order`."""
    key = order_id(client, submission.idempotency_key)
    try:
        document = document_of()
    except DomainError:
        # The payee may be gone by now: an order that was accepted before keeps its answer.
        earlier = selectors.written_by_id("orders", [key])
        if key not in earlier:
            raise
        return _replayed(earlier[key], submission)
    failpoint("accept.before_insert")
    try:
        collection("orders").insert_one(document)
    except DuplicateKeyError:
        return _replayed(selectors.written_by_id("orders", [key])[key], submission)
    failpoint("accept.after_insert")
    return Accepted(document, is_replay=False)


def accept_orders(
    submissions: Sequence[Submission], *, requester: Requester, now: datetime
) -> list[Accepted | DomainError]:
    """Each submission's result, in order: accepted for itself, whatever becomes of the others."""
    surroundings = selectors.surroundings_of(submissions)
    results: dict[int, Accepted | DomainError] = {}
    documents: dict[int, Document] = {}
    for place, submission in enumerate(submissions):
        try:
            documents[place] = order_document(
                submission, surroundings, requester=requester, now=now
            )
        except DomainError as refusal:
            results[place] = refusal
    failpoint("accept_batch.before_insert")
    known = _insert_all(documents)
    failpoint("accept_batch.after_insert")
    keys = {
        place: order_id(requester.client, submissions[place].idempotency_key)
        for place in (*results, *known)
    }
    earlier = selectors.written_by_id("orders", keys.values()) if keys else {}
    for place, key in keys.items():
        if key in earlier:
            results[place] = _replayed_or_refused(earlier[key], submissions[place])
    for place, document in documents.items():
        results.setdefault(place, Accepted(document, is_replay=False))
    return [results[place] for place in range(len(submissions))]


def _insert_all(documents: Mapping[int, Document]) -> list[int]:
    """The places whose orders exist already; all others are inserted when this returns."""
    if not documents:
        return []
    places = list(documents)
    try:
        collection("orders").insert_many(list(documents.values()), ordered=False)
    except BulkWriteError as error:
        failures = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(
            failure["code"] != _DUPLICATE_KEY for failure in failures
        ):
            raise
        return [places[failure["index"]] for failure in failures]
    return []


def order_document(
    submission: Submission, surroundings: Surroundings, *, requester: Requester, now: datetime
) -> Document:
    """The order to insert. Raises what `check_submission` and `check_day` raise."""
    check_day(submission.execute_on, now, BUSINESS_CALENDAR)
    payee = _checked_payee(submission, surroundings)
    order = accepted(
        order_id=order_id(requester.client, submission.idempotency_key),
        client=requester.client,
        idempotency_key=submission.idempotency_key,
        body_hash=submission.body_hash(),
        product=submission.product,
        debtor_customer=submission.customer,
        debtor_account=submission.account,
        payee=submission.payee,
        payee_name=payee["name"],
        alias_key=payee["alias"]["key"] if payee["alias"] else None,
        money=submission.money,
        reference=submission.reference,
        memo=submission.memo,
        request_id=requester.request_id,
        now=now,
        execute_on=submission.execute_on.isoformat() if submission.execute_on else None,
    )
    return {**order, "amount_minor": Int64(order["amount_minor"])}


def check_submission(submission: Submission) -> None:
    """Raises what the customer can be told at once; funds and limits are the flow's to decide."""
    _checked_payee(submission, selectors.surroundings_of([submission]))


def _checked_payee(submission: Submission, surroundings: Surroundings) -> Document:
    offered = product(submission.product)
    check_currency(offered, submission.money.currency)
    check_party(
        surroundings,
        side="/debtor",
        customer=submission.customer,
        account=submission.account,
        product=submission.product,
        currency=submission.money.currency,
        switch="send",
    )
    payee = payee_of(surroundings, submission.payee, customer=submission.customer)
    check_reach(offered, payee)
    return payee


def _replayed(earlier: Document, submission: Asked) -> Accepted:
    if earlier["body_hash"] != submission.body_hash():
        detail = "This Idempotency-Key was used with another body."
        raise Invalid("idempotency_key_reused", detail)
    return Accepted(as_accepted(earlier), is_replay=True)


def _replayed_or_refused(earlier: Document, submission: Submission) -> Accepted | DomainError:
    try:
        return _replayed(earlier, submission)
    except DomainError as refusal:
        return refusal


# What a client's order lacks at its acceptance and later steps set, by kind.
_AT_FIRST: dict[str, Document] = {
    "send": {"creditor": None, "limit_day": None},
    "request": {"payer": None, "payment": None},
}


def as_accepted(order: Document) -> Document:
    """The order as it was at version 1, which every later step left inside it."""
    first = order["history"][0]
    return {
        **order,
        "status": first["status"],
        "iso_status": first["iso_status"],
        "reason": first["reason"],
        "final": False,
        "version": 1,
        "history": [first],
        **_AT_FIRST[order["kind"]],
        "due_at": None,
        "due_event": None,
        "updated_at": order["created_at"],
    }


def request_command(
    *,
    order: str,
    command: str,
    reason: str,
    actor: Actor | None,
    requester: Requester,
    idempotency_key: str | None,
    now: datetime,
) -> tuple[Document, bool]:
    """The command, durable, and whether an earlier request made it; the flow decides what becomes of it.

    `actor` None: the client, for whichever of its customers the command is one of. Raises NotFound
    (`order_not_found`), Invalid (`command_unknown`) when the order's lifecycle does not know the command.
    """
    if command not in _COMMANDS:
        known = ", ".join(sorted(_COMMANDS))
        raise Invalid("command_unknown", f"Use a command that exists: {known}.", "/type")
    about = selectors.order_by_id(order)
    commands = LIFECYCLES[about["kind"]].commands
    if command not in commands:
        known = ", ".join(sorted(commands))
        detail = f"Use a command that a {about['kind']} order knows: {known}."
        raise Invalid("command_unknown", detail, "/type")
    by = actor or _client_as(commands[command], requester)
    document = {
        "_id": derived_id("cmd", requester.client, order, idempotency_key)
        if idempotency_key
        else new_id("cmd", now),
        "type": command,
        "kind": about["kind"],
        "order": order,
        "actor": dict(by),
        "reason": reason,
        "client": requester.client,
        "request_id": requester.request_id,
        "created_at": now,
        "route": about["route"],
    }
    failpoint("command.before_insert")
    try:
        collection("commands").insert_one(document)
    except DuplicateKeyError:
        command_id = document["_id"]
        earlier = selectors.written_by_id("commands", [command_id])[command_id]
        if (earlier["type"], earlier["reason"]) != (command, reason):
            detail = "This Idempotency-Key was used with another body."
            raise Invalid("idempotency_key_reused", detail) from None
        return earlier, True
    failpoint("command.after_insert")
    return document, False


def _client_as(drivers: Set[Driver], requester: Requester) -> Actor:
    """The recipient of what only a recipient asks; otherwise the customer, whom the flow may refuse."""
    is_recipients = Driver.RECIPIENT in drivers and Driver.CUSTOMER not in drivers
    driver = Driver.RECIPIENT if is_recipients else Driver.CUSTOMER
    return Actor(kind=driver.value, id=requester.client)
