"""The connector on Kafka Connect, over its REST interface: installed, looked at, failed tasks restarted."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from streaming.capture.connector import NAME, connector_config
from streaming.config import Config

ANSWER_SECONDS = 15
INSTALL_SECONDS = 60.0
POLL_SECONDS = 0.2
REBALANCING, NOT_FOUND = 409, 404


class ConnectUnavailable(RuntimeError):
    """Kafka Connect cannot be asked now, or is moving its work between workers."""


class ConnectorNotRunning(RuntimeError):
    """The connector was installed but does not run; the message holds its own explanation."""


@dataclass(frozen=True)
class State:
    """States in Connect's words (RUNNING, FAILED, UNASSIGNED, PAUSED …); `trace` explains a failure."""

    connector: str
    tasks: dict[int, str]
    trace: str = ""

    @property
    def is_running(self) -> bool:
        return self.connector == "RUNNING" and set(self.tasks.values()) == {"RUNNING"}


def install(config: Config) -> None:
    """Give Connect the configuration if it has another one, and wait until the task runs."""
    wanted = connector_config(config)
    deadline = time.monotonic() + INSTALL_SECONDS
    state: State | None = None
    installed = False
    while time.monotonic() < deadline:
        try:
            if not installed:
                _put_if_different(config, wanted)
                installed = True
            restart_failed(config)
            state = check(config)
            if state is not None and state.is_running:
                return
        except ConnectUnavailable as error:
            state = State(str(error), {})
        time.sleep(POLL_SECONDS)
    raise ConnectorNotRunning(f"after {INSTALL_SECONDS:.0f} s: {state}")


def check(config: Config) -> State | None:
    """How the connector and its tasks are; None when it is not installed. Raises ConnectUnavailable."""
    answer = _ask(config, "GET", f"/connectors/{NAME}/status")
    if answer is None:
        return None
    tasks = {task["id"]: task["state"] for task in answer["tasks"]}
    traces = [part.get("trace", "") for part in (answer["connector"], *answer["tasks"])]
    return State(answer["connector"]["state"], tasks, "\n".join(filter(None, traces)))


def restart_failed(config: Config) -> list[str]:
    """Restart what is FAILED and name it. Raises ConnectUnavailable."""
    state = check(config)
    if state is None:
        return []
    failed = [f"task {number}" for number, name in state.tasks.items() if name == "FAILED"]
    failed += ["connector"] if state.connector == "FAILED" else []
    if failed:
        query = "includeTasks=true&onlyFailed=true"
        _ask(config, "POST", f"/connectors/{NAME}/restart?{query}")
    return failed


def _put_if_different(config: Config, wanted: dict[str, str]) -> None:
    """A PUT restarts the connector even when nothing changed, so an equal one is left alone."""
    present = _ask(config, "GET", f"/connectors/{NAME}/config")
    if present != {**wanted, "name": NAME}:
        _ask(config, "PUT", f"/connectors/{NAME}/config", wanted)


def _ask(config: Config, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(  # noqa: S310
        config.connect_url + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            text = answer.read()
    except urllib.error.HTTPError as error:
        if error.code == NOT_FOUND:
            return None
        if error.code == REBALANCING or error.code >= 500:
            raise ConnectUnavailable(f"{method} {path}: {error.code} {error.reason}") from error
        raise ConnectorNotRunning(f"{method} {path}: {error.code} {error.read()!r}") from error
    except (OSError, ValueError) as error:
        raise ConnectUnavailable(f"{method} {path}: {error}") from error
    return json.loads(text) if text else {}
