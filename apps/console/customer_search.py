"""What the search field of the customers' list asks: an id, words of a name, an e-mail address or a phone number.

A contact point never stands in an address line, where histories and proxies keep it: the page sends it in a body,
and the access log gets it masked.
"""

import re

from apps.access.roles import Sight
from apps.console.masking import masked
from apps.kernel.errors import Invalid
from apps.profiles.domain import alias
from dpms_site import mongodb

CHARACTERS_MAX = 200
_PHONE = re.compile(r"\+?[0-9 ().\-]{7,32}", re.ASCII)

Document = dict[str, object]


def is_contact(q: str) -> bool:
    return "@" in q or bool(_PHONE.fullmatch(q))


def loggable(q: str) -> str:
    """The search as the access log keeps it."""
    return masked(q) if is_contact(q) else q


def query_of(q: str) -> Document:
    """The query for an id from its first characters on, or for names of which each word begins a word.

    Raises Invalid (`q_malformed`, `q_not_allowed` for a contact point).
    """
    _refuse_long(q)
    if is_contact(q):
        raise Invalid(
            "q_not_allowed",
            "E-mail addresses and phone numbers do not belong in an address line. Write it in the field.",
        )
    if not q:
        return {}
    if q.startswith("cus_"):
        return {"_id": {"$gte": q, "$lt": f"{q}\uffff"}}
    return {"$and": [{"name": _word_from(word)} for word in q.split()]}


def query_of_contact(q: str, sight: Sight) -> Document:
    """The query for customers who have the contact point, as their own or as an alias that is not removed.

    Raises Invalid (`q_malformed`, `alias_malformed`, and `q_not_allowed` for a sight that does not show it).
    """
    _refuse_long(q)
    if sight < Sight.FULL:
        raise Invalid(
            "q_not_allowed",
            "Your role does not show e-mail addresses and phone numbers, so it cannot search by them. "
            "Search by name or id.",
        )
    kind = "email" if "@" in q else "phone"
    value = alias.normalised(kind, q)
    key = {"key": alias.key_of(kind, value), "status": {"$ne": "REMOVED"}}
    owners = {found["customer"] for found in mongodb.collection("aliases").find(key)}
    return {"$or": [{kind: value}, {"_id": {"$in": sorted(owners)}}]}


def _refuse_long(q: str) -> None:
    if len(q) > CHARACTERS_MAX:
        raise Invalid("q_malformed", f"A search has at most {CHARACTERS_MAX} characters.")


def _word_from(word: str) -> Document:
    # The text is escaped, so that no pattern of the searcher's runs in the database.
    return {"$regex": rf"(^|[\s\-(]){re.escape(word)}", "$options": "i"}
