"""The figures: how fast an order is accepted, how fast it is final, how many a second."""

import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Figure, at_of, percentiles_ms
from benchmarks.processor import Processor
from benchmarks.workload import Workload
from devstack.client import Client, Document
from devstack.onlooker import Onlooker, staff_cookies

_WAIT_FINAL_SECONDS = 300.0
_READERS = 8
_CHECKED_MAX = 1000
MISSED_EVENTS = 10_000


@dataclass(frozen=True)
class Sent:
    """An accepted order: when it should have been sent, when its answer was read; epoch seconds of this machine."""

    order: str
    intended_at: float
    accepted_at: float


def accept_latency(client: Client, workload: Workload, *, count: int) -> Figure:
    """One client, one order at a time: request sent to answer read."""
    seconds = []
    for number in range(count + count // 10):
        body = workload.order()
        started = time.perf_counter()
        client.send(body)
        if number >= count // 10:  # the first tenth warms up connections and caches
            seconds.append(time.perf_counter() - started)
    return {"figure": "accept_latency_ms", "clients": 1, **percentiles_ms(seconds)}


def final_latency(
    client: Client, workload: Workload, *, per_second: float, seconds: float
) -> list[Figure]:
    """Open loop: orders leave on a schedule whatever the platform does, and time counts from the schedule.

    `at` is the clock of the last history item, written in the transaction that makes the order final;
    `seen` is when a client that asks every 10 ms for one order in ten reads that it is final.
    """
    seen: list[float] = []

    def look(sent: Sent, number: int) -> None:
        if number % 10 == 0:
            _wait_until_seen_final(client, sent.order)
            seen.append(time.time() - sent.intended_at)

    sent = send_evenly(client, workload, per_second=per_second, seconds=seconds, then=look)
    ends = ends_of(client, [each.order for each in sent])
    latencies = [at_of(ends[each.order]) - each.intended_at for each in sent]
    accepted = [each.accepted_at - each.intended_at for each in sent]
    settings = {"per_second": per_second, "statuses": _statuses(ends.values())}
    return [
        {"figure": "accept_latency_ms", "per_second": per_second, **percentiles_ms(accepted)},
        {"figure": "accept_to_final_ms", "by": "at", **settings, **percentiles_ms(latencies)},
        {"figure": "accept_to_final_ms", "by": "seen", **settings, **percentiles_ms(seen)},
    ]


def send_evenly(
    client: Client,
    workload: Workload,
    *,
    per_second: float,
    seconds: float,
    then: Callable[[Sent, int], None] | None = None,
) -> list[Sent]:
    """Orders on a schedule that waits for nothing; `then` is called with each and its number once it is accepted."""
    count = int(per_second * seconds)
    bodies = [workload.order() for _ in range(count)]
    start = time.time() + 0.5

    def send_one(number: int) -> Sent:
        intended_at = start + number / per_second
        time.sleep(max(0.0, intended_at - time.time()))
        sent = Sent(client.send(bodies[number])["id"], intended_at, time.time())
        if then is not None:
            then(sent, number)
        return sent

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(send_one, range(count)))


def sustained_single(
    client: Client, workload: Workload, status: Document, *, clients: int, seconds: float
) -> Figure:
    """Closed loop: each client sends its next order when the last is accepted."""

    def send_one() -> list[str]:
        return [client.send(workload.order())["id"]]

    return _sustained(
        client, send_one, workload, status, by="single orders", clients=clients, seconds=seconds
    )


def sustained_batches(
    client: Client,
    workload: Workload,
    status: Document,
    *,
    clients: int,
    size: int,
    seconds: float,
) -> Figure:
    def send_one() -> list[str]:
        return _send_batch(client, workload, size)

    return _sustained(
        client,
        send_one,
        workload,
        status,
        by=f"batches of {size}",
        clients=clients,
        seconds=seconds,
    )


def warming_up(
    client: Client, workload: Workload, status: dict[str, Any], *, seconds: float
) -> Figure:
    """What a stack that just started does while its virtual machines compile what is hot: by batches, as the fastest
    way to make it hot. All other figures are of a stack that has this behind it.
    """
    figure = sustained_batches(client, workload, status, clients=4, size=100, seconds=seconds)
    return {**figure, "figure": "warming_up"}


