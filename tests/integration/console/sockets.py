"""The console's websocket without a server: what a browser sends and gets, and how it folds frames into a list."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from asgiref.testing import ApplicationCommunicator
from channels.auth import AuthMiddlewareStack
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.conf import settings
from django.test import Client

from apps.console.notices import GROUP
from apps.console.routing import websocket_urlpatterns

Frame = dict[str, Any]
SECONDS = 10.0


class Socket:
    """A websocket by the ASGI protocol itself; Channels' own class for it wants another server installed."""

    def __init__(self, browser: Client) -> None:
        name = settings.SESSION_COOKIE_NAME
        cookie = browser.cookies.get(name)
        scope = {
            "type": "websocket",
            "path": "/ws/console/",
            "query_string": b"",
            "headers": [(b"cookie", f"{name}={cookie.value}".encode())] if cookie else [],
            "subprotocols": [],
        }
        site = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        self._application = ApplicationCommunicator(site, scope)

    async def open(self) -> None:
        await self._application.send_input({"type": "websocket.connect"})
        assert (await self.output())["type"] == "websocket.accept"

    async def send(self, text: str) -> None:
        await self._application.send_input({"type": "websocket.receive", "text": text})

    async def output(self, seconds: float = SECONDS) -> Frame:
        output: Frame = await self._application.receive_output(seconds)
        return output

    async def frame(self, seconds: float = SECONDS) -> Frame:
        output = await self.output(seconds)
        assert output["type"] == "websocket.send", output
        frame: Frame = json.loads(output["text"])
        return frame

    async def close_code(self) -> int:
        """The code of the close that comes next."""
        output = await self.output()
        assert output["type"] == "websocket.close", output
        return int(output["code"])

    async def is_silent(self) -> bool:
        silent: bool = await self._application.receive_nothing()
        return silent

    async def leave(self) -> None:
        await self._application.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.ended()

    async def ended(self) -> None:
        await self._application.wait(SECONDS)


class Tab:
    """One open socket: `told` says what each subscription has been told, `rows` is the list a browser would show."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.told: dict[str, int] = {}
        self.rows: dict[str, Frame] = {}
        self.gone: dict[str, int] = {}
        self.epoch = ""

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def next_of(self, *types: str, seconds: float = SECONDS) -> Frame:
        """The next frame of these types; beats and others in between are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.socket.frame(seconds)
                if frame["type"] in types:
                    return frame

    async def subscribe(self, topic: str = "feed", **fields: Any) -> Frame:
        """The first frame of the subscription, folded in."""
        await self.send(type="sub", sid=topic, topic=topic, **fields)
        return self.fold(await self.next_of("snapshot", "delta", "gap"))

    async def delta(self, *, seconds: float = SECONDS) -> Frame:
        return self.fold(await self.next_of("delta", seconds=seconds))

    async def told_up_to(self, seq: int, topic: str = "feed") -> None:
        while self.told[topic] < seq:
            await self.delta()

    def fold(self, frame: Frame) -> Frame:
        """Checks that nothing lies between the last frame and this one, then applies it as the browser does."""
        if frame["type"] == "gap":
            return frame
        if frame["type"] == "delta":
            assert frame["prev"] == self.told[frame["sid"]], frame
            assert frame["seq"] >= frame["prev"]
        else:
            self.rows, self.gone = {}, {}
        self.told[frame["sid"]] = frame["seq"]
        self.epoch = frame["epoch"]
        self.apply(frame.get("rows", []) + frame.get("upserts", []), frame.get("removes", []))
        return frame

    def apply(self, upserts: list[Frame], removes: list[Frame]) -> None:
        """Versions tell old from new, also of what is gone."""
        for gone in removes:
            if self.version_of(gone["id"]) <= gone["version"]:
                self.rows.pop(gone["id"], None)
                self.gone[gone["id"]] = gone["version"]
        for row in upserts:
            if self.version_of(row["id"]) <= row["version"]:
                self.rows[row["id"]] = row

    def version_of(self, order: str) -> int:
        shown: int = self.rows.get(order, {}).get("version", 0)
        return max(shown, self.gone.get(order, 0))

    async def refilled(self, browser: Client, gap: Frame, q: str = "") -> int:
        """Reads the pages of the feed that a gap sends to, folds them in, and says how many there were."""
        position, has_more, pages = f"{gap['after']['epoch']}.{gap['after']['seq']}", True, 0
        while has_more:
            answer: Any = await asyncio.to_thread(
                browser.get, f"/console/feed?limit=5000&q={quote(q)}&after={position}"
            )
            assert answer.status_code == 200, answer.content
            page = answer.json()
            self.apply(page["events"], page["removes"])
            self.told[gap["sid"]], self.epoch = page["seq"], page["epoch"]
            position, has_more, pages = page["next"], page["has_more"], pages + 1
        return pages

    def newest_first(self) -> list[Frame]:
        return sorted(
            self.rows.values(), key=lambda row: (row["created_at"], row["id"]), reverse=True
        )


def in_tab(browser: Client, script: Callable[[Tab], Awaitable[None]]) -> None:
    """Runs `script` with an open socket of whoever is signed in to `browser`."""

    async def play() -> None:
        async with opened(browser) as tab:
            await script(tab)

    asyncio.run(play())


@asynccontextmanager
async def opened(browser: Client) -> AsyncIterator[Tab]:
    socket = Socket(browser)
    await socket.open()
    try:
        yield Tab(socket)
    finally:
        await socket.leave()


async def announce(seq: int) -> None:
    """What the bridge's notifier says; over the test's own channel layer, in its own loop."""
    layer: Any = get_channel_layer()
    await layer.group_send(GROUP, {"type": "feed.moved", "seq": seq})
