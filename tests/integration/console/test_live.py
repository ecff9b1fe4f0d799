"""The live socket …"""

import asyncio
import random

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pymongo.database import Database

from apps.access.roles import Sight
from apps.console import live, selectors
from dpms_site.mongodb import Document
from tests.integration.console.bank import Bank
from tests.integration.console.builders import (
    an_order,
    completed,
    moved,
)
from tests.integration.console.sockets import Socket, Tab, announce, in_tab


@pytest.mark.usefixtures("database")
def test_is_refused_without_a_session() -> None:
    assert refusal_of(Client()) == live.SIGNED_OUT


@pytest.mark.usefixtures("database")
def test_is_refused_to_whoever_is_no_staff() -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("eve"))

    assert refusal_of(stranger) == live.SIGNED_OUT


def refusal_of(browser: Client) -> int:
    """The code that closes the socket; before it comes nothing but the reason."""

    async def play() -> int:
        socket = Socket(browser)
        await socket.open()
        bye, code = await socket.frame(), await socket.close_code()
        assert (bye["type"], bye["code"]) == ("bye", code)
        assert await socket.is_silent()
        return code

    return asyncio.run(play())


@pytest.mark.usefixtures("bank")
def test_welcomes_with_its_limits(browser: Client) -> None:
    async def script(tab: Tab) -> None:
        await tab.send(type="hello", protocol=2)
        welcome = await tab.next_of("welcome")

        assert welcome["user"] == "maria"
        assert welcome["limits"] == {"rows": 500, "subscriptions": 16}

    in_tab(browser, script)


def test_begins_with_the_newest_orders(browser: Client, bank: Bank) -> None:
    order = bank.happen(completed(an_order()))

    async def script(tab: Tab) -> None:
        snapshot = await tab.subscribe()

        assert (snapshot["type"], snapshot["seq"]) == ("snapshot", 1)
        (row,) = snapshot["rows"]
        assert (row["id"], row["word"], row["amount"]) == (order["_id"], "Completed", "12.34")

    in_tab(browser, script)


def test_names_the_customers_of_its_rows(
    browser: Client, bank: Bank, database: Database[Document]
) -> None:
    database["customers"].insert_one({"_id": "cus_ann", "name": "Ann Novak"})
    bank.happen(an_order())

    async def script(tab: Tab) -> None:
        (known,) = (await tab.subscribe())["rows"]
        bank.happen(an_order())
        await announce(2)
        (told,) = (await tab.next_of("delta"))["upserts"]

        for row in (known, told):
            assert (row["payer"], row["paid"]) == ("Ann Novak", "Bea Castillo")

    in_tab(browser, script)


def test_sends_a_change_as_soon_as_it_is_told_of_it(browser: Client, bank: Bank) -> None:
    order = bank.happen(an_order())

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        bank.happen(completed(order))
        await announce(2)
        # Polling alone would take up to a second.
        delta = await tab.delta(seconds=0.5)

        assert (delta["prev"], delta["seq"], delta["n_events"]) == (1, 2, 1)
        assert [row["status"] for row in delta["upserts"]] == ["COMPLETED"]

    in_tab(browser, script)


def test_finds_changes_by_itself_when_no_notice_comes(browser: Client, bank: Bank) -> None:
    async def script(tab: Tab) -> None:
        await tab.subscribe()
        bank.happen(an_order())
        delta = await tab.delta(seconds=3)

        assert (delta["prev"], delta["seq"]) == (0, 1)

    in_tab(browser, script)


def test_does_not_lose_what_happens_while_it_begins(browser: Client, bank: Bank) -> None:
    """A change that is in the orders but not yet in the feed at the snapshot comes again, and counts once."""
    order = an_order()
    bank.write(completed(order))

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        bank.number(order, completed(order))
        await tab.told_up_to(2)

        assert [row["version"] for row in tab.newest_first()] == [4]

    in_tab(browser, script)


