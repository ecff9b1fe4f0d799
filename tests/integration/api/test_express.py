"""The short way of accepting an order answers as the long way does, and leaves to it all that is not plainly right."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from apps.kernel.clock import wall_clock
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.transactions import express, together
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.submission import Requester, Submission
from devstack.client import Document
from dpms_site.asgi import OneHopHandler
from dpms_site.mongodb import async_collection, close_async
from tests.support.api_client import Pair
from tests.support.builders import an_api_client
from tests.support.site_client import SiteClient

Answer = tuple[int, dict[str, str], Any]

# What differs from request to request.
_OWN = {"id", "created_at", "updated_at", "request_id"}


class Site:
    """The application with its long way counted."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.long_ways = 0
        self._long_way = OneHopHandler()

    def posts(self, body: Any, *, key: str | None = "k1", **changed: Any) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "host": "localhost",
            "content-type": "application/json",
            "authorization": f"Bearer {self.token}",
            **({"idempotency-key": key} if key is not None else {}),
            **changed.pop("headers", {}),
        }
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": express.PATH,
            "query_string": b"",
            "server": ("localhost", 80),
            "headers": pairs + changed.pop("more_headers", []),
            **changed,
        }
        return asyncio.run(self._exchanged(scope, content))

    async def _exchanged(self, scope: dict[str, Any], content: bytes) -> Answer:
        # In two pieces, as a network may bring it.
        waiting, sent = [content[:20], content[20:]], []

        async def receive() -> dict[str, Any]:
            if waiting:
                return {
                    "type": "http.request",
                    "body": waiting.pop(0),
                    "more_body": bool(waiting),
                }
            await asyncio.sleep(3600)
            raise AssertionError("nobody reads past the end")

        async def send(message: Any) -> None:
            sent.append(message)

        async def long_way(*given: Any) -> None:
            self.long_ways += 1
            await self._long_way(*given)

        try:
            await express.ExpressOrders(long_way)(scope, receive, send)
        finally:
            await close_async()
        names = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        answered = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], names, json.loads(answered)


@pytest.fixture
def site(api: SiteClient) -> Site:
    return Site(api.token())


