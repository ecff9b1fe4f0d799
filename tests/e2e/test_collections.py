"""Every collection of the running platform is captured, or left out for a stated reason."""

from typing import Any

from pymongo import MongoClient

from streaming.contracts.collections import CAPTURED, LEFT_OUT
from tests.support.stack import Stack


def test_each_is_in_exactly_one_of_the_two_lists(stack: Stack) -> None:
    with MongoClient[dict[str, Any]](stack.status()["mongodb"]) as mongo:
        present = set(mongo["dpms"].list_collection_names(filter={"type": "collection"}))

    unlisted = (
        {name for name in present if not name.startswith("system.")} - set(CAPTURED) - set(LEFT_OUT)
    )

    assert unlisted == set()
    assert set(CAPTURED) & set(LEFT_OUT) == set()
    assert set(CAPTURED) <= present


def test_each_captured_one_keeps_what_was_before_a_change(stack: Stack) -> None:
    with MongoClient[dict[str, Any]](stack.status()["mongodb"]) as mongo:
        options = {
            each["name"]: each.get("options", {}) for each in mongo["dpms"].list_collections()
        }

    without = [
        name
        for name in CAPTURED
        if not options[name].get("changeStreamPreAndPostImages", {}).get("enabled")
    ]

    assert without == []
