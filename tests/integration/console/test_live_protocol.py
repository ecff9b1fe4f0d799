"""The live socket, as to filters, counts, pauses and rights …"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from apps.access.models import StaffSession
from apps.access.roles import ROLES, Sight, permissions_of, sight_of
from apps.console import live, telling
from tests.integration.console.bank import Bank
from tests.integration.console.builders import (
    SENDER,
    an_order,
    completed,
    moved,
    seconds_ago,
)
from tests.integration.console.people import browser_of, somebody
from tests.integration.console.sockets import Frame, Tab, announce, in_tab

SECRETS = {
    Sight.MASKED: ["bea@example.com"],
    Sight.ANONYMOUS: ["bea@", "Castillo", "cus_", "Rent 77", "67.89", "6789", "USD"],
    Sight.NONE: ["bea@", "Castillo", "cus_", "Rent 77", "67.89", "6789", "USD", "ord_", "zelle"],
}


@pytest.mark.usefixtures("bank")
def test_welcomes_with_who_is_watching_and_how_much_they_see(browser: Client) -> None:
    async def script(tab: Tab) -> None:
        await tab.send(type="hello", protocol=2, build="x", tz="UTC", density="compact")
        welcome = await tab.next_of("welcome")

        assert (welcome["protocol"], welcome["roles"]) == (2, ["operator"])
        assert welcome["sight"] == "MASKED"
        assert "orders.see" in welcome["permissions"]
        assert len(welcome["build"]) == 12
        assert welcome["conn"].startswith("con_")
        assert {"epoch", "seq", "mode", "fresh_at", "lag_ms"} <= set(welcome)

    in_tab(browser, script)


@pytest.mark.parametrize("hello", [{"protocol": 1}, {"protocol": 3}, {}, {"protocol": "2"}])
@pytest.mark.usefixtures("bank")
def test_does_not_speak_with_a_page_of_another_protocol(
    hello: dict[str, Any], browser: Client
) -> None:
    async def script(tab: Tab) -> None:
        await tab.send(type="hello", **hello)
        bye = await tab.next_of("bye", "welcome")

        assert (bye["code"], bye["retry_after"]) == (live.PROTOCOL_ERROR, None)
        assert await tab.socket.close_code() == live.PROTOCOL_ERROR

    in_tab(browser, script)


def test_shows_only_what_the_filter_asks_for_and_says_when_it_ends(
    browser: Client, bank: Bank
) -> None:
    held = bank.happen(moved(an_order(), "VALIDATED", "HELD", reason="AM05"))
    other = bank.happen(an_order())

    async def script(tab: Tab) -> None:
        snapshot = await tab.subscribe(q="status:HELD")
        bank.happen(completed(other))
        new = bank.happen(moved(an_order(), "VALIDATED", "HELD", reason="AM05"))
        bank.happen(moved(held, "CANCELLED", reason="CUST", actor=SENDER))
        await announce(bank.feed.head)
        await tab.told_up_to(bank.feed.head)

        assert [row["id"] for row in snapshot["rows"]] == [held["_id"]]
        assert snapshot["counts"] == {"HELD": 1, "RECEIVED": 1}
        assert snapshot["total"] == {"count": 1, "is_exact": True}
        assert list(tab.rows) == [new["_id"]]
        assert tab.gone[held["_id"]] == 4

    in_tab(browser, script)


def test_does_not_bring_back_an_order_by_an_old_version_that_comes_late(
    browser: Client, bank: Bank
) -> None:
    order = an_order()
    bank.happen(completed(order))

    async def script(tab: Tab) -> None:
        await tab.subscribe(q="is:open")
        bank.number(order)
        new = bank.happen(an_order())
        await announce(bank.feed.head)
        await tab.told_up_to(3)

        assert list(tab.rows) == [new["_id"]]

    in_tab(browser, script)


def test_is_told_nothing_when_the_stream_is_delivered_twice(browser: Client, bank: Bank) -> None:
    orders = [an_order() for _ in range(20)]
    stream = [moment for order in orders for moment in (order, completed(order))]

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        for order in orders:
            bank.write(completed(order))
        bank.number(*stream)
        await announce(bank.feed.head)
        await tab.told_up_to(40)
        shown = tab.newest_first()
        bank.number(*stream)
        last = bank.happen(an_order())
        await announce(bank.feed.head)
        await tab.told_up_to(41)

        assert bank.feed.head == 41
        assert [row for row in tab.newest_first() if row["id"] != last["_id"]] == shown
        assert {row["version"] for row in shown} == {4}

    in_tab(browser, script)


def test_tells_the_counts_after_they_changed(browser: Client, bank: Bank) -> None:
    order = bank.happen(an_order())

    async def script(tab: Tab) -> None:
        await tab.subscribe(q="-status:HELD")
        bank.happen(completed(order))
        await announce(bank.feed.head)
        while not (delta := await tab.delta())["counts"]:
            pass

        assert delta["counts"] == {"COMPLETED": 1}
        assert delta["total"] == {"count": 1, "is_exact": True}

    in_tab(browser, script)


def test_tells_whoever_watches_the_counts_nothing_else(bank: Bank) -> None:
    bank.happen(an_order())
    browser = browser_of(somebody("adam", "admin"))

    async def script(tab: Tab) -> None:
        snapshot = await tab.subscribe("counts")
        bank.happen(completed(an_order()))
        await announce(bank.feed.head)
        delta = await tab.delta()

        assert (snapshot["rows"], snapshot["counts"]) == ([], {"RECEIVED": 1})
        assert (delta["upserts"], delta["removes"]) == ([], [])
        assert delta["counts"] == {"RECEIVED": 1, "COMPLETED": 1}

    in_tab(browser, script)


def test_holds_back_what_happens_during_a_pause(browser: Client, bank: Bank) -> None:
    order = bank.happen(an_order())

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        await tab.send(type="pause", sid="feed")
        bank.happen(moved(order, "VALIDATED"))
        bank.happen(completed(order))
        await announce(bank.feed.head)
        waiting = await tab.next_of("waiting", "delta")
        await tab.send(type="resume", sid="feed")
        delta = await tab.delta()

        assert (waiting["type"], waiting["changes"]) == ("waiting", 2)
        assert (delta["prev"], delta["seq"]) == (1, 3)
        assert [row["version"] for row in delta["upserts"]] == [4]

    in_tab(browser, script)


def test_lets_go_of_a_browser_that_acknowledges_nothing(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.console.subscription.UNACKED_MAX", 3)
    monkeypatch.setattr(telling, "STALLED_SECONDS", 0.5)

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        frames: list[Frame] = []
        while not frames or frames[-1]["type"] != "bye":
            bank.happen(an_order())
            await announce(bank.feed.head)
            frames.append(await tab.next_of("delta", "waiting", "bye"))

        assert frames[-1]["code"] == await tab.socket.close_code() == live.TOO_SLOW
        assert frames[-1]["retry_after"] >= 1
        assert [frame["type"] for frame in frames].count("delta") == 2
        assert frames[2]["type"] == "waiting"

    in_tab(browser, script)


def test_goes_on_with_a_browser_that_acknowledges(
    browser: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.console.subscription.UNACKED_MAX", 3)
    monkeypatch.setattr(telling, "STALLED_SECONDS", 0.5)

    async def script(tab: Tab) -> None:
        await tab.subscribe()
        for _ in range(8):
            bank.happen(an_order())
            await announce(bank.feed.head)
            await tab.delta()
            await tab.send(type="ack", sid="feed", seq=tab.told["feed"])

        assert tab.told["feed"] == 8

    in_tab(browser, script)


def test_refuses_a_filter_that_it_does_not_understand(browser: Client, bank: Bank) -> None:
    bank.happen(an_order())

    async def script(tab: Tab) -> None:
        await tab.send(type="sub", sid="a", topic="feed", q="colour:red")
        refused = await tab.next_of("refused", "snapshot")

        assert (refused["code"], refused["sid"]) == ("q_malformed", "a")
        assert "colour" in refused["detail"]

    in_tab(browser, script)


def leave_role(user: User) -> None:
    user.groups.set([Group.objects.get_or_create(name="viewer")[0]])


def be_disabled(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def be_no_staff(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=False)


def let_sessions_expire(_user: User) -> None:
    StaffSession.objects.update(expire_date=seconds_ago(1))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (let_sessions_expire, live.SIGNED_OUT),
        (leave_role, live.RIGHTS_CHANGED),
        (be_disabled, live.SIGNED_OUT),
        (be_no_staff, live.SIGNED_OUT),
    ],
)
@pytest.mark.usefixtures("bank")
def test_ends_within_five_seconds_of_a_change_of_rights(
    change: Callable[[User], None], code: int, staff: User, browser: Client
) -> None:
    async def script(tab: Tab) -> None:
        await tab.subscribe()
        await asyncio.to_thread(change, staff)
        bye = await tab.next_of("bye", seconds=5)

        assert bye["code"] == code
        assert await tab.socket.close_code() == code

    in_tab(browser, script)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_carries_nothing_that_its_watcher_may_not_see(
    role: str, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every topic, and every way a row can come: snapshot, delta, remove, page of the feed."""
    monkeypatch.setattr(live, "BEAT_SECONDS", 2.0)
    secret = an_order(amount_minor=6789, reference="Rent 77")
    bank.happen(secret)
    browser = browser_of(somebody("eva", *([role] if role else [])))
    topics = {"feed": "", "open": "is:open", "one": "", "counts": ""}
    heard: list[Frame] = []

    async def script(tab: Tab) -> None:
        await tab.send(type="hello", protocol=2)
        heard.append(await tab.next_of("welcome"))
        for sid, q in topics.items():
            topic = {"one": f"order:{secret['_id']}", "open": "feed"}.get(sid, sid)
            await tab.send(type="sub", sid=sid, topic=topic, q=q)
            heard.append(await tab.next_of("snapshot", "refused"))
        bank.happen(completed(secret))
        await announce(bank.feed.head)
        while heard[-1]["type"] != "beat":
            heard.append(await tab.next_of("delta", "beat"))
        answer: Any = await asyncio.to_thread(
            browser.get, f"/console/feed?after={bank.feed.epoch}.1"
        )
        heard.append({"type": "page", "status": answer.status_code, **answer.json()})

    in_tab(browser, script)

    sight, permissions = sight_of([role]), permissions_of([role])
    spoken = "\n".join(json.dumps(frame, ensure_ascii=False) for frame in heard)
    assert [word for word in SECRETS.get(sight, []) if word in spoken] == []
    refused = {frame["sid"]: frame["code"] for frame in heard if frame["type"] == "refused"}
    no_orders = dict.fromkeys(["feed", "open", "one"], "forbidden") if not sight else {}
    no_counts = {} if permissions else {"counts": "forbidden"}
    assert refused == no_orders | no_counts
    assert heard[-1]["status"] == (200 if sight else 403)
    if sight is Sight.FULL:
        assert "bea@example.com" in spoken
    if sight >= Sight.MASKED:
        assert "Castillo" in spoken
    told = {frame["sid"] for frame in heard if frame["type"] == "delta"}
    assert told == set(topics) - set(refused)
