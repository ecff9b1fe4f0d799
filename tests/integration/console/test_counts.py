"""Counts by status …"""

import asyncio
import time
from collections.abc import Iterator

import pytest
from django.test import Client
from pymongo.database import Database

from apps.console.counts import Counts
from apps.console.filter import parsed
from dpms_site.mongodb import Document
from tests.integration.console.bank import Bank
from tests.integration.console.builders import an_order, completed
from tests.integration.console.sockets import Tab, announce, in_tab, opened


@pytest.fixture
def profile(database: Database[Document]) -> Iterator[Database[Document]]:
    """The database while it keeps a record of every command."""
    database.command("profile", 2)
    yield database
    database.command("profile", 0)
    database.drop_collection("system.profile")


def counted(database: Database[Document]) -> int:
    asked = {"ns": f"{database.name}.orders", "command.aggregate": "orders"}
    return database["system.profile"].count_documents(asked)


def test_are_counted_once_for_all_sockets_and_at_most_once_a_second(
    browser: Client, bank: Bank, profile: Database[Document]
) -> None:
    async def script(tab: Tab) -> None:
        async with opened(browser) as other:
            await tab.subscribe("counts")
            await other.subscribe("counts")
            started, before = time.monotonic(), await asyncio.to_thread(counted, profile)
            for _ in range(15):
                bank.happen(completed(an_order()))
                await announce(bank.feed.head)
                await asyncio.sleep(0.1)
            for each in (tab, other):
                while (await each.delta())["counts"] != {"COMPLETED": 15}:
                    pass
            seconds = time.monotonic() - started

        made = await asyncio.to_thread(counted, profile) - before
        assert 1 <= made <= seconds + 1

    in_tab(browser, script)


def test_know_what_happened_before_they_were_asked_for(bank: Bank) -> None:
    async def play() -> None:
        counts, everything = Counts(), parsed("")
        assert await counts.since(everything, time.monotonic()) == {}
        bank.happen(an_order())

        assert (await counts.recent(everything))[0] == {}
        assert await counts.since(everything, time.monotonic()) == {"RECEIVED": 1}

    asyncio.run(play())


@pytest.mark.usefixtures("database")
def test_of_many_filters_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.console.counts.KEPT_MAX", 3)

    async def play() -> Counts:
        counts = Counts()
        for number in range(6):
            await counts.recent(parsed(f"amount>={number}"))
        return counts

    assert len(asyncio.run(play())._entries) == 3
