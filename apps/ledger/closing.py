"""Closing an account: nothing in it, nothing set aside, no order under way. Once closed it stays closed.

One transaction reads orders and account in one snapshot and writes the account. Whatever moves money there writes the
same document (the SOR transaction), so of two at once the later one begins anew and sees what the first one did: money
never arrives on a closed account. An order accepted a moment later is rejected by its flow (AC04).
"""

from pymongo import ASCENDING, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern

from apps.kernel.errors import Conflict
from apps.kernel.failpoint import failpoint
from apps.ledger import selectors
from apps.profiles.unenrolment import NAMED_MAX, in_the_way
from dpms_site.changes import Change
from dpms_site.mongodb import Document, client, collection


def close_account(*, account_id: str, version: int | None, made: Change) -> Document:
    """The account, CLOSED. Raises NotFound (`account_not_found`) and Conflict (`orders_under_way` with `orders`,
    `account_not_empty`, `version_conflict`), and then nothing changed.

    Safe to repeat: a closed account is answered as it stands, whatever version is named.
    """
    with client().start_session() as session:
        closed: Document = session.with_transaction(
            lambda inside: _closed(inside, account_id, version, made),
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern(w="majority", j=True),
        )
    failpoint("close_account.after_commit")
    return closed


def _closed(session: ClientSession, account_id: str, version: int | None, made: Change) -> Document:
    account = selectors.account_by_id(account_id, session=session)
    if account["status"] == "CLOSED":
        return account
    if version is not None and version != account["version"]:
        detail = f"It is in version {account['version']}; read it again."
        raise Conflict("version_conflict", detail, "/version")
    _assert_no_orders(account, session)
    if account["posted_minor"] or account["held_minor"]:
        detail = "Money is in the account or set aside on it. Send it away or cancel what it waits for first."
        raise Conflict("account_not_empty", detail)
    fields: Document = {
        "status": "CLOSED",
        "closed": {"at": made.at, "reason": made.reason, "request_id": made.request_id},
        "updated_at": made.at,
        "modified_by": made.by,
    }
    collection("accounts").update_one(
        {"_id": account_id}, {"$set": fields, "$inc": {"version": 1}}, session=session
    )
    failpoint("close_account.before_commit")
    return account | fields | {"version": account["version"] + 1}


def _assert_no_orders(account: Document, session: ClientSession) -> None:
    under_way = {"$and": [selectors.orders_on(account), {"final": False}]}
    orders = collection("orders")
    oldest = orders.find(under_way, {"_id": 1}, session=session)
    named = [str(row["_id"]) for row in oldest.sort([("created_at", ASCENDING)]).limit(NAMED_MAX)]
    if named:
        raise in_the_way(named, orders.count_documents(under_way, session=session))
