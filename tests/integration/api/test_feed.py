"""GET /feed."""

import asyncio
import json
import threading
import time
from datetime import timedelta

import pytest
from pymongo.database import Database

from apps.console.feed import Feed
from devstack.client import Document
from dpms_site.asgi import application
from tests.integration.console.builders import an_order, completed, record_of
from tests.support.builders import an_api_client, assert_problem
from tests.support.site_client import SiteClient

FEED = "/api/v1/feed"


@pytest.fixture
def feed(database: Database[Document]) -> Feed:
    leader = Feed(database)
    leader.take_over()
    return leader


def happened(feed: Feed, count: int) -> list[str]:
    """The ids of so many orders that were accepted and numbered."""
    orders = [an_order() for _ in range(count)]
    feed.append([record_of(order) for order in orders])
    return [order["_id"] for order in orders]


def test_tells_each_change_once_and_in_order(api: SiteClient, feed: Feed) -> None:
    order = an_order()
    feed.append([record_of(order), record_of(completed(order))])

    page = api.get(FEED)

    assert [{**event, "at": "?"} for event in page["data"]] == [
        {"seq": 1, "order": order["_id"], "version": 1, "status": "RECEIVED", "at": "?"},
        {"seq": 2, "order": order["_id"], "version": 4, "status": "COMPLETED", "at": "?"},
    ]
    assert (page["next"], page["has_more"]) == (f"{feed.epoch}.2", False)


def test_goes_on_from_its_position_without_loss_or_repetition(api: SiteClient, feed: Feed) -> None:
    orders = happened(feed, 7)
    seen: list[Document] = []
    page = api.get(f"{FEED}?limit=3")
    while page["data"]:
        seen += page["data"]
        page = api.get(f"{FEED}?limit=3&after={page['next']}")
    later = happened(feed, 1)

    assert [event["order"] for event in seen] == orders
    after = api.get(f"{FEED}?after={page['next']}")
    assert [event["order"] for event in after["data"]] == later


def test_says_whether_there_is_more(api: SiteClient, feed: Feed) -> None:
    happened(feed, 3)

    assert [api.get(f"{FEED}?limit={n}")["has_more"] for n in (2, 3, 4)] == [True, False, False]


def test_of_no_orders_is_empty_and_its_position_is_good(api: SiteClient, feed: Feed) -> None:
    empty = api.get(FEED)
    orders = happened(feed, 1)

    assert empty == {"data": [], "next": ".0", "has_more": False}
    assert [event["order"] for event in api.get(f"{FEED}?after=.0")["data"]] == orders


def test_shows_a_client_its_own_orders_only(api: SiteClient, feed: Feed) -> None:
    narrow = an_api_client("cli_narrow", scopes=("orders:read",))
    mine = {**an_order(), "client": "cli_narrow"}
    feed.append([record_of(an_order()), record_of(mine), record_of(an_order())])

    page = narrow.get(FEED)

    assert [event["order"] for event in page["data"]] == [mine["_id"]]
    assert page["next"] == f"{feed.epoch}.3"
    assert len(api.get(FEED)["data"]) == 3


def test_needs_the_scope(api: SiteClient, feed: Feed) -> None:  # noqa: ARG001
    blind = an_api_client("cli_blind", scopes=("payees:read",))

    assert_problem(blind.call("GET", FEED), 403, "scope_missing")


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=feed_1.1", "after=.1", "after=", "limit=0", "limit=201", "wait=26", "wait=-1"],
)  # fmt: skip
def test_refuses_a_malformed_question(query: str, api: SiteClient) -> None:
    assert_problem(api.call("GET", f"{FEED}?{query}"), 400, "query_invalid")


def test_says_that_a_position_of_another_epoch_is_gone(api: SiteClient, feed: Feed) -> None:
    happened(feed, 2)
    position = api.get(FEED)["next"]
    feed._events.delete_many({})
    feed.take_over()
    happened(feed, 3)

    gone = assert_problem(api.call("GET", f"{FEED}?after={position}"), 410, "feed_position_gone")

    assert "without `after`" in gone["detail"]


def test_says_that_a_position_is_older_than_what_is_kept(api: SiteClient, feed: Feed) -> None:
    happened(feed, 5)
    feed._events.delete_many({"_id": {"$lte": 3}})

    assert_problem(api.call("GET", f"{FEED}?after={feed.epoch}.2"), 410, "feed_position_gone")
    assert_problem(api.call("GET", f"{FEED}?after={feed.epoch}.99"), 410, "feed_position_gone")
    assert len(api.get(f"{FEED}?after={feed.epoch}.4")["data"]) == 1


def fetched(api: SiteClient, query: str) -> tuple[Document, float]:
    """The answer by the ASGI side, where requests may wait, and how long it took."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": FEED,
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", f"Bearer {api.token()}".encode()),
        ],
        "server": ("localhost", 80),
    }
    sent: list[Document] = []
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Document:
        if requests:
            return requests.pop()
        await asyncio.sleep(3600)
        raise AssertionError("nobody leaves")

    async def send(message: Document) -> None:
        sent.append(message)

    async def exchange() -> None:
        await application(scope, receive, send)

    started = time.monotonic()
    asyncio.run(exchange())
    body: Document = json.loads(b"".join(message.get("body", b"") for message in sent[1:]))
    return body, time.monotonic() - started


def test_waits_for_the_first_event(api: SiteClient, feed: Feed) -> None:
    happened(feed, 1)
    position = api.get(FEED)["next"]
    later = threading.Timer(timedelta(seconds=0.5).total_seconds(), happened, (feed, 1))
    later.start()

    page, seconds = fetched(api, f"after={position}&wait=20")

    later.join()
    assert [event["seq"] for event in page["data"]] == [2]
    assert 0.5 <= seconds < 5


def test_waits_no_longer_than_it_was_asked_to(api: SiteClient, feed: Feed) -> None:
    happened(feed, 1)
    position = api.get(FEED)["next"]

    page, seconds = fetched(api, f"after={position}&wait=1")

    assert (page["data"], page["next"]) == ([], position)
    assert 1 <= seconds < 3


def test_does_not_wait_when_there_is_something(api: SiteClient, feed: Feed) -> None:
    happened(feed, 1)

    page, seconds = fetched(api, "wait=20")

    assert len(page["data"]) == 1
    assert seconds < 2
