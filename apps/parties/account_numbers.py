"""Full account numbers, kept apart: one insert-only collection that is never captured, behind a token that may be seen.

Whoever holds a token knows which accounts are equal and nothing else. Only a network message needs the number behind
it, so only `full_number` gives it out (docs/decisions/0011-account-numbers-behind-tokens.md).
"""

from datetime import datetime

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from apps.kernel.errors import NotFound
from apps.kernel.ids import new_id
from apps.parties.domain.bank_account import FullNumber
from dpms_site.mongodb import Document, collection

NAME = "account_numbers"

_DURABLE = WriteConcern("majority", j=True)


def token_of(number: FullNumber, *, now: datetime, within: Database[Document] | None = None) -> str:
    """The account's token: the same for the same account, whoever asks. Two who ask at once meet at the unique key.

    `within` is the database of a process that has one of its own, as the rail gateway does.
    """
    numbers = _numbers(within)
    known = _token(numbers, number)
    if known is not None:
        return known
    document: Document = {
        "_id": new_id("num", now),
        "key": number.key,
        "kind": number.kind,
        "routing_number": number.routing_number,
        "number": number.number,
        "created_at": now,
    }
    try:
        numbers.insert_one(document)
    except DuplicateKeyError:
        known = _token(numbers, number)
        if known is None:
            raise
        return known
    return str(document["_id"])


def full_number(token: str, *, within: Database[Document] | None = None) -> FullNumber:
    """The account behind a token, for a network message. Raises NotFound (`account_number_unknown`).

    `within` as for `token_of`.
    """
    found = _numbers(within).find_one({"_id": token})
    if found is None:
        raise NotFound("account_number_unknown", "No account number is kept under this token.")
    return FullNumber(found["kind"], found["number"], found["routing_number"])


def _numbers(within: Database[Document] | None) -> Collection[Document]:
    return (
        collection(NAME) if within is None else within.get_collection(NAME, write_concern=_DURABLE)
    )


def _token(numbers: Collection[Document], number: FullNumber) -> str | None:
    found = numbers.find_one({"key": number.key}, {"_id": 1})
    return None if found is None else str(found["_id"])
