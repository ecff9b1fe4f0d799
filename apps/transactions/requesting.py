"""Accepting money requests: the checks that a customer is told at once, and the same one insert as of send orders."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bson import Int64

from apps.kernel.errors import DomainError, Invalid
from apps.kernel.ids import order_id
from apps.parties.directory import directory_lookup
from apps.transactions import selectors
from apps.transactions.checks import check_currency, check_party, payee_of
from apps.transactions.domain.order import Party
from apps.transactions.domain.product import Product
from apps.transactions.domain.request_order import Share, requested
from apps.transactions.products.registry import product
from apps.transactions.request_submission import RequestSubmission
from apps.transactions.services import Accepted, accept_once
from apps.transactions.submission import Requester
from dpms_site.mongodb import Document


class DirectoryAway(DomainError):
    """A network's directory does not answer, and nothing is kept of what it said before."""


def accept_request(
    submission: RequestSubmission, *, requester: Requester, now: datetime
) -> Accepted:
    """The request, accepted now or by the same request before; safe to repeat as `services.accept_order` is.

    Raises a DomainError when it can't be accepted, and then nothing is written. A database error means that the
    outcome is unknown.
    """
    return accept_once(
        submission,
        lambda: request_document(submission, requester=requester, now=now),
        client=requester.client,
    )


def request_document(
    submission: RequestSubmission, *, requester: Requester, now: datetime
) -> Document:
    """The order to insert. Raises a DomainError that names the field."""
    offered = product(submission.product)
    payer_name, alias_key, shares = _checked_payers(submission, offered)
    _look_up([alias_key] if alias_key else [share["alias_key"] for share in shares or ()])
    order = requested(
        order_id=order_id(requester.client, submission.idempotency_key),
        client=requester.client,
        product=submission.product,
        creditor=Party(customer=submission.customer, account=submission.account),
        payer_name=payer_name,
        alias_key=alias_key,
        money=submission.money,
        expires_at=_expiry(submission.expires_at, offered, now),
        reference=submission.reference,
        memo=submission.memo,
        request_id=requester.request_id,
        now=now,
        shares=shares,
    )
    document = {
        **order,
        "amount_minor": Int64(order["amount_minor"]),
        "idempotency_key": submission.idempotency_key,
        "body_hash": submission.body_hash(),
    }
    if submission.payee is not None:
        document["payee"] = submission.payee
    if submission.expires_at is not None:
        document["is_expiry_asked"] = True
    return document


def _checked_payers(
    submission: RequestSubmission, offered: Product
) -> tuple[str, str | None, list[Share] | None]:
    """Name and alias key of the payer, or the shares of a split, whose parent has neither."""
    if "alias" not in offered.targets:
        detail = f"{offered.title} carries no requests."
        raise Invalid("product_without_requests", detail, "/product")
    check_currency(offered, submission.money.currency)
    surroundings = selectors.surroundings_of([submission])
    check_party(
        surroundings,
        side="/creditor",
        customer=submission.customer,
        account=submission.account,
        product=submission.product,
        currency=submission.money.currency,
    )
    if submission.payee is not None:
        payee = payee_of(surroundings, submission.payee, customer=submission.customer)
        if payee["alias"] is None:
            detail = "A request goes to an e-mail address or phone number."
            raise Invalid("payee_without_alias", detail, "/payee")
        payer: tuple[str, str | None] = payee["name"], payee["alias"]["key"]
        shares = None
    elif submission.payer is not None:
        payer, shares = submission.payer, None
    else:
        payer = f"{len(submission.shares)} payers", None
        shares = list(_shares(submission))
    _refuse_own(submission, payer[1])
    return *payer, shares


def _look_up(alias_keys: Iterable[str]) -> None:
    """Asks the directory for who is asked, so that the flow, which asks nobody, knows another bank's customers.

    Raises DirectoryAway (`directory_away`) at the first that nobody can tell of: taken, the request would be rejected
    as one to nobody.
    """
    for key in alias_keys:
        kind, _, value = key.partition(":")
        if directory_lookup(kind, value).place == "UNKNOWN":
            detail = "Who has the payer's address can't be told just now. Send the same again."
            raise DirectoryAway("directory_away", detail)


def _shares(submission: RequestSubmission) -> Iterator[Share]:
    currency = submission.money.currency
    for number, share in enumerate(submission.shares):
        if share.money.currency != currency:
            detail = f"Ask every payer for {currency}, as the amount is."
            raise Invalid("share_currency", detail, f"/shares/{number}/amount/currency")
        yield Share(
            payer_name=share.name,
            alias_key=share.alias_key,
            amount_minor=Int64(share.money.amount_minor),
        )


def _refuse_own(submission: RequestSubmission, alias_key: str | None) -> None:
    """Raises Invalid (`request_to_oneself`) when one who is asked is the one who asks."""
    asked = {f"/shares/{n}/alias": each.alias_key for n, each in enumerate(submission.shares)}
    if alias_key is not None:
        asked["/payee" if submission.payee else "/payer/alias"] = alias_key
    own = selectors.own_aliases(submission.customer, asked.values())
    for pointer, key in asked.items():
        if key in own:
            detail = "This address is the requester's own; ask somebody else."
            raise Invalid("request_to_oneself", detail, pointer)


def _expiry(asked: datetime | None, offered: Product, now: datetime) -> datetime:
    latest = now + timedelta(days=offered.request_days)
    if asked is None:
        return latest
    if asked <= now:
        raise Invalid("expires_at_past", "This time is past.", "/expires_at")
    if asked > latest:
        detail = f"{offered.title} keeps a request for at most {offered.request_days} days."
        raise Invalid("expires_at_too_far", detail, "/expires_at")
    return asked
