"""The socket in the run directory over which commands speak with the supervisor: one JSON line each way."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from typing import Any, Protocol

from devstack.child import Child
from devstack.process import family_rss_mb
from devstack.rundir import RunDirectory

ANSWER_SECONDS = 20.0


class Supervised(Protocol):
    """What the socket needs of a supervisor."""

    phase: str
    children: dict[str, Child]

    def ask_to_stop(self) -> None: ...


@contextlib.asynccontextmanager
async def serve(run: RunDirectory, stack: Supervised) -> AsyncIterator[None]:
    run.socket.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            request = json.loads(await reader.readline())
            reply = _refusal(stack, request) or {"phase": stack.phase}
            if request["do"] == "status":
                # A copy, because parts are added while the stack starts; a thread, because it reads /proc.
                children = dict(stack.children)
                reply["components"] = await asyncio.to_thread(components, children)
            if request["do"] == "down":
                stack.ask_to_stop()
            elif request["do"] == "restart" and "error" not in reply:
                stack.children[request["name"]].restart()
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()

    listening = socket.socket(socket.AF_UNIX)
    with _short_path(run) as path:
        listening.bind(path)
    run.socket.chmod(0o600)
    server = await asyncio.start_unix_server(answer, sock=listening)
    try:
        yield
    finally:
        server.close()
        run.socket.unlink(missing_ok=True)


def _refusal(stack: Supervised, request: dict[str, Any]) -> dict[str, Any] | None:
    if request["do"] == "restart" and request["name"] not in stack.children:
        known = ", ".join(sorted(stack.children))
        return {"error": f"there is no part {request['name']!r}; the parts are {known}"}
    return None


def components(children: dict[str, Child]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "pid": child.pid,
            "state": child.state,
            "restarts": child.restarts,
            "rss_mb": family_rss_mb(child.pid) if child.pid else 0,
        }
        for name, child in children.items()
        if child.part.is_listed
    ]


def ask(run: RunDirectory, request: dict[str, Any]) -> dict[str, Any]:
    """One request to the supervisor. Raises OSError when none listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        with _short_path(run) as path:
            connection.connect(path)
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as answers:
            line = answers.readline()
    if not line:
        raise ConnectionResetError("the supervisor closed the connection without an answer")
    reply: dict[str, Any] = json.loads(line)
    return reply


@contextlib.contextmanager
def _short_path(run: RunDirectory) -> Any:
    """A name of the socket that fits the kernel's 107 bytes however deep the run directory lies."""
    folder = os.open(run.path, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{run.socket.name}"
    finally:
        os.close(folder)
