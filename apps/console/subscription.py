"""What one subscription of a socket wants, what it was told, and the frame that tells it the rest.

Numbers: the browser has everything up to `told`; the ring was looked through up to `seen`; what is wanted in between
waits in `_pending`, one row an order, or was too much for that.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from apps.access.roles import Permission, Sight
from apps.console.filter import EVERYTHING, Filter, only_order, parsed_for
from apps.console.levels import (
    ROWS_A_FRAME_BUSY,
    SLOW_SEND_SECONDS,
    UNACKED_MAX,
    WAITING_SECONDS,
    Pace,
    pause_after,
)
from apps.console.ring import Ring
from apps.console.rows import ShownRow, StoredRow, shown_row
from apps.console.staff import Watcher
from apps.kernel.errors import Invalid

# No table in a browser holds more rows than this.
ROWS_MAX = 500
ROWS_DEFAULT = 200
SID_CHARACTERS_MAX = 64
ID_CHARACTERS_MAX = 64
# A gap is filled by pages of the feed up to this many events; beyond, a new snapshot is less work.
GAP_EVENTS_MAX = 20_000
# So seldom may a browser be sent to the pages of the feed; a flood in between waits at level 2.
GAP_EVERY_SECONDS = 5.0

Frame = dict[str, Any]
Counts = dict[str, int]


class Refused(Exception):
    """A subscription that is not given; `code` is stable, the text is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Subscription:
    """A view of the feed through one filter, for somebody of one sight."""

    def __init__(
        self,
        *,
        sid: str,
        asked: Filter = EVERYTHING,
        limit: int = ROWS_DEFAULT,
        sight: Sight = Sight.MASKED,
        has_rows: bool = True,
    ) -> None:
        self.sid = sid
        self.asked = asked
        self.counted = asked.without_status()
        self.limit = limit
        self.sight = sight
        self.has_rows = has_rows
        self.is_paused = False
        self.owes_delta = False
        self.epoch = ""
        self.seen = self.told = 0
        self.pace = Pace()
        # When something happened that the counts do not tell yet; None while they are right.
        self.counts_stale_at: float | None = None
        self.counts_told: Counts | None = None
        self._counts: Counts | None = None
        self._names: Mapping[str, str] = {}
        self._pending: dict[str, StoredRow] = {}
        self._is_too_much = False
        self._changes = self._changes_told = 0
        self._next_at = 0.0
        self._gap_at = -GAP_EVERY_SECONDS
        self._unacked: deque[int] = deque()
        self._unacked_since = 0.0
        self._lost: str | None = None

    def begin(self, epoch: str, seq: int) -> None:
        """The browser has everything up to `seq`."""
        self.epoch, self.seen = epoch, seq
        self._told_up_to(seq)

    def take(self, ring: Ring, *, now: float) -> None:
        """Looks through what the ring has beyond `seen`."""
        if self.epoch == "" and self.seen == 0:
            # The feed was empty at the snapshot, and its first event named the epoch.
            self.epoch = ring.epoch
        events = ring.since(self.seen) if self.epoch == ring.epoch else None
        if events is None:
            self._lost = "epoch" if self.epoch != ring.epoch else "ring"
            return
        self._names = ring.names.known
        before = self._changes
        for event in events:
            self._note(event.row, now)
        self.seen = ring.head
        self.pace.saw(self._changes - before, now=now)

    def _note(self, row: StoredRow, now: float) -> None:
        if row.get("late"):
            return  # whoever began after the newer version would take this one for the present
        if self.counts_stale_at is None and _concerns(self.counted, row):
            self.counts_stale_at = now
        if not self.has_rows or not _concerns(self.asked, row):
            return
        self._changes += 1
        known = self._pending.get(row["id"])
        if self._is_too_much or (known is not None and row["version"] < known["version"]):
            return  # when capture reads all anew, an older version may follow a newer one
        self._pending.pop(row["id"], None)
        self._pending[row["id"]] = row
        if len(self._pending) > ROWS_MAX:
            self._is_too_much = True
            self._pending.clear()

    def counted_anew(self, counts: Counts) -> None:
        """To be told with the next delta, when it is news."""
        if counts != self.counts_told:
            self._counts = counts

    def due_at(self) -> float | None:
        """When the next frame may go, None when none is owed."""
        is_owed = self._lost is not None or self._changes != self._changes_told
        if not self.is_paused:
            is_owed |= self.owes_delta or self._counts is not None
            is_owed |= bool(self._pending) or self._is_too_much
        return self._next_at if is_owed else None

    def next_frame(self, *, now: float) -> Frame | None:
        """What is to be sent now; None when nothing is owed yet. Moves the numbers on.

        A delta, `gap` or `reset` when that would be too much, `waiting` while rows are held back.
        """
        due_at = self.due_at()
        if due_at is None or now < due_at:
            return None
        if self._lost:
            return self._reset(self._lost)
        if self._is_stalled():
            self.pace.overwhelmed(now=now)
        level = self.pace.level(now=now)
        if self._is_too_much and level < 2 and not self.is_paused:
            if now - self._gap_at >= GAP_EVERY_SECONDS:
                return self._gap(now)
            self.pace.overwhelmed(now=now)
            level = 2
        if self.is_paused or level == 2:
            return self._waiting(level, now)
        return self._delta(level, now)

    def resume(self) -> None:
        """After a pause: everything since then is owed at once."""
        self.is_paused = False
        self.owes_delta = True
        self._next_at = 0.0

    def sent_in(self, seconds: float, *, now: float) -> None:
        """The last frame was taken after so long."""
        if seconds >= SLOW_SEND_SECONDS:
            self.pace.overwhelmed(now=now)

    def acknowledged(self, seq: int, *, now: float) -> None:
        """The browser has applied its frames up to `seq`."""
        while self._unacked and self._unacked[0] <= seq:
            self._unacked.popleft()
            self._unacked_since = now

    def stalled_for(self, *, now: float) -> float:
        """Seconds since the browser stopped acknowledging while as many frames as allowed are on their way."""
        return now - self._unacked_since if self._is_stalled() else 0.0

    def _is_stalled(self) -> bool:
        return len(self._unacked) >= UNACKED_MAX

    def expect_ack(self, seq: int, *, now: float) -> None:
        if len(self._unacked) < UNACKED_MAX:
            self._unacked.append(seq)
            self._unacked_since = now

    def _reset(self, reason: str) -> Frame:
        return {"type": "reset", "sid": self.sid, "reason": reason}

    def _gap(self, now: float) -> Frame:
        """Sends the browser to the pages of the feed, from its number on; deltas go on from where the ring is."""
        if self.seen - self.told > GAP_EVENTS_MAX:
            return self._reset("too_many")
        self._gap_at = now
        self._next_at = now + pause_after(ROWS_MAX, level=0)
        after = {"epoch": self.epoch, "seq": self.told}
        self._told_up_to(self.seen)
        return {"type": "gap", "sid": self.sid, "after": after, "seq": self.told}

    def _waiting(self, level: int, now: float) -> Frame:
        self._next_at = now + WAITING_SECONDS
        self._changes_told = self._changes
        return {
            "type": "waiting",
            "sid": self.sid,
            "level": level,
            "changes": self._changes,
            "seq": self.seen,
        }

    def _delta(self, level: int, now: float) -> Frame:
        """At level 1 the newest rows go first, and the number stays until the last are gone: it vouches for all."""
        rows = list(self._pending.values())
        if level == 1 and len(rows) > ROWS_A_FRAME_BUSY:
            rows = rows[-ROWS_A_FRAME_BUSY:]
        for row in rows:
            del self._pending[row["id"]]
        changes, previous, counts = self._changes - self._changes_told, self.told, self._counts
        self._changes_told = self._changes
        if counts is not None:
            self.counts_told, self._counts = counts, None
        self.owes_delta = False
        if not self._pending:
            self._told_up_to(self.seen)
        self._next_at = now + pause_after(len(rows), level=level)
        self.expect_ack(self.told, now=now)
        return {
            "type": "delta",
            "sid": self.sid,
            "epoch": self.epoch,
            "prev": previous,
            "seq": self.told,
            **self.shown(rows),
            "counts": counts,
            "total": total_of(self.asked, counts) if counts is not None else None,
            "n_events": changes,
            "level": level,
        }

    def shown(self, rows: Sequence[StoredRow]) -> Frame:
        """The rows that match as they may be seen, and the names of those that no longer do."""
        return split(rows, asked=self.asked, sight=self.sight, names=self._names)

    def _told_up_to(self, seq: int) -> None:
        self.told = seq
        self._pending.clear()
        self._is_too_much = False
        self._changes = self._changes_told = 0


