"""Prepares what the streams stand on: collections with images, their indexes, and the topics. Safe to repeat."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, MongoClient
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from streaming.config import Config
from streaming.contracts.collections import AUDIT_COLLECTIONS, CAPTURED
from streaming.contracts.topics import declared
from streaming.kafka.admin import ensure_topics, wait_for_offsets

_INDEX_NOT_FOUND = 27
_DAY_SECONDS = 24 * 60 * 60
# Longer than the longest outage of the capture that is planned for; after it, updates come without images.
IMAGES_KEPT_SECONDS = 3 * _DAY_SECONDS
FEED_KEPT_SECONDS = 30 * _DAY_SECONDS
# After a network's answer ended: long enough to show what was known when the network is silent.
DIRECTORY_KEPT_SECONDS = 7 * _DAY_SECONDS

_NEWEST = ("created_at", DESCENDING)
_TIE = ("_id", DESCENDING)

# Indexes of the collections that PyMongo writes; those of Django's models come with its migrations.
# Every index has a name, so that an index whose definition changed is an error and not a second index.
INDEXES: dict[str, list[IndexModel]] = {
    "orders": [
        IndexModel([_NEWEST, _TIE], name="newest"),
        IndexModel([("client", ASCENDING), _NEWEST, _TIE], name="client_newest"),
        # Who pays, asks, expects money or gets it back; who is paid, and below, who is asked: `transactions/sides.py`.
        IndexModel([("route.customer", ASCENDING), _NEWEST, _TIE], name="routed_for_newest"),
        IndexModel([("creditor.customer", ASCENDING), _NEWEST, _TIE], name="creditor_newest"),
        # Few of all orders, and lists of their own.
        IndexModel(
            [("kind", ASCENDING), _NEWEST, _TIE],
            name="kind_newest",
            partialFilterExpression={"kind": {"$in": ["receive", "request", "return"]}},
        ),
        IndexModel(
            [("payer", ASCENDING), _NEWEST, _TIE],
            name="payer_newest",
            partialFilterExpression={"payer": {"$exists": True}},
        ),
        IndexModel([("status", ASCENDING), _NEWEST, _TIE], name="status_newest"),
        IndexModel(
            [("alias_key", ASCENDING)],
            name="waiting_for_alias",
            partialFilterExpression={"status": "AWAITING_CLAIM"},
        ),
        IndexModel(
            [("due_at", ASCENDING)],
            name="due",
            partialFilterExpression={"due_at": {"$type": "date"}},
        ),
        # Of all orders the few that another one caused.
        IndexModel(
            [("caused_by", ASCENDING), _NEWEST, _TIE],
            name="caused_by_newest",
            partialFilterExpression={"caused_by": {"$exists": True}},
        ),
    ],
    "commands": [IndexModel([("order", ASCENDING)], name="order")],
    "outcomes": [IndexModel([("order", ASCENDING)], name="order")],
    "rail_messages": [
        IndexModel([_NEWEST, _TIE], name="newest"),
        IndexModel([("end_to_end_id", ASCENDING)], name="end_to_end"),
        IndexModel([("order", ASCENDING)], name="order"),
        # The outgoing ones by id: what has no receipt is the difference of two sorted walks.
        IndexModel([("direction", ASCENDING), ("_id", ASCENDING)], name="direction"),
    ],
    "cases": [IndexModel([("order", ASCENDING)], name="order")],
    "rail_receipts": [IndexModel([("order", ASCENDING)], name="order")],
    "entries": [
        # A statement's order, read either way: one millisecond's entries by their order's version.
        IndexModel(
            [
                ("lines.account", ASCENDING),
                ("at", ASCENDING),
                ("order_version", ASCENDING),
                ("_id", ASCENDING),
            ],
            name="account_lines",
        ),
        IndexModel([("order", ASCENDING)], name="order"),
    ],
    "accounts": [
        IndexModel(
            [("customer", ASCENDING), ("opened_at", DESCENDING), _TIE], name="customer_newest"
        ),
        IndexModel([("opened_at", DESCENDING), _TIE], name="newest"),
    ],
    # Django's models write these two; the console alone searches them so.
    "customers": [
        IndexModel([("status", ASCENDING), _NEWEST, _TIE], name="status_newest"),
        IndexModel([("email", ASCENDING)], name="email"),
        IndexModel([("phone", ASCENDING)], name="phone"),
    ],
    "aliases": [IndexModel([("key", ASCENDING)], name="key_of_any_status")],
    "limit_usage": [IndexModel([("customer", ASCENDING)], name="customer")],
    "payee_stats": [IndexModel([("customer", ASCENDING)], name="customer")],
    "account_numbers": [IndexModel([("key", ASCENDING)], name="key", unique=True)],
    "directory_entries": [
        IndexModel([("alias_key", ASCENDING)], name="alias"),
        IndexModel(
            [("expires_at", ASCENDING)], name="kept", expireAfterSeconds=DIRECTORY_KEPT_SECONDS
        ),
    ],
    "access_log": [
        IndexModel([("at", DESCENDING), _TIE], name="newest"),
        IndexModel([("object.id", ASCENDING), ("at", DESCENDING)], name="object_newest"),
        IndexModel([("subject.id", ASCENDING), ("at", DESCENDING), _TIE], name="subject_newest"),
        IndexModel([("session", ASCENDING), ("object.id", ASCENDING)], name="session_object"),
    ],
    "feed_events": [
        IndexModel(
            [("order", ASCENDING), ("version", ASCENDING)], name="order_version", unique=True
        ),
        IndexModel([("client", ASCENDING), ("_id", ASCENDING)], name="client"),
        IndexModel([("at", ASCENDING)], name="kept", expireAfterSeconds=FEED_KEPT_SECONDS),
    ],
    "dead_letters": [IndexModel([("at", DESCENDING)], name="newest")],
    "leases": [],
    "platform_clock": [],
}

# Indexes of earlier builds that another one replaced: kept, they would only cost every insert.
RETIRED = {
    "entries": ("account_newest",),
    "orders": ("customer_newest", "returned_to_newest", "received_newest"),
}

AUDIT_INDEXES: dict[str, list[IndexModel]] = {
    "audit_entries": [
        # The trail of one document in the order it was captured; also the walk of the checker.
        IndexModel(
            [
                ("collection", ASCENDING),
                ("entity", ASCENDING),
                ("captured_at", ASCENDING),
                ("position.offset", ASCENDING),
            ],
            name="entity_captured",
        ),
        IndexModel([("recorded_at", DESCENDING), _TIE], name="newest"),
        IndexModel([("order", ASCENDING), ("changed_at", ASCENDING)], name="order"),
        IndexModel(
            [("recorded_at", DESCENDING), _TIE],
            name="alarms",
            partialFilterExpression={"is_alarm": True},
        ),
    ],
}

# Of audit indexes the same; this one had the order in which entries were recorded.
AUDIT_RETIRED = {"audit_entries": ("entity",)}


class IndexMissing(RuntimeError):
    """An index is not there after it was asked for; without it a guard or a query would silently fail."""


def prepare(config: Config) -> None:
    """Everything that must exist before the first order, verified."""
    with MongoClient[dict[str, Any]](config.owner_uri) as client:
        prepare_database(client[config.mongodb_database])
        prepare_audit_database(client[config.audit_mongodb_database])
    ensure_topics(config.kafka_bootstrap, declared(config))
    wait_for_offsets(config.kafka_bootstrap)


def prepare_database(db: Database[dict[str, Any]]) -> None:
    """Collections with pre- and post-images, how long images are kept, and indexes."""
    images_kept = {"preAndPostImages": {"expireAfterSeconds": IMAGES_KEPT_SECONDS}}
    db.client.admin.command("setClusterParameter", {"changeStreamOptions": images_kept})
    options = {found["name"]: found.get("options", {}) for found in db.list_collections()}
    for name in dict.fromkeys([*CAPTURED, *INDEXES]):
        if name not in options:
            _create(db, name)
        if name in CAPTURED and not _has_images(options.get(name, {})):
            db.command("collMod", name, changeStreamPreAndPostImages={"enabled": True})
    for name, indexes in INDEXES.items():
        _ensure_indexes(db, name, indexes)
    for name, retired in RETIRED.items():
        _drop_indexes(db, name, retired)


def prepare_audit_database(db: Database[dict[str, Any]]) -> None:
    """The collections and indexes of the trail; its own user could not make them."""
    present = set(db.list_collection_names())
    for name in AUDIT_COLLECTIONS:
        if name not in present:
            _create(db, name)
        _ensure_indexes(db, name, AUDIT_INDEXES[name])
        _drop_indexes(db, name, AUDIT_RETIRED.get(name, ()))


def _create(db: Database[dict[str, Any]], name: str) -> None:
    try:
        db.create_collection(name)
    except CollectionInvalid:
        # Somebody else made it since it was listed: then it is there.
        return


def _has_images(options: dict[str, Any]) -> bool:
    return bool(options.get("changeStreamPreAndPostImages", {}).get("enabled"))


def _ensure_indexes(db: Database[dict[str, Any]], name: str, indexes: list[IndexModel]) -> None:
    if not indexes:
        return
    # One that exists under the same name with another definition raises here.
    db[name].create_indexes(indexes)
    found = db[name].index_information()
    for index in indexes:
        wanted = index.document
        kept = found.get(wanted["name"], {})
        if kept.get("key") != list(wanted["key"].items()) or any(
            kept.get(option) != wanted.get(option) for option in ("unique", "expireAfterSeconds")
        ):
            raise IndexMissing(f"{name}.{wanted['name']} is {kept}, not {wanted}")


def _drop_indexes(db: Database[dict[str, Any]], name: str, retired: tuple[str, ...]) -> None:
    for index in set(retired) & set(db[name].index_information()):
        try:
            db[name].drop_index(index)
        except OperationFailure as error:
            if error.code != _INDEX_NOT_FOUND:  # somebody else dropped it since it was listed
                raise
