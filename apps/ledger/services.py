"""Writes of the ledger outside the SOR transaction: opening an account, the one entry that no order causes."""

import secrets
from datetime import datetime

from bson import Int64
from pymongo import WriteConcern
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

from apps.kernel.failpoint import failpoint
from apps.kernel.ids import new_id
from apps.ledger.domain.entry import assert_balanced, funding_account, opening
from dpms_site.mongodb import Document, client, collection


def open_account(
    *, customer_id: str, kind: str, currency: str, opening_minor: int, by: str, now: datetime
) -> Document:
    """The account and, with money in it, its opening entry: both or neither."""
    account = _account(
        account_id=new_id("acc", now),
        customer=customer_id,
        kind=kind,
        purpose=None,
        currency=currency,
        number_last4=f"{secrets.randbelow(10_000):04d}",
        by=by,
        now=now,
    )
    if opening_minor == 0:
        collection("accounts").insert_one(account)
        return account
    account["posted_minor"] = Int64(opening_minor)
    failpoint("open_account.before_funding")
    _ensure_funding_account(currency, by, now)
    with client().start_session() as session:
        session.with_transaction(
            lambda inside: _insert_with_opening(inside, account, now),
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern(w="majority", j=True),
        )
    failpoint("open_account.after_commit")
    return account


def _insert_with_opening(session: ClientSession, account: Document, now: datetime) -> None:
    """The funding account comes first: two that open at once meet there before either has written more."""
    failpoint("open_account.before_write")
    entry = opening(
        account=account["_id"],
        amount_minor=account["posted_minor"],
        currency=account["currency"],
        at=now,
    )
    assert_balanced(entry)
    lines = [{**line, "amount_minor": Int64(line["amount_minor"])} for line in entry["lines"]]
    collection("accounts").update_one(
        {"_id": funding_account(account["currency"])},
        {
            "$inc": {"posted_minor": Int64(-account["posted_minor"]), "version": 1},
            "$set": {"updated_at": now, "modified_by": account["modified_by"]},
        },
        session=session,
    )
    collection("accounts").insert_one(account, session=session)
    collection("entries").insert_one(
        {**entry, "lines": lines, "made_by": account["modified_by"]}, session=session
    )
    failpoint("open_account.before_commit")


def _ensure_funding_account(currency: str, by: str, now: datetime) -> None:
    """Made once, outside the transaction: an upsert inside would conflict with every other first one."""
    account = _account(
        account_id=funding_account(currency),
        customer=None,
        kind="internal",
        purpose="funding",
        currency=currency,
        number_last4=None,
        by=by,
        now=now,
    )
    account_id = account.pop("_id")
    collection("accounts").update_one({"_id": account_id}, {"$setOnInsert": account}, upsert=True)


def _account(
    *,
    account_id: str,
    customer: str | None,
    kind: str,
    purpose: str | None,
    currency: str,
    number_last4: str | None,
    by: str,
    now: datetime,
) -> Document:
    return {
        "_id": account_id,
        "customer": customer,
        "kind": kind,
        "purpose": purpose,
        "currency": currency,
        "number_last4": number_last4,
        "posted_minor": Int64(0),
        "held_minor": Int64(0),
        "status": "OPEN",
        "opened_at": now,
        "updated_at": now,
        "version": 1,
        "modified_by": by,
    }
