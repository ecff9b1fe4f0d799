"""What a simulated network remembers, in one SQLite file: so it goes on where it was when it is killed."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS received (message_id TEXT PRIMARY KEY, xml TEXT, at TEXT, copies INTEGER);
CREATE TABLE IF NOT EXISTS instructions (
    end_to_end_id TEXT, kind TEXT, direction TEXT, message_id TEXT, name TEXT, uetr TEXT,
    amount_minor INTEGER, currency TEXT, reference TEXT, status TEXT, reason TEXT,
    executed INTEGER, settles_at TEXT, pending_until TEXT, returned INTEGER DEFAULT 0,
    returned_minor INTEGER DEFAULT 0,
    PRIMARY KEY (end_to_end_id, kind));
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, body TEXT, due_at TEXT, next_at TEXT, tries INTEGER DEFAULT 0,
    state TEXT DEFAULT 'WAITING', http_status INTEGER);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (state, due_at);
CREATE TABLE IF NOT EXISTS links (link TEXT PRIMARY KEY, content TEXT);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
"""


class Store:
    """One connection and one lock; every `atomic` block is durable when it ends, or never was."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        self._connection.executescript(_TABLES)
        self._lock = threading.RLock()
        self._depth = 0
        self._add_what_earlier_builds_lack()

    def close(self) -> None:
        self._connection.close()

    def _add_what_earlier_builds_lack(self) -> None:
        """Then everything was returned, or nothing."""
        columns = {row["name"] for row in self.all("PRAGMA table_info(instructions)")}
        if "returned_minor" not in columns:
            self._connection.executescript(
                "ALTER TABLE instructions ADD COLUMN returned_minor INTEGER DEFAULT 0;"
                "UPDATE instructions SET returned_minor = amount_minor WHERE returned = 1;"
            )

    @contextmanager
    def atomic(self) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def now(self) -> datetime:
        """The network's time: the wall clock and how far it was advanced."""
        offset = self.one("SELECT value FROM facts WHERE name = 'offset_seconds'")
        seconds = float(offset["value"]) if offset else 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)

    def advance(self, seconds: float) -> datetime:
        with self.atomic():
            offset = (self.now() - datetime.now(UTC)).total_seconds() + seconds
            self.put("facts", {"name": "offset_seconds", "value": str(round(offset, 3))})
        return self.now()

    def put(self, table: str, row: Row) -> None:
        """Inserts the row, or replaces the one with its key."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        # Table and columns are this module's words.
        statement = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        self.run(statement, *row.values())

    def run(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> Row | None:
        return next(iter(self.all(statement, *values)), None)

    def all(self, statement: str, *values: Any) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(statement, values).fetchall()]

    def instruction(self, end_to_end_id: str, kind: str = "payment") -> Row | None:
        return self.one(
            "SELECT * FROM instructions WHERE end_to_end_id = ? AND kind = ?", end_to_end_id, kind
        )

    def link(self, link: str) -> Row | None:
        found = self.one("SELECT content FROM links WHERE link = ?", link)
        content: Row | None = json.loads(found["content"]) if found else None
        return content

    def put_link(self, link: str, content: Row) -> None:
        self.put("links", {"link": link, "content": json.dumps(content)})

    def send(self, body: str, *, due_at: datetime) -> None:
        """Puts a message into the outbox."""
        self.run("INSERT INTO outbox (body, due_at) VALUES (?, ?)", body, text_of(due_at))


def text_of(instant: datetime) -> str:
    """Of one width, so that texts sort as instants do."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
