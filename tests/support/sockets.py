"""A staff session of the console and its live websocket, spoken as the browser speaks it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from devstack.onlooker import LOGIN_PATH, SOCKET_PATH, staff_cookies, staff_login

__all__ = ["LOGIN_PATH", "LiveSocket", "live_socket", "rows_of", "staff_cookies", "staff_login"]

Frame = dict[str, Any]


def rows_of(frame: Frame) -> list[Frame]:
    """The rows that a snapshot shows or a delta changes."""
    rows: list[Frame] = frame["rows"] if frame["type"] == "snapshot" else frame["upserts"]
    return rows


class LiveSocket:
    """Reads frames in order and keeps them."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.frames: list[Frame] = []

    def send(self, **message: Any) -> None:
        self._connection.send(json.dumps(message))

    def next_frame(self, *, seconds: float = 10) -> Frame:
        frame: Frame = json.loads(self._connection.recv(timeout=seconds))
        self.frames.append(frame)
        return frame

    def next_of(self, *types: str, seconds: float = 10) -> Frame:
        """The next frame of one of these types; others, such as beats, are passed over."""
        while True:
            frame = self.next_frame(seconds=seconds)
            if frame["type"] in types:
                return frame

    def rows_until(self, order: str, status: str, *, seconds: float = 20) -> list[Frame]:
        """Every row of the order in the frames to come, until one has the status."""
        rows: list[Frame] = []
        while not rows or rows[-1]["status"] != status:
            frame = self.next_of("delta", "snapshot", seconds=seconds)
            rows += [row for row in rows_of(frame) if row["id"] == order]
        return rows


@contextmanager
def live_socket(
    status: dict[str, Any], *, cookies: str, origin: str | None = None
) -> Iterator[LiveSocket]:
    """An open socket; `origin` is the page it claims to come from, by default the site itself."""
    url = status["web"].replace("http", "ws", 1) + SOCKET_PATH
    headers = {"Cookie": cookies} if cookies else {}
    with connect(url, origin=origin or status["web"], additional_headers=headers) as connection:  # type: ignore[arg-type]
        yield LiveSocket(connection)
