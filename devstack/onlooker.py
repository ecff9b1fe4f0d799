"""A browser of bank staff without a screen: follows the console's feed over its socket and folds it into a list."""

import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

LOGIN_PATH = "/console/login/"
SOCKET_PATH = "/ws/console/"
ROWS = 500
ACK_SECONDS = 1.0
RETRY_SECONDS = 0.3

Frame = dict[str, Any]


def staff_login(status: dict[str, Any]) -> tuple[str, str]:
    """User name and password of the stack's first member of staff."""
    first = status["credentials"]["staff"][0]
    return first["username"], first["password"]


def staff_cookies(status: dict[str, Any]) -> str:
    """The Cookie header of a session after logging in through the form."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    url = status["web"] + LOGIN_PATH
    form = opener.open(url, timeout=15).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if token is None:
        raise ValueError("the login form has no CSRF token")
    username, password = staff_login(status)
    fields = {"username": username, "password": password, "csrfmiddlewaretoken": token.group(1)}
    opener.open(url, data=urllib.parse.urlencode(fields).encode(), timeout=15).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


class Onlooker:
    """What a page shows of the feed. Safe to leave and come back to: it resumes from its number."""

    def __init__(self, status: dict[str, Any], *, cookies: str, q: str = "") -> None:
        self._web = status["web"]
        self._cookies = cookies
        self._q = q
        self._gone: dict[str, int] = {}
        self._acked_at = 0.0
        self.rows: dict[str, Frame] = {}
        self.after: dict[str, Any] | None = None
        self.mode = ""
        self.connections = 0
        self.pages = 0

    def follow(self, seconds: float, *, until: Any = lambda: False) -> None:
        """Watches for so long or until `until` says True, connecting again whenever it must."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            try:
                with self._connected() as socket:
                    self._watch(socket, deadline, until)
            except (OSError, WebSocketException, urllib.error.URLError):
                time.sleep(RETRY_SECONDS)

    def newest(self, count: int) -> list[tuple[str, int, str]]:
        """Id, version and status of the newest orders shown, newest first."""
        rows = sorted(self.rows.values(), key=lambda row: (row["created_at"], row["id"]))
        return [(row["id"], row["version"], row["status"]) for row in rows[::-1][:count]]

    def _connected(self) -> ClientConnection:
        url = self._web.replace("http", "ws", 1) + SOCKET_PATH
        return connect(
            url,
            origin=self._web,
            additional_headers={"Cookie": self._cookies},
            max_size=None,
            open_timeout=5,
        )

    def _watch(self, socket: ClientConnection, deadline: float, until: Any) -> None:
        self.connections += 1
        socket.send(json.dumps({"type": "hello", "protocol": 2}))
        self._subscribe(socket)
        while time.monotonic() < deadline and not until():
            try:
                frame = json.loads(socket.recv(timeout=0.2))
            except TimeoutError:
                continue
            if not self._fold(frame):
                self._subscribe(socket)
            self._acknowledge(socket)

    def _subscribe(self, socket: ClientConnection) -> None:
        asked = {"sid": "feed", "topic": "feed", "q": self._q, "limit": ROWS, "after": self.after}
        socket.send(json.dumps({"type": "sub", **asked}))

    def _acknowledge(self, socket: ClientConnection) -> None:
        if self.after is None or time.monotonic() < self._acked_at + ACK_SECONDS:
            return
        self._acked_at = time.monotonic()
        socket.send(json.dumps({"type": "ack", "sid": "feed", "seq": self.after["seq"]}))

    def _fold(self, frame: Frame) -> bool:
        """False when the subscription must be asked for again, from `after`."""
        self.mode = frame.get("mode", self.mode)
        match frame["type"]:
            case "snapshot":
                self.rows, self._gone = {row["id"]: row for row in frame["rows"]}, {}
            case "delta" if self.after is None or not self._fits(frame, self.after):
                return False
            case "delta":
                self._apply(frame["upserts"], frame["removes"])
            case "gap":
                self._refill()
                return False
            case "reset":
                self.after = None
                return False
            case _:
                return True
        self.after = {"epoch": frame["epoch"], "seq": frame["seq"]}
        return True

    @staticmethod
    def _fits(frame: Frame, after: dict[str, Any]) -> bool:
        is_same = after["epoch"] in (frame["epoch"], "")
        return is_same and frame["prev"] <= after["seq"] <= frame["seq"]

    def _apply(self, upserts: list[Frame], removes: list[Frame]) -> None:
        """Versions tell old from new, also of what is gone."""
        for gone in removes:
            if self._version(gone["id"]) <= gone["version"]:
                self.rows.pop(gone["id"], None)
                self._gone[gone["id"]] = gone["version"]
        for row in upserts:
            if self._version(row["id"]) <= row["version"]:
                self.rows[row["id"]] = row

    def _version(self, order: str) -> int:
        shown: int = self.rows.get(order, {}).get("version", 0)
        return max(shown, self._gone.get(order, 0))

    def _refill(self) -> None:
        """Reads pages of the feed up to its end. A position that is kept no longer ends in a new snapshot."""
        has_more = True
        while self.after is not None and has_more:
            position = f"{self.after['epoch']}.{self.after['seq']}"
            query = urllib.parse.urlencode({"after": position, "q": self._q, "limit": 5_000})
            request = urllib.request.Request(  # noqa: S310 - the stack's own address
                f"{self._web}/console/feed?{query}", headers={"Cookie": self._cookies}
            )
            try:
                with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
                    page = json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 410:
                    raise
                self.after = None
                return
            self._apply(page["events"], page["removes"])
            self.after = {"epoch": page["epoch"], "seq": page["seq"]}
            self.pages += 1
            has_more = page["has_more"]
