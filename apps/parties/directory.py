"""The alias directory: the platform's own aliases first, else what a network answered, kept with its age.

A network joins by `register_lookup`, so this subject knows no network. A lookup must answer within its own time-out, or
raise DirectoryUnavailable: then an older answer is given with its age, or nothing is known.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime

import structlog

from apps.kernel.clock import wall_clock
from apps.parties.domain.directory import (
    NOBODY,
    UNKNOWN,
    DirectoryUnavailable,
    Listing,
    NetworkAnswer,
    best,
    listed,
)
from apps.profiles.domain.alias import key_of
from dpms_site.mongodb import Document, collection

log = structlog.get_logger(__name__)

# Kind and normalised value of an alias to who serves it there, or None when nobody does.
Lookup = Callable[[str, str], NetworkAnswer | None]
_LOOKUPS: dict[str, Lookup] = {}
_KEPT = ("place", "owner", "owner_name", "network", "routing_number", "bank_name")


def register_lookup(network: str, lookup: Lookup) -> None:
    """Makes a network's directory part of this one; the last registration of a name holds."""
    _LOOKUPS[network] = lookup


def directory_lookup(kind: str, value: str, *, is_fresh: bool = False) -> Listing:
    """Who serves the alias; `value` is normalised. With `is_fresh` every network is asked, whatever is kept."""
    now, key = wall_clock(), key_of(kind, value)
    own = _own_listings([key])
    if key in own:
        return own[key]
    kept = {each.network: each for each in _kept([key]).get(key, [])}
    answers = []
    for network, lookup in _LOOKUPS.items():
        answer = kept.get(network)
        if answer is None or is_fresh or answer.is_stale(now):
            answer = _asked(network, lookup, kind, value, now=now) or answer
        answers.append(answer or UNKNOWN)
    known = [each for each in answers if each is not UNKNOWN]
    if known:
        return best(known, now=now)
    return UNKNOWN if answers else NOBODY


def owners_known(keys: Iterable[str]) -> dict[str, str | None]:
    """Who is behind each alias as far as can be told without asking a network; an alias nobody told of is absent."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    now = wall_clock()
    owners = {key: best(found, now=now).owner for key, found in _kept(wanted).items()}
    return owners | {key: listing.owner for key, listing in _own_listings(wanted).items()}


def _own_listings(keys: list[str]) -> dict[str, Listing]:
    active = list(collection("aliases").find({"key": {"$in": keys}, "status": "ACTIVE"}))
    names = {
        row["_id"]: row["name"]
        for row in collection("customers").find(
            {"_id": {"$in": [alias["customer"] for alias in active]}}, {"name": 1}
        )
    }
    return {
        alias["key"]: Listing(
            "ON_US",
            owner=alias["customer"],
            owner_name=names.get(alias["customer"]),
            account=alias["account"],
        )
        for alias in active
    }


def _kept(keys: list[str]) -> dict[str, list[Listing]]:
    found: dict[str, list[Listing]] = {}
    for row in collection("directory_entries").find({"alias_key": {"$in": keys}}):
        found.setdefault(row["alias_key"], []).append(_listing(row))
    return found


def _listing(row: Document) -> Listing:
    kept = {name: row[name] for name in _KEPT}
    return Listing(**kept, looked_up_at=row["looked_up_at"], expires_at=row["expires_at"])


def _asked(network: str, lookup: Lookup, kind: str, value: str, *, now: datetime) -> Listing | None:
    """The network's answer, kept; None when it gives none. The later of two answers stands, so asking twice is safe."""
    try:
        listing = listed(network, lookup(kind, value), at=now)
    except DirectoryUnavailable:
        log.warning("directory_unavailable", network=network)
        return None
    key = key_of(kind, value)
    fields = {"alias_key": key, **asdict(listing)}
    del fields["account"]
    collection("directory_entries").replace_one({"_id": f"{network}:{key}"}, fields, upsert=True)
    return listing
