"""The direct MongoDB driver for hot paths: one client per process, and the promises every write of it makes."""

import threading
from typing import Any

from django.conf import settings
from django.db import connections
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

Document = dict[str, Any]

_clients: dict[str, MongoClient[Document]] = {}
_lock = threading.Lock()


def client() -> MongoClient[Document]:
    """The process's client; made at first use, so that a forked worker never shares its parent's sockets."""
    return _client_of(connections["default"].settings_dict["HOST"])


def _client_of(uri: str) -> MongoClient[Document]:
    with _lock:  # or two first requests would each make one, and one would never be closed
        if uri not in _clients:
            _clients[uri] = _made(uri)
        return _clients[uri]


def close() -> None:
    """Closes what was opened; the next use opens anew."""
    with _lock:
        while _clients:
            _clients.popitem()[1].close()


def _made(uri: str) -> MongoClient[Document]:
    # timeoutMS bounds every operation with its retries: a caller hears within 4 s that the database is away.
    # 4 s is longer than a mongod takes to be writable again after kill -9 (3.5 s measured).
    return MongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        timeoutMS=4000,
        connectTimeoutMS=2000,
        appname="dpms-web",
    )


def database() -> Database[Document]:
    return client()[connections["default"].settings_dict["NAME"]]


def audit_database() -> Database[Document]:
    """The AuditDB, as the user who may insert and find there; without an address of its own, beside the platform's."""
    uri = settings.CONFIG.audit_mongodb_uri or connections["default"].settings_dict["HOST"]
    return _client_of(uri)[settings.CONFIG.audit_mongodb_database]


def collection(name: str) -> Collection[Document]:
    return database()[name]