def _concerns(asked: Filter, row: StoredRow) -> bool:
    return asked.holds(row) or asked.held_before(row)


def split(
    rows: Sequence[StoredRow], *, asked: Filter, sight: Sight, names: Mapping[str, str]
) -> Frame:
    """`upserts`: rows that match, as they may be seen; `removes`: id and version of those that matched before."""
    upserts: list[ShownRow] = []
    removes: list[dict[str, Any]] = []
    for row in rows:
        if asked.holds(row):
            upserts.append(shown_row(row, sight=sight, names=names))
        elif asked.held_before(row):
            removes.append({"id": row["id"], "version": row["version"]})
    return {"upserts": upserts, "removes": removes}


def total_of(asked: Filter, counts: Counts | None) -> dict[str, Any]:
    """How many match, from the counts by status of the filter without its status terms."""
    if counts is None:
        return {"count": 0, "is_exact": False}
    chosen = (count for status, count in counts.items() if asked.holds_status(status))
    return {"count": sum(chosen), "is_exact": True}


def asked_subscription(message: Mapping[str, Any], watcher: Watcher) -> Subscription:
    """The subscription that a `sub` message of this watcher asks for. Raises Refused."""
    sid, topic = message.get("sid"), message.get("topic")
    if not isinstance(sid, str) or not 0 < len(sid) <= SID_CHARACTERS_MAX:
        raise Refused("sid_malformed", "Name the subscription with 1 to 64 characters.")
    kind, _, order = topic.partition(":") if isinstance(topic, str) else ("", "", "")
    is_known = topic in ("feed", "counts") or (
        kind == "order" and 0 < len(order) <= ID_CHARACTERS_MAX
    )
    if not is_known:
        raise Refused("topic_unknown", "Ask for the topic feed, counts or order:<id>.")
    _check_rights(kind, watcher)
    limit = message.get("limit", ROWS_DEFAULT)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= ROWS_MAX:
        raise Refused("limit_malformed", f"Ask for 1 to {ROWS_MAX} rows.")
    asked = only_order(order) if order else _asked_filter(message.get("q"), watcher.sight)
    return Subscription(
        sid=sid, asked=asked, limit=limit, sight=watcher.sight, has_rows=kind != "counts"
    )


def _check_rights(kind: str, watcher: Watcher) -> None:
    if kind == "counts":
        is_allowed = Permission.SEE_OVERVIEW in watcher.permissions
    else:
        is_allowed = Permission.SEE_ORDERS in watcher.permissions and watcher.sight > Sight.NONE
    if not is_allowed:
        raise Refused("forbidden", "Your role does not show this.")


def _asked_filter(q: Any, sight: Sight) -> Filter:
    if not isinstance(q, str | None):
        raise Refused("q_malformed", "Write the filter as text.")
    try:
        return parsed_for(q or "", sight)
    except Invalid as error:
        code = "forbidden" if error.code == "q_not_allowed" else error.code
        raise Refused(code, error.detail) from None