def feed_catch_up(client: Client, workload: Workload, status: dict[str, Any]) -> Figure:
    """A console that missed 10,000 events: from its connection to a list that equals the API's newest 200 orders."""
    cookies = staff_cookies(status)
    # An empty feed has no position to come back to.
    client.wait_final(client.send(workload.order())["id"], seconds=_WAIT_FINAL_SECONDS)
    _settled_head(status, cookies)
    before = Onlooker(status, cookies=cookies)
    before.follow(30, until=lambda: before.after is not None)
    first = before.after or {"seq": 0}
    head = first["seq"]
    while head < first["seq"] + MISSED_EVENTS:
        # An order is numbered at least twice: accepted, and final.
        missing = first["seq"] + MISSED_EVENTS - head
        sent = [_send_batch(client, workload, 500) for _ in range(math.ceil(missing / 1000))]
        for order in sent[-1]:
            client.wait_final(order, seconds=_WAIT_FINAL_SECONDS)
        head = _settled_head(status, cookies)

    started = time.monotonic()
    before.follow(60, until=lambda: (before.after or first)["seq"] >= head)
    seconds = time.monotonic() - started

    newest = client.get("/api/v1/orders?limit=200")["data"]
    listed = [(order["id"], order["version"], order["status"]) for order in newest]
    return {
        "figure": "feed_catch_up",
        "events": head - first["seq"],
        "pages": before.pages,
        "seconds": round(seconds, 2),
        "equal": before.newest(200) == listed,
    }


def _settled_head(status: dict[str, Any], cookies: str) -> int:
    """The feed's head once it stands still."""
    head, again = 0, _head(status, cookies)
    while head != again:
        time.sleep(2)
        head, again = again, _head(status, cookies)
    return head


def _head(status: dict[str, Any], cookies: str) -> int:
    fresh = Onlooker(status, cookies=cookies)
    fresh.follow(30, until=lambda: fresh.after is not None)
    return int((fresh.after or {"seq": 0})["seq"])


def _send_batch(client: Client, workload: Workload, size: int) -> list[str]:
    orders = [{"idempotency_key": str(uuid.uuid4()), **workload.order()} for _ in range(size)]
    results = client.post("/api/v1/orders/batch", {"orders": orders}, status=207)["results"]
    return [result["order"]["id"] for result in results if result["status"] == 201]


def memory(status: dict[str, Any]) -> Figure:
    parts = {part["name"]: part["rss_mb"] for part in status["components"]}
    return {"figure": "memory_mb", "total": sum(parts.values()), "parts": parts}


def _sustained(
    client: Client,
    send_one: Callable[[], list[str]],
    workload: Workload,
    status: Document,
    *,
    by: str,
    clients: int,
    seconds: float,
) -> Figure:
    """Counts only what became final, up to the moment when the last of it did: a backlog lowers the rate."""
    processor = Processor(status)
    started = time.time()

    def send_until_over(_: int) -> list[str]:
        orders: list[str] = []
        while time.time() < started + seconds:
            orders += send_one()
        return orders

    with ThreadPoolExecutor(clients) as pool:
        orders = [order for each in pool.map(send_until_over, range(clients)) for order in each]
    accepted_seconds = time.time() - started
    # The newest is mostly the last. Asked seldom: each question competes with what is measured, and when it became
    # final its history says.
    client.wait_final(orders[-1], seconds=_WAIT_FINAL_SECONDS, every=0.25)
    used = processor.per_order(len(orders))
    # Reading is slower than paying: past this many orders an even share of them stands for all.
    checked = orders[:: max(1, len(orders) // _CHECKED_MAX)]
    ends = ends_of(client, checked)
    final_seconds = max(at_of(end) for end in ends.values()) - started
    return {
        "figure": "sustained_final_per_second",
        "by": by,
        "accounts": workload.accounts,
        "clients": clients,
        "orders": len(orders),
        "accepted_per_second": round(len(orders) / accepted_seconds, 1),
        "checked": len(checked),
        "per_second": round(len(orders) / final_seconds, 1),
        "processor_ms_per_order": used,
        "statuses": _statuses(ends.values()),
    }


def ends_of(client: Client, orders: Sequence[str]) -> dict[str, Document]:
    """The last history item of each order, once it is final; the newest is awaited first, to ask seldom."""

    def end_of(order: str) -> Document:
        client.wait_final(order, seconds=_WAIT_FINAL_SECONDS)
        return client.events(order)[-1]

    with ThreadPoolExecutor(_READERS) as pool:
        newest_first = list(reversed(orders))
        return dict(zip(newest_first, pool.map(end_of, newest_first), strict=True))


def _wait_until_seen_final(client: Client, order: str) -> None:
    while not client.order(order)["final"]:
        time.sleep(0.01)


def _statuses(ends: Any) -> dict[str, int]:
    return dict(Counter(end["status"] for end in ends))
