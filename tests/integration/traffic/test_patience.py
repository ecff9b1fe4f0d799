"""The demo's client against a server that fails, hangs up and comes back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from devstack.client import Client, NoAnswer, Unreachable
from devstack.traffic.patience import PatientClient, Stopped


class FlakyApi(BaseHTTPRequestHandler):
    """Grants tokens; answers orders by the list `answers`: a status, or None for hanging up after reading."""

    protocol_version = "HTTP/1.1"
    answers: list[int | None]
    keys: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/oauth/token":
            self._reply(200, b'{"access_token": "t", "expires_in": 3600}')
            return
        self.keys.append(self.headers["Idempotency-Key"])
        answer = self.answers.pop(0)
        if answer is None:
            self.close_connection = True
            return
        self._reply(answer, b'{"id": "ord_1"}')

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the test says what went wrong."""


@contextmanager
def a_server(*answers: int | None) -> Iterator[tuple[str, list[str]]]:
    keys: list[str] = []
    handler = type("Handler", (FlakyApi,), {"answers": list(answers), "keys": keys})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr("devstack.traffic.patience._FIRST_PAUSE_SECONDS", 0.001)
    return []


def a_patient_client(web: str, said: list[str]) -> PatientClient:
    client = PatientClient(web=web, client_id="c", client_secret="s", timeout_seconds=5)
    client.say, client.stopping = said.append, threading.Event()
    return client


def test_repeats_with_the_same_key_until_the_answer_is_definite(said: list[str]) -> None:
    with a_server(503, None, 201) as (web, keys):
        order = a_patient_client(web, said).send({})

    assert order["id"] == "ord_1"
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert [line.split(" (")[0] for line in said] == [
        "The API does not answer",
        "The API answers again.",
    ]


def test_takes_a_refusal_as_an_answer(said: list[str]) -> None:
    with a_server(422) as (web, keys):
        answer = a_patient_client(web, said).call("POST", "/api/v1/orders", {}, key="k")

    assert answer.status == 422
    assert (len(keys), said) == (1, [])


def test_stops_when_it_is_asked_to(said: list[str]) -> None:
    with a_server(503, 503, 503) as (web, keys):
        client = a_patient_client(web, said)
        client.stopping.set()

        with pytest.raises(Stopped):
            client.send({})

    assert len(keys) == 1


def test_tells_an_unknown_outcome_from_nobody_listening() -> None:
    with a_server(None) as (web, _):
        client = Client(web=web, client_id="c", client_secret="s")
        with pytest.raises(NoAnswer) as unknown:
            client.send({})
    with pytest.raises(Unreachable):
        client.send({})

    assert not isinstance(unknown.value, Unreachable)
