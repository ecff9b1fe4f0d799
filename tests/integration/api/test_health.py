"""Health: ready while MongoDB can take an order, whatever else is away."""

import dataclasses
import socket
import time

import pytest
from django.conf import settings

from tests.support.site_client import SiteClient


def test_is_ready_with_only_the_database_and_says_what_is_away(api: SiteClient) -> None:
    answer = api.exchange("GET", "/health/ready", None, {})

    assert (answer.status, answer.body["status"]) == (200, "degraded")
    states = {name: part["state"] for name, part in answer.body["dependencies"].items()}
    assert states == {
        "mongodb": "up",
        "kafka": "down",
        "connect": "down",
        "flink": "down",
        "valkey": "down",
    }


def test_is_bounded_in_time_when_a_part_hangs(
    api: SiteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        config = dataclasses.replace(
            settings.CONFIG,
            connect_url=f"http://127.0.0.1:{port}",
            flink_url=f"http://127.0.0.1:{port}",
            valkey_url=f"redis://127.0.0.1:{port}",
            kafka_bootstrap=f"127.0.0.1:{port}",
        )
        monkeypatch.setattr(settings, "CONFIG", config)
        started = time.monotonic()

        answer = api.exchange("GET", "/health/ready", None, {})

    assert answer.status == 200
    assert answer.body["dependencies"]["kafka"]["state"] == "up"
    assert answer.body["dependencies"]["flink"]["state"] == "down"
    assert time.monotonic() - started < 4


@pytest.mark.usefixtures("no_database")
def test_is_not_ready_without_the_database(api: SiteClient) -> None:
    ready = api.exchange("GET", "/health/ready", None, {})
    live = api.exchange("GET", "/health/live", None, {})

    assert (ready.status, ready.body["accepts_orders"]) == (503, False)
    assert live.status == 200
