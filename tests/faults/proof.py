"""What must hold after every fault: read from the database and the public API, and from the platform's own checkers."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from apps.kernel.ids import order_id
from apps.transactions.domain.lifecycle import FINAL
from devstack.client import Client
from devstack.onlooker import Onlooker
from tests.support.api_client import balance_of
from tests.support.audit import Problems, audit_problems, live_of
from tests.support.load import Attempt, Load
from tests.support.stack import PROJECT, Stack
from tests.support.waiting import wait_until

WAIT_FINAL_SECONDS = 240.0
LISTED = 200
# Tests before may have planted something: the trail's checker is asked for what it finds, and records in Kafka of
# orders that MongoDB never had are what verify_pipeline, and with it verify_all, is there to name.
_WITH_A_PROOF_OF_ITS_OWN = {"verify_audit", "verify_pipeline", "verify_all"}

Document = dict[str, Any]


def assert_each_is_final_once(stack: Stack, load: Load) -> dict[str, float]:
    """Every accepted order completed in one gapless history. What nobody got an answer to is wholly there or wholly
    absent; what was refused is absent. Answers when each became final, in epoch seconds."""
    client = stack.status()["credentials"]["client_id"]
    ids = {order_id(client, attempt.key): attempt for attempt in load.attempts}
    accepted = {attempt.order for attempt in load.attempts if attempt.order}
    assert accepted <= ids.keys(), "an order's id is not derived from its key"
    with live_of(stack) as live:
        wait_until(
            lambda: (
                not live.orders.count_documents(
                    {"_id": {"$in": list(ids)}, "status": {"$nin": list(FINAL)}}
                )
            ),
            WAIT_FINAL_SECONDS,
            "each order is final",
        )
        found = {order["_id"]: order for order in live.orders.find({"_id": {"$in": list(ids)}})}
        traces = set(live.entries.distinct("order", {"order": {"$in": list(ids)}}))
    assert accepted - found.keys() == set(), "accepted and lost"
    for order in found.values():
        assert_one_history(order)
    for order, attempt in ids.items():
        assert order not in found or attempt.may_be_there, f"refused, yet there: {attempt}"
        assert order in found or order not in traces, f"absent, yet money moved: {attempt}"
    return {name: order["history"][-1]["at"].timestamp() for name, order in found.items()}


def assert_one_history(order: Document) -> None:
    history = order["history"]
    assert order["status"] == "COMPLETED", order
    assert [step["version"] for step in history] == list(range(1, order["version"] + 1)), order
    assert [step["status"] for step in history if step["status"] in FINAL] == ["COMPLETED"], order


def assert_money_moved_once(
    stack: Stack, client: Client, load: Load, final: dict[str, float]
) -> None:
    """Each customer has what they opened with, less what they sent, plus what they were sent here: to the cent."""
    name = stack.status()["credentials"]["client_id"]
    there: list[Attempt] = [a for a in load.attempts if order_id(name, a.key) in final]
    sent = Counter(attempt.body["debtor"]["customer"] for attempt in there)
    stayed = Counter(
        attempt.body["debtor"]["customer"]
        for attempt in there
        if attempt.body["payee"] not in load.ring.far
    )
    customers = load.ring.customers
    for position, customer in enumerate(customers):
        received = stayed[customers[position - 1].id]
        expected = load.ring.opening_minor + 100 * (received - sent[customer.id])
        posted, held = balance_of(client, customer)
        assert (posted, held) == (f"{expected // 100}.{expected % 100:02d}", "0.00"), customer


def assert_trail_is_whole(stack: Stack, *, known: Problems) -> Problems:
    """The audit trail folds to the live documents; `known` is what was wrong with it before the fault."""
    found = audit_problems(stack)
    assert found - known == set()
    return found


def assert_checkers_agree(stack: Stack) -> list[str]:
    """Every checker that the platform has, but the trail's; says which they were."""
    commands = Path(PROJECT).glob("apps/*/management/commands/verify_*.py")
    names = sorted({path.stem for path in commands} - _WITH_A_PROOF_OF_ITS_OWN)
    assert {"verify_orders", "verify_ledger"} <= set(names)
    # Most of the time of each is the start of its process, and the stack is at rest: two at a time.
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda checker: stack.run("manage.py", checker), names))
    for checker, answer in zip(names, answers, strict=True):
        assert answer.returncode == 0, (
            f"{checker}:\n{answer.stdout[-3000:]}\n{answer.stderr[-3000:]}"
        )
    return names


def assert_onlooker_equals_api(onlooker: Onlooker, client: Client) -> None:
    def listed() -> list[tuple[str, int, str]]:
        newest = client.get(f"/api/v1/orders?limit={LISTED}")["data"]
        return [(order["id"], order["version"], order["status"]) for order in newest]

    wait_until(lambda: onlooker.newest(LISTED) == listed(), 60, "the console equals the API")
