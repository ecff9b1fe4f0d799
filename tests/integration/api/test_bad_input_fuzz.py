"""Whatever is sent to POST /orders: never an error of the platform, and an order only with a 201."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from devstack.client import Document
from tests.support.api_client import Pair
from tests.support.builders import with_field
from tests.support.site_client import SiteClient

ORDERS = "/api/v1/orders"
PLACES = (
    "kind",
    "product",
    "debtor",
    "debtor/customer",
    "debtor/account",
    "payee",
    "amount",
    "amount/value",
    "amount/currency",
    "reference",
    "memo",
    "$where",
    "amount/$gt",
)

texts = st.text(max_size=150) | st.sampled_from(["$ne", "0.01", "12.34", "USD", "\x00", "..", ""])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

fuzzing = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@fuzzing
@given(place=st.sampled_from(PLACES), value=values, again=st.sampled_from(PLACES), more=scalars)
def test_fields_of_any_value(
    api: SiteClient,
    pair: Pair,
    database: Database[Document],
    place: str,
    value: Any,
    again: str,
    more: Any,
) -> None:
    body = pair.order()
    for pointer, replacement in ((place, value), (again, more)):
        if "/" not in pointer or isinstance(body.get(pointer.split("/")[0]), dict):
            body = with_field(body, pointer, replacement)

    _send(api, database, json.dumps(body).encode())


@fuzzing
@given(content=st.binary(max_size=300), place=st.integers(min_value=0, max_value=300))
def test_bytes_of_any_kind(
    api: SiteClient, pair: Pair, database: Database[Document], content: bytes, place: int
) -> None:
    proper = json.dumps(pair.order()).encode()

    _send(api, database, proper[:place] + content + proper[place:])
    _send(api, database, content)


@fuzzing
@given(key=st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n")))
def test_keys_of_any_kind(
    api: SiteClient, pair: Pair, database: Database[Document], key: str
) -> None:
    _send(api, database, json.dumps(pair.order()).encode(), key=key)


def _send(
    api: SiteClient, database: Database[Document], content: bytes, *, key: str = "k1"
) -> None:
    answer = api.call("POST", ORDERS, content, key=key)

    written = database["orders"].count_documents({})
    database["orders"].delete_many({})
    assert answer.status in (201, 400, 404, 413, 415, 422), answer.body
    assert written == (1 if answer.status == 201 else 0)
    if answer.status != 201:
        assert answer.body["status"] == answer.status
