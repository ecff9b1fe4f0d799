"""MongoDB's Extended JSON, as Debezium writes it, to Python values and back: integers stay integers, dates are UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from bson import ObjectId, json_util
from bson.errors import InvalidId
from bson.int64 import Int64

# A write out of band may hold what the platform never writes: floats, binaries, other keys.
_ANY_TYPE = json_util.JSONOptions(tz_aware=True, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def loads(text: str) -> Any:
    """A document from Extended JSON. Raises ValueError on anything that is not JSON of this dialect."""
    return typed(orjson.loads(text))


def loads_any(text: str) -> Any:
    """The same, of a document that may hold any type that MongoDB knows."""
    try:
        return loads(text)
    except ValueError:
        return json_util.loads(text, json_options=_ANY_TYPE)


def typed(value: Any) -> Any:
    """The value that parsed Extended JSON means; containers are changed in place. Raises ValueError.

    Only the wrappers that the platform's documents hold; one that it never writes is an error, not a guess.
    """
    kind = type(value)
    if kind is dict:
        if len(value) == 1:
            key = next(iter(value))
            if key.startswith("$"):
                return _unwrapped(key, value[key])
        for key, item in value.items():
            if type(item) in _NOT_PLAIN:
                value[key] = typed(item)
    elif kind is list:
        for place, item in enumerate(value):
            if type(item) in _NOT_PLAIN:
                value[place] = typed(item)
    elif kind is float:
        raise ValueError(f"{value} is not a whole number")
    return value


_NOT_PLAIN = frozenset({dict, list, float})


def _unwrapped(key: str, value: Any) -> Any:
    match key:
        case "$numberLong" | "$numberInt":
            return int(value)
        case "$date":
            return _date(value)
        case "$oid":
            return _object_id(value)
    raise ValueError(f"Extended JSON type {key} is not used by the platform")


def _date(value: Any) -> datetime:
    if isinstance(value, dict):
        value = typed(value)
    if isinstance(value, int):
        return instant(value)
    return datetime.fromisoformat(value).astimezone(UTC)


@lru_cache(maxsize=4_096)
def instant(milliseconds: int) -> datetime:
    """So many milliseconds after 1970. Raises OverflowError, and TypeError for what is no number.

    Remembered, since an order tells the dates of all its earlier steps again in each change, before and after it.
    """
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _object_id(value: Any) -> ObjectId:
    try:
        return ObjectId(value)
    except InvalidId as error:  # which is no ValueError
        raise ValueError(str(error)) from error


def storable(value: Any, key: str = "") -> Any:
    """The same value with every `…_minor` integer as Int64, so that a small amount is not stored as 32 bits."""
    # By exact type first: most values are plain, and there are forty of them in each order that is made final.
    if type(value) is str or value is None:
        return value
    if isinstance(value, dict):
        return {name: storable(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if key.endswith("_minor") and isinstance(value, int):
        return Int64(value)
    return value
