"""Reads of the Payment Party subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.kernel.errors import NotFound
from apps.parties.account_numbers import full_number
from apps.parties.directory import owners_known
from apps.parties.domain.bank_account import FullNumber
from apps.parties.domain.evidence import FIELDS, evidence_of
from apps.parties.domain.payee_stats import PayeeStats, from_document
from apps.parties.domain.trust import Evidence, trust_of
from apps.parties.models import BlockedParty, Payee
from apps.transactions.sides import paid_by
from dpms_site.clock import platform_clock
from dpms_site.mongodb import Document, collection
from dpms_site.rest.pages import Page

ORDERS_NAMED_MAX = 10


@dataclass(frozen=True)
class KnownPayee:
    """A payee with what its trust is computed from at this moment."""

    payee: Payee
    evidence: Evidence


def payee_of_customer(customer_id: str, payee_id: str) -> Payee:
    """Also a removed one: orders name it."""
    payee = Payee.objects.filter(pk=payee_id, customer=customer_id).first()
    if payee is None:
        raise NotFound("payee_not_found", "The customer has no such payee.")
    return payee


def payees_page(customer_id: str, page: Page) -> list[KnownPayee]:
    rows = Payee.objects.filter(customer=customer_id).exclude(status="REMOVED")
    if page.after is not None:
        rows = rows.filter(page.after.as_q("created_at"))
    return known_payees(list(rows.order_by("-created_at", "-pk")[: page.limit + 1]))


def known_payee(payee: Payee) -> KnownPayee:
    return known_payees([payee])[0]


def known_payees(payees: Sequence[Payee]) -> list[KnownPayee]:
    """Each with its evidence; three reads however many. No network is asked."""
    now = platform_clock()
    stats = stats_of([payee.id for payee in payees])
    owners = owners_known(payee.alias["key"] for payee in payees if payee.alias)
    return [
        KnownPayee(payee, evidence_of(facts_of(payee), stats[payee.id], owners=owners, now=now))
        for payee in payees
    ]


def trusts_of(documents: Sequence[Document]) -> dict[str, str]:
    """The trust in each payee at this moment, by id, from the payees' documents."""
    stats = stats_of([document["_id"] for document in documents])
    owners = owners_known(each["alias"]["key"] for each in documents if each.get("alias"))
    now = platform_clock()
    trusts = {}
    for document in documents:
        facts = {name: document.get(name) for name in FIELDS}
        evidence = evidence_of(facts, stats[document["_id"]], owners=owners, now=now)
        trusts[document["_id"]] = trust_of(evidence).value
    return trusts


def stats_of(payee_ids: Sequence[str]) -> dict[str, PayeeStats]:
    found = {
        row["_id"]: row for row in collection("payee_stats").find({"_id": {"$in": list(payee_ids)}})
    }
    return {payee_id: from_document(found.get(payee_id)) for payee_id in payee_ids}


def facts_of(payee: Payee) -> dict[str, Any]:
    """The record as its document, in what trust looks at."""
    return {name: getattr(payee, name) for name in FIELDS}


def full_number_of(payee: Payee) -> FullNumber:
    """The account to write into a network message, and nowhere else. Raises NotFound (`account_number_unknown`)."""
    if payee.alias is not None or payee.target is None:
        raise NotFound("account_number_unknown", "No account number is kept for this payee.")
    return full_number(payee.target)


def payees_with_target(customer_id: str, target: str) -> list[Payee]:
    """Of one customer, removed ones too; oldest first."""
    rows = Payee.objects.filter(target=target, customer=customer_id)
    return list(rows.order_by("created_at", "pk"))


def open_orders_to(payee: Payee) -> list[str]:
    """Ids of the orders to the payee that are not final yet; one more than ORDERS_NAMED_MAX at most."""
    wanted = {**paid_by(payee.customer), "payee": payee.id, "final": False}
    found = collection("orders").find(wanted, {"_id": 1}).limit(ORDERS_NAMED_MAX + 1)
    return [row["_id"] for row in found]


def blocked_party_by_id(party_id: str) -> BlockedParty:
    party = BlockedParty.objects.filter(pk=party_id).first()
    if party is None:
        raise NotFound("blocked_party_not_found", "There is no such blocked party.")
    return party


def blocked_party_of(target: str) -> BlockedParty | None:
    """The block in force on exactly this alias, account or name."""
    return BlockedParty.objects.filter(target=target, status="ACTIVE").first()


def blocked_parties_page(page: Page) -> list[BlockedParty]:
    rows = BlockedParty.objects.filter(**page.filters)
    if page.after is not None:
        rows = rows.filter(page.after.as_q("created_at"))
    return list(rows.order_by("-created_at", "-pk")[: page.limit + 1])


def account_last4(account_id: str | None) -> str | None:
    """The end of one of the platform's own account numbers."""
    if account_id is None:
        return None
    found = collection("accounts").find_one({"_id": account_id}, {"number_last4": 1})
    return found["number_last4"] if found else None
