"""Writes of the ledger outside the SOR transaction: opening an account, the one entry that no order causes."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from bson import Int64
from pymongo import WriteConcern
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from apps.kernel.failpoint import failpoint
from apps.kernel.ids import derived_id, new_id
from apps.ledger.domain.entry import assert_balanced, funding_account, opening
from dpms_site.mongodb import Document, client, collection
from dpms_site.rest.idempotency import key_reused


@dataclass(frozen=True)
class Key:
    """A client's Idempotency-Key: the account's id derives from both, so that one insert is the guard."""

    client: str
    key: str


@dataclass(frozen=True)
class Opened:
    """The account as it was opened; `is_replay` when an earlier request with the same key opened it."""

    document: Document
    is_replay: bool


def open_account(
    *,
    customer_id: str,
    kind: str,
    currency: str,
    opening_minor: int,
    by: str,
    now: datetime,
    key: Key | None = None,
) -> Opened:
    """The account and, with money in it, its opening entry: both or neither, and once for each `key`.

    Raises Invalid (`idempotency_key_reused`) when the key opened an account of another customer, kind, currency or
    balance. A database error means that the outcome is unknown; with a key the same call again is safe.
    """
    asked = {"customer": customer_id, "kind": kind, "currency": currency, "opening": opening_minor}
    account = _account(
        account_id=derived_id("acc", key.client, key.key) if key else new_id("acc", now),
        customer=customer_id,
        kind=kind,
        purpose=None,
        currency=currency,
        number_last4=f"{secrets.randbelow(10_000):04d}",
        by=by,
        now=now,
    )
    account["posted_minor"] = Int64(opening_minor)
    account["opened_by"] = _opened_by(key, asked) if key else None
    try:
        _insert(account, now)
    except DuplicateKeyError:
        if key is None:
            raise
        return _replayed(account)
    return Opened(account, is_replay=False)


def _opened_by(key: Key, asked: Document) -> Document:
    """What tells the same request from another one with the same key."""
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    body_hash = hashlib.sha256(canonical.encode()).hexdigest()
    return {"client": key.client, "idempotency_key": key.key, "body_hash": body_hash}


def _replayed(account: Document) -> Opened:
    """The account that the key opened before: as asked for, since it was asked for alike.

    A majority read could miss one that another request is writing this moment; a linearizable read waits for it.
    """
    exact = collection("accounts").with_options(read_concern=ReadConcern("linearizable"))
    earlier = exact.find_one({"_id": account["_id"]})
    if earlier is None or earlier["opened_by"] != account["opened_by"]:
        raise key_reused()
    opened_at = earlier["opened_at"]
    first = {
        "number_last4": earlier["number_last4"],
        "opened_at": opened_at,
        "updated_at": opened_at,
    }
    return Opened(account | first, is_replay=True)


def _insert(account: Document, now: datetime) -> None:
    if account["posted_minor"] == 0:
        collection("accounts").insert_one(account)
        return
    failpoint("open_account.before_funding")
    _ensure_funding_account(account["currency"], account["modified_by"], now)
    with client().start_session() as session:
        session.with_transaction(
            lambda inside: _insert_with_opening(inside, account, now),
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern(w="majority", j=True),
        )
    failpoint("open_account.after_commit")


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
