"""The way between a page's socket and the real server, where a test may drop, double, keep back and cut."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

Frame = dict[str, Any]
# What a browser is told when a connection breaks that nobody closed on purpose.
_BROKEN = 3001
# Taken in turns, so that a short test meets every kind.
_MISCHIEF = ("pass", "drop", "double", "pass", "swap")


class Wire:
    """Lies between the page and the server from the next page on that is opened."""

    def __init__(self, page: Page) -> None:
        self.sent: list[Frame] = []
        self.done: Counter[str] = Counter()
        self._is_cut = False
        self._is_lossy = False
        self._kept: str | None = None
        self._socket: WebSocketRoute | None = None
        page.route_web_socket(re.compile("/ws/console/"), self._open)

    def lossy(self) -> None:
        """From here on deltas are dropped, doubled and swapped, in turns."""
        self._is_lossy = True

    def calm(self) -> None:
        self._is_lossy, self._kept = False, None

    def cut(self) -> None:
        """The connection breaks, and new ones do until `mend`."""
        self._is_cut = True
        self.break_once()

    def break_once(self) -> None:
        assert self._socket is not None
        self._socket.close(code=_BROKEN, reason="cut")

    def mend(self) -> None:
        self._is_cut = False

    def say(self, **frame: Any) -> None:
        """A frame to the page as the server would say it."""
        assert self._socket is not None
        self._socket.send(json.dumps(frame))

    def end(self, code: int) -> None:
        """Closes as the server does when it lets somebody go."""
        self.say(type="bye", code=code, detail="", retry_after=None)
        assert self._socket is not None
        self._socket.close(code=code)

    def sids(self) -> list[str]:
        return [message["sid"] for message in self.sent if message["type"] == "sub"]

    def _open(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close(code=_BROKEN, reason="cut")
            return
        self._socket = socket
        server = socket.connect_to_server()

        def up(message: str | bytes) -> None:
            self.sent.append(json.loads(message))
            server.send(message)

        socket.on_message(up)
        server.on_message(lambda message: self._down(str(message), socket.send))

    def _down(self, message: str, send: Callable[[str], None]) -> None:
        if not self._is_lossy or json.loads(message)["type"] != "delta":
            send(message)
            return
        kind = _MISCHIEF[self.done.total() % len(_MISCHIEF)]
        self.done[kind] += 1
        kept, self._kept = self._kept, message if kind == "swap" else None
        passed = {"pass": [message], "double": [message, message]}.get(kind, [])
        for each in [*passed, *([kept] if kept else [])]:
            send(each)
