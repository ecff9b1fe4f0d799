"""All checkers on a running stack: they read everything that a payment left, and find nothing wrong with it."""

import json
from typing import Any

from devstack.client import Client
from tests.support.api_client import a_pair
from tests.support.stack import Stack
from tests.support.topics import produce, read, wait_consumed


def _verify(stack: Stack, command: str, *arguments: str) -> dict[str, Any]:
    answer = stack.run("manage.py", command, "--json", *arguments)
    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def test_a_payment_is_seen_by_every_checker_and_accused_by_none(
    stack: Stack, client: Client
) -> None:
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("12.34"))["id"])["id"]

    told = _verify(stack, "verify_all")

    assert list(told) == [
        *("verify_orders", "verify_ledger", "verify_idempotency", "verify_pipeline"),
        *("verify_audit", "verify_networks"),
    ]
    for name in ("verify_orders", "verify_ledger", "verify_idempotency", "verify_pipeline"):
        assert told[name]["checked"]["orders"] > 0
    assert told["verify_pipeline"]["checked"]["records"] > 0
    assert told["verify_audit"]["checked"]["entries"] > 0
    accused = [each for found in told.values() for each in found["problems"] if order in each["id"]]
    assert accused == []
    lines = stack.run("manage.py", "verify_all").stdout
    assert [line.split()[0] for line in lines.splitlines() if line.startswith("verify_")] == [*told]


def test_a_change_delivered_again_is_counted_by_the_pipeline_s_checker(
    stack: Stack, client: Client
) -> None:
    pair = a_pair(client)
    order = client.wait_final(client.send(pair.order("5.00"))["id"])["id"]
    kafka = stack.status()["kafka"]
    before = _verify(stack, "verify_pipeline")
    records = read(
        kafka, "dpms.cdc.orders", lambda message: order.encode() in (message.key() or b"")
    )
    assert len(records) == 2
    for record in records:
        place = produce(
            kafka,
            "dpms.cdc.orders",
            key=record.key() or b"",
            value=record.value(),
            partition=int(record.partition() or 0),
        )
    wait_consumed(kafka, "send_money", place)

    after = _verify(stack, "verify_pipeline")

    assert after["checked"]["duplicates"] - before["checked"]["duplicates"] == 2
    assert [each for each in after["problems"] if order in each["id"]] == []


def test_a_watch_of_the_running_ledger_reads_many_snapshots(stack: Stack) -> None:
    told = _verify(stack, "verify_ledger", "--watch", "1")

    assert told["checked"]["snapshots"] > 3
    assert told["problems"] == []