@pytest.mark.parametrize("seed", range(3))
def test_folds_to_the_list(seed: int, browser: Client, bank: Bank) -> None:
    """Snapshot and deltas, applied in turn, are what the list shows, whatever the order and the pace."""
    rng = random.Random(seed)
    endings = [("REJECTED",), ("VALIDATED", "FUNDED", "COMPLETED"), ("VALIDATED", "HELD")]
    past = [bank.happen(an_order()) for _ in range(5)]

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        for _ in range(30):
            step = rng.random()
            if step < 0.5:
                past.append(bank.happen(an_order(amount_minor=rng.randrange(1, 10**6))))
            elif step < 0.9:
                index = rng.randrange(len(past))
                if past[index]["version"] == 1:
                    past[index] = bank.happen(moved(past[index], *rng.choice(endings)))
            else:
                bank.number(rng.choice(past))
            await announce(bank.feed.head)
            await asyncio.sleep(rng.random() / 20)
        await tab.told_up_to(bank.feed.head)

        assert tab.newest_first() == await asyncio.to_thread(
            selectors.newest_rows, sight=Sight.MASKED, limit=500
        )
        assert len(tab.rows) == len(past)

    in_tab(browser, script)


def test_resumes_after_the_number_that_the_browser_has(browser: Client, bank: Bank) -> None:
    async def script(tab: Tab) -> None:
        await tab.subscribe()
        bank.happen(an_order())
        await tab.told_up_to(1)
        await tab.send(type="unsub", sid="feed")
        missed = bank.happen(an_order())
        await announce(2)
        resumed = await tab.subscribe(after={"epoch": tab.epoch, "seq": 1})

        # The ring may still be reading the newest event when it is asked.
        await tab.told_up_to(2)
        assert resumed["type"] == "delta"
        assert missed["_id"] in tab.rows

    in_tab(browser, script)


@pytest.mark.parametrize(
    "after",
    [
        {"epoch": "feed_another", "seq": 1},
        {"seq": 1},
        {"epoch": None, "seq": None},
        "1",
        {"epoch": "", "seq": 99},
    ],
)
def test_begins_anew_when_the_number_leads_nowhere(
    after: object, browser: Client, bank: Bank
) -> None:
    bank.happen(an_order())

    async def script(tab: Tab) -> None:
        frame = await tab.subscribe(after=after)

        assert frame["type"] == "snapshot"
        assert len(frame["rows"]) == 1

    in_tab(browser, script)


def test_resets_when_the_feed_began_anew(browser: Client, bank: Bank) -> None:
    bank.happen(an_order())

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        bank.feed._events.delete_many({})
        bank.feed.take_over()
        bank.happen(an_order())
        reset = await tab.next_of("reset")
        snapshot = await tab.subscribe()

        assert reset["sid"] == "feed"
        assert snapshot["epoch"] == bank.feed.epoch
        assert len(snapshot["rows"]) == 2

    in_tab(browser, script)


def test_tells_a_subscriber_of_one_order_of_no_other(browser: Client, bank: Bank) -> None:
    mine, other = bank.happen(an_order()), bank.happen(an_order())

    async def script(tab: Tab) -> None:
        snapshot = await tab.subscribe(f"order:{mine['_id']}")
        bank.happen(completed(other))
        bank.happen(completed(mine))
        await announce(bank.feed.head)
        delta = await tab.delta()

        assert [row["id"] for row in snapshot["rows"]] == [mine["_id"]]
        assert {row["id"] for row in delta["upserts"]} == {mine["_id"]}
        assert delta["n_events"] == 1

    in_tab(browser, script)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"sid": "", "topic": "feed"}, "sid_malformed"),
        ({"sid": 7, "topic": "feed"}, "sid_malformed"),
        ({"sid": "a", "topic": "secrets"}, "topic_unknown"),
        ({"sid": "a", "topic": {"$ne": None}}, "topic_unknown"),
        ({"sid": "a", "topic": "order:"}, "topic_unknown"),
        ({"sid": "a", "topic": "feed", "limit": 501}, "limit_malformed"),
        ({"sid": "a", "topic": "feed", "limit": True}, "limit_malformed"),
    ],
)
@pytest.mark.usefixtures("bank")
def test_refuses_what_it_does_not_offer(
    message: dict[str, object], code: str, browser: Client
) -> None:
    async def script(tab: Tab) -> None:
        await tab.send(type="sub", **message)
        refused = await tab.next_of("refused", "snapshot")

        assert refused["code"] == code

    in_tab(browser, script)