def test_a_plain_order_takes_the_short_way_and_is_stored_as_by_the_long_one(
    site: Site, api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    body = pair.order("12.34", reference="rent", memo="für May")

    status, headers, order = site.posts(body, key='"k1"')
    site.posts(body, key="k2", headers={"x-odd": "1", "content-type": "Application/JSON"})
    by_long_way = api.call("POST", express.PATH, body, key="k3")

    assert (status, site.long_ways) == (201, 0)
    assert {n: v for n, v in order.items() if n not in _OWN} == {
        n: v for n, v in by_long_way.body.items() if n not in _OWN
    }
    assert api.order(order["id"]) == order
    own = {"location", "request-id", "content-length"}
    assert {n: v for n, v in headers.items() if n not in own} == {
        n: v for n, v in by_long_way.headers.items() if n not in own
    }
    assert headers["location"] == f"{express.PATH}/{order['id']}"
    short, _, long = database["orders"].find().sort("created_at")
    assert short.keys() == long.keys()
    same = short.keys() - _OWN - {"_id", "history", "route", "idempotency_key"}
    assert {name: short[name] for name in same} == {name: long[name] for name in same}
    assert short["request_id"] == headers["request-id"]


def test_an_order_for_a_later_day_is_the_same_by_both_ways(
    site: Site, api: SiteClient, pair: Pair, database: Database[Document]
) -> None:
    day = (BUSINESS_CALENDAR.date_of(wall_clock()) + timedelta(days=30)).isoformat()
    body = pair.order(execute_on=day)

    status, _, order = site.posts(body, key="k1")
    by_long_way = api.call("POST", express.PATH, body, key="k2")
    again = api.call("POST", express.PATH, body, key="k1")

    assert (status, site.long_ways, order["execute_on"]) == (201, 0, day)
    assert {n: v for n, v in order.items() if n not in _OWN} == {
        n: v for n, v in by_long_way.body.items() if n not in _OWN
    }
    assert (again.body, again.headers["idempotency-replayed"]) == (order, "true")
    short, long = database["orders"].find().sort("created_at")
    assert short.keys() == long.keys()
    assert (short["execute_on"], short["body_hash"]) == (long["execute_on"], long["body_hash"])


def test_the_callers_own_request_id_is_kept(site: Site, pair: Pair) -> None:
    _, headers, _ = site.posts(pair.order(), headers={"request-id": "mine-1"})

    assert (headers["request-id"], site.long_ways) == ("mine-1", 0)


def test_the_same_request_again_is_the_long_ways_replay(
    site: Site, pair: Pair, database: Database[Document]
) -> None:
    first = site.posts(pair.order())
    again = site.posts(pair.order())
    other = site.posts(pair.order("9.99"))

    assert again[2] == first[2]
    assert again[1]["idempotency-replayed"] == "true"
    assert (other[0], other[2]["code"]) == (422, "idempotency_key_reused")
    assert (site.long_ways, database["orders"].count_documents({})) == (2, 1)


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no key": ({"key": None}, 400, "idempotency_key_missing"),
    "an empty key": ({"key": " "}, 400, "idempotency_key_malformed"),
    "no token": ({"headers": {"authorization": ""}}, 401, "token_missing"),
    "a wrong token": ({"headers": {"authorization": "Bearer x.y.z"}}, 401, "token_invalid"),
    "another scheme": ({"headers": {"authorization": "Basic eA=="}}, 401, "token_invalid"),
    "no JSON type": ({"headers": {"content-type": "text/plain"}}, 415, "media_type_unsupported"),
    "no JSON": ({"body": b'{"kind": "send",'}, 400, "body_malformed"),
    "a name twice": ({"body": b'{"kind": "send", "kind": "send"}'}, 400, "body_malformed"),
    "a field too many": ({"field": {"surprise": 1}}, 400, "field_unknown"),
    "an unknown product": ({"field": {"product": "barter"}}, 400, "choice_unknown"),
    "an amount as number": (
        {"field": {"amount": {"value": 12.34, "currency": "USD"}}},
        *(400, "amount_not_a_string"),
    ),
    "an unknown payee": ({"field": {"payee": f"pay_{'0' * 26}"}}, 404, "payee_not_found"),
    "a request": ({"field": {"kind": "request"}}, 400, "field_unknown"),
    "a day that is past": ({"field": {"execute_on": "2020-01-01"}}, 422, "execute_on_past"),
    "a large body": ({"field": {"memo": "m" * 20_000}}, 400, "field_too_long"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_by_the_long_way(
    name: str, site: Site, pair: Pair, database: Database[Document]
) -> None:
    changed, status, code = REFUSED[name]
    given = dict(changed)
    body = given.pop("body", {**pair.order(), **given.pop("field", {})})

    answered, headers, problem = site.posts(body, **given)

    assert (answered, problem["code"]) == (status, code)
    assert headers["content-type"] == "application/problem+json"
    assert (site.long_ways, database["orders"].count_documents({})) == (1, 0)


@pytest.mark.usefixtures("database")
def test_a_scope_that_is_missing_is_refused_by_the_long_way(api: SiteClient, pair: Pair) -> None:
    site = Site(an_api_client("cli_reader", scopes=("orders:read",)).token())

    status, _, problem = site.posts(pair.order())

    assert (status, problem["code"], site.long_ways) == (403, "scope_missing", 1)
    assert api.get(express.PATH)["data"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"path": "/api/v1/customers"},
        {"method": "GET"},
        {"query_string": b"a=1"},
        {"scheme": "https"},
        {"headers": {"host": "elsewhere.example"}},
        {"more_headers": [(b"idempotency-key", b"k2")]},
    ],
    ids=["path", "method", "query", "TLS", "host", "a header twice"],
)
def test_what_is_not_plain_takes_the_long_way(
    changed: dict[str, Any], site: Site, pair: Pair
) -> None:
    site.posts(pair.order(), **changed)

    assert site.long_ways == 1


