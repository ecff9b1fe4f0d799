"""What must hold after every fault, checked through the public API and by the platform's own checkers."""

from collections import Counter
from datetime import datetime

from apps.transactions.domain.lifecycle import FINAL
from devstack.client import Client
from tests.support.api_client import balance_of
from tests.support.audit import Problems, audit_problems
from tests.support.load import Load, Ring
from tests.support.stack import Stack

_WAIT_FINAL_SECONDS = 180.0


def assert_each_is_final_once(client: Client, load: Load) -> dict[str, float]:
    """Every accepted order completed in one gapless history; answers when each became final, in epoch seconds."""
    orders = [attempt.order for attempt in load.attempts]
    assert len(set(orders)) == len(load.attempts)
    final_at: dict[str, float] = {}
    for order in orders:
        found = client.wait_final(order, seconds=_WAIT_FINAL_SECONDS)
        events = client.events(order)
        assert found["status"] == "COMPLETED", found
        assert [event["version"] for event in events] == list(range(1, len(events) + 1)), events
        assert [event["status"] for event in events if event["status"] in FINAL] == ["COMPLETED"]
        final_at[order] = datetime.fromisoformat(events[-1]["at"]).timestamp()
    return final_at


def assert_money_moved_once(client: Client, ring: Ring, load: Load, *, opening_minor: int) -> None:
    """Each customer has what they opened with, less what they sent, plus what they were sent: to the cent."""
    sent = Counter(attempt.body["debtor"]["customer"] for attempt in load.attempts)
    ids = [customer.id for customer in ring.customers]
    for position, customer in enumerate(ring.customers):
        expected = opening_minor + 100 * (sent[ids[position - 1]] - sent[customer.id])
        posted, held = balance_of(client, customer)
        assert (posted, held) == (f"{expected // 100}.{expected % 100:02d}", "0.00")


def assert_trail_is_whole(stack: Stack, *, known: Problems) -> None:
    """The audit trail folds to the live documents; `known` is what was wrong with it before the fault."""
    assert audit_problems(stack) - known == set()


def assert_checkers_agree(stack: Stack) -> None:
    for checker in ("verify_orders", "verify_ledger", "verify_idempotency"):
        answer = stack.run("manage.py", checker)
        assert answer.returncode == 0, f"{checker}:\n{answer.stdout}\n{answer.stderr}"
