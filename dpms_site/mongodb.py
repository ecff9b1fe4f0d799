"""The direct MongoDB driver for hot paths: one client per process, and the promises every write of it makes."""

import asyncio
import threading
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connections
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.collection import Collection
from pymongo.database import Database

Document = dict[str, Any]

_clients: dict[str, MongoClient[Document]] = {}
_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncMongoClient[Document]] = (
    WeakKeyDictionary()
)
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
    return MongoClient(uri, **_PROMISES)


_PROMISES: dict[str, Any] = {
    # timeoutMS bounds every operation with its retries: a caller hears within 4 s that the database is away.
    # 4 s is longer than a mongod takes to be writable again after kill -9 (3.5 s measured).
    "timeoutMS": 4000,
    "connectTimeoutMS": 2000,
    "tz_aware": True,
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "appname": "dpms-web",
}


def async_collection(name: str) -> AsyncCollection[Document]:
    """The same collection with the same promises, for the event loop that runs now."""
    loop = asyncio.get_running_loop()
    # Not `connections["default"]`: every task would make a connection of its own for the sake of two settings.
    default = connections.settings["default"]
    if loop not in _async_clients:
        _async_clients[loop] = AsyncMongoClient(default["HOST"], **_PROMISES)
    return _async_clients[loop][default["NAME"]][name]


async def close_async() -> None:
    """Closes what the running event loop opened; the next use opens anew."""
    opened = _async_clients.pop(asyncio.get_running_loop(), None)
    if opened is not None:
        await opened.close()


def database() -> Database[Document]:
    return client()[connections["default"].settings_dict["NAME"]]


def audit_database() -> Database[Document]:
    """The AuditDB, as the user who may insert and find there; without an address of its own, beside the platform's."""
    uri = settings.CONFIG.audit_mongodb_uri or connections["default"].settings_dict["HOST"]
    return _client_of(uri)[settings.CONFIG.audit_mongodb_database]


def collection(name: str) -> Collection[Document]:
    return database()[name]