@contextmanager
def _insert_lost_after_commit() -> Iterator[None]:
    """The order is there, and the answer of the database is lost."""
    original = async_collection

    def lossy(name: str) -> Any:
        collection = original(name)
        if name != "orders":
            return collection

        class Lossy:
            async def insert_many(self, documents: Any, **how: Any) -> None:
                await collection.insert_many(documents, **how)
                raise AutoReconnect("connection closed")

        return Lossy()

    with mock.patch.object(together, "async_collection", lossy):
        yield


def test_an_insert_of_unknown_outcome_is_one_order(
    site: Site, pair: Pair, database: Database[Document]
) -> None:
    with _insert_lost_after_commit():
        status, headers, order = site.posts(pair.order())

    assert (status, headers["idempotency-replayed"]) == (201, "true")
    assert [stored["_id"] for stored in database["orders"].find()] == [order["id"]]


def _plain(pair: Pair, key: str, **changed: Any) -> together.Plain:
    money = Money(100, "USD")
    asked: dict[str, Any] = {
        "reference": None,
        "memo": None,
        "product": "zelle",
        "payee": pair.payee,
        "money": money,
    }
    submission = Submission(
        idempotency_key=key,
        customer=pair.payer.id,
        account=pair.payer.account,
        **asked | changed,
    )
    return together.Plain(submission, Requester(client="cli_tests", request_id=key), wall_clock())


def _inserted_at_once(orders: list[together.Plain]) -> tuple[list[Any], int]:
    """What became of orders that arrive at the same moment, and how many round trips to the orders they took."""
    trips = 0
    original = async_collection

    def counted(name: str) -> Any:
        nonlocal trips
        trips += name == "orders"
        return original(name)

    async def all_at_once() -> list[Any]:
        queue = together.Together()
        try:
            waiting = (queue.insert(order) for order in orders)
            return await asyncio.gather(*waiting, return_exceptions=True)
        finally:
            await close_async()

    with mock.patch.object(together, "async_collection", counted):
        return asyncio.run(all_at_once()), trips


def test_orders_of_one_moment_are_inserted_together_and_accepted_each_for_itself(
    site: Site, pair: Pair, database: Database[Document]
) -> None:
    site.posts(pair.order(), key="known")
    orders = [_plain(pair, f"k{number}") for number in range(20)]
    strange = {
        3: _plain(pair, "known"),
        7: _plain(pair, "none", payee=f"pay_{'0' * 26}"),
        9: _plain(pair, "k4"),
    }
    for place, order in strange.items():
        orders[place] = order

    outcomes, trips = _inserted_at_once(orders)

    assert trips <= 3
    failed = {place: each for place, each in enumerate(outcomes) if isinstance(each, Exception)}
    assert {place: type(each) for place, each in failed.items()} == {
        3: together.NotInserted,
        7: NotFound,
        **dict.fromkeys(failed.keys() & {4, 9}, together.NotInserted),
    }
    assert len(failed.keys() & {4, 9}) == 1
    stored = {order["idempotency_key"] for order in database["orders"].find()}
    assert stored == {"known", *(f"k{number}" for number in range(20))} - {"k3", "k7", "k9"}


def test_one_that_cannot_be_written_at_all_leaves_all_to_the_long_way(
    site: Site, pair: Pair, database: Database[Document]
) -> None:
    assert site.token
    orders = [_plain(pair, "k1"), _plain(pair, "k2", memo="\ud800"), _plain(pair, "k3")]

    async def inserted() -> list[Any]:
        try:
            return list(await together.insert_plain(orders))
        finally:
            await close_async()

    outcomes = asyncio.run(inserted())

    assert {type(each) for each in outcomes} == {together.NotInserted}
    assert database["orders"].count_documents({}) == 0
