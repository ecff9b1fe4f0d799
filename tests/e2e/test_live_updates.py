"""From a POST to a frame of the console's websocket: API, MongoDB, Debezium, Kafka, Flink, and the way back."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed

from devstack.client import Client
from tests.support.api_client import a_pair
from tests.support.mongod import free_port
from tests.support.sockets import live_socket, rows_of, staff_cookies
from tests.support.stack import PROJECT, Stack, _environment
from tests.support.waiting import wait_until


def test_a_watching_socket_is_told_of_an_order_until_it_is_final(
    stack: Stack, client: Client
) -> None:
    status = stack.status()
    pair = a_pair(client)

    with live_socket(status, cookies=staff_cookies(status)) as socket:
        socket.send(type="hello", protocol=2)
        socket.send(type="sub", sid="feed", topic="feed")
        socket.next_of("snapshot")
        order = client.send(pair.order("12.34"))["id"]
        rows = socket.rows_until(order, "COMPLETED")

    versions = [row["version"] for row in rows]
    assert versions == sorted(versions)
    assert (rows[-1]["amount"], rows[-1]["currency"], rows[-1]["final"]) == ("12.34", "USD", True)


def test_snapshot_and_frames_fold_to_what_a_new_snapshot_says(stack: Stack, client: Client) -> None:
    status = stack.status()
    cookies = staff_cookies(status)
    pair = a_pair(client)

    with live_socket(status, cookies=cookies) as socket:
        socket.send(type="sub", sid="feed", topic="feed", limit=200)
        first = socket.next_of("snapshot")
        orders = [client.send(pair.order("1.00"))["id"] for _ in range(10)]
        for order in orders:
            client.wait_final(order)
        folded = {row["id"]: row for row in first["rows"]}
        seq = first["seq"]
        while any(folded.get(order, {}).get("status") != "COMPLETED" for order in orders):
            delta = socket.next_of("delta")
            assert delta["prev"] == seq
            seq = delta["seq"]
            folded.update({row["id"]: row for row in delta["upserts"]})
    with live_socket(status, cookies=cookies) as later:
        later.send(type="sub", sid="feed", topic="feed", limit=200)
        fresh = {row["id"]: row for row in later.next_of("snapshot")["rows"]}

    assert {order: folded[order] for order in orders} == {order: fresh[order] for order in orders}


def test_a_socket_of_one_order_hears_of_that_order_only(stack: Stack, client: Client) -> None:
    status = stack.status()
    pair = a_pair(client)
    watched = client.send(pair.order("1.00"))["id"]

    with live_socket(status, cookies=staff_cookies(status)) as socket:
        socket.send(type="sub", sid="one", topic=f"order:{watched}")
        socket.next_of("snapshot")
        client.wait_final(client.send(pair.order("2.00"))["id"])
        socket.next_of("beat")

    rows = [
        row
        for frame in socket.frames
        if frame["type"] in ("snapshot", "delta")
        for row in rows_of(frame)
    ]
    assert {row["id"] for row in rows} <= {watched}


def test_nobody_listens_without_a_staff_session(stack: Stack) -> None:
    with live_socket(stack.status(), cookies="") as socket:
        farewell = socket.next_frame()
        with pytest.raises(ConnectionClosed) as closed:
            socket.next_frame()

    assert (farewell["type"], farewell["code"]) == ("bye", 4401)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_a_server_that_stops_says_that_it_restarts(stack: Stack) -> None:
    """On a server of its own, so that the stack goes on."""
    status = stack.status()
    cookies = staff_cookies(status)
    with (
        second_web(stack) as (process, web),
        live_socket({**status, "web": web}, cookies=cookies) as socket,
    ):
        socket.send(type="sub", sid="feed", topic="feed")
        socket.next_of("snapshot")
        process.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            socket.next_of("nothing more")

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


@contextmanager
def second_web(stack: Stack) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    process = subprocess.Popen(
        [*(sys.executable, "-m", "uvicorn", "dpms_site.asgi:application", "--lifespan", "off"),
         *("--host", "127.0.0.1", "--port", str(port), "--no-access-log")],
        cwd=PROJECT,
        env=_environment(DPMS_DIR=str(stack.directory)),
    )  # fmt: skip
    web = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(web), 30, "the second server answers")
        yield process, web
    finally:
        process.terminate()
        process.wait(20)


def _answers(web: str) -> bool:
    try:
        with urllib.request.urlopen(f"{web}/health/ready", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
