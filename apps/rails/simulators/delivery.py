"""The simulator's way to the bank: posts what is due to the gateway's inbox until that acknowledges or refuses it."""

import http.client
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from apps.rails.simulators.store import Row, Store, text_of

TIMEOUT_SECONDS = 10.0
RETRY_SECONDS, RETRY_SECONDS_MAX = 0.2, 3.0
_LOOK_SECONDS = 0.05


class Delivery:
    """Delivers in a thread of its own. A message that was taken and not noted as such is delivered again."""

    def __init__(self, store: Store, inbox_url: str) -> None:
        self._store = store
        self._address = urlsplit(inbox_url)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            self.deliver_due()

    def deliver_due(self) -> None:
        """Posts what is due, in the order in which it came to be."""
        due = self._store.all(
            "SELECT id, body, tries FROM outbox WHERE state = 'WAITING' AND due_at <= ?"
            " AND (next_at IS NULL OR next_at <= ?) ORDER BY due_at, id LIMIT 50",
            text_of(self._store.now()),
            text_of(datetime.now(UTC)),
        )
        for row in due:
            if self._stopping.is_set():
                return
            self._note(row, self._post(row["body"]))

    def _note(self, row: Row, status: int) -> None:
        if status < 500:
            state = "TAKEN" if status < 300 else "REFUSED"
            self._store.run(
                "UPDATE outbox SET state = ?, http_status = ?, tries = tries + 1 WHERE id = ?",
                *(state, status, row["id"]),
            )
            return
        seconds = min(RETRY_SECONDS * 2 ** min(row["tries"], 10), RETRY_SECONDS_MAX)
        self._store.run(
            "UPDATE outbox SET tries = tries + 1, http_status = ?, next_at = ? WHERE id = ?",
            *(status, text_of(datetime.now(UTC) + timedelta(seconds=seconds)), row["id"]),
        )

    def _post(self, body: str) -> int:
        """The HTTP status; 599 when nobody answered."""
        address = self._address
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=TIMEOUT_SECONDS
        )
        try:
            connection.request(
                "POST", address.path, body.encode(), {"content-type": "application/xml"}
            )
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 599
        finally:
            connection.close()
        return answer.status
