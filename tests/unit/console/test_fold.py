"""Whatever happens to the frames on their way, a client that follows the protocol ends with the list itself.

The machine plays feed, ring, subscription and network; the client knows docs/reference/live-protocol.md and no more.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.access.roles import Sight
from apps.console.filter import Filter, parsed
from apps.console.ring import Event, Ring
from apps.console.rows import StoredRow
from apps.console.subscription import Frame, Subscription, split
from apps.transactions.domain.lifecycle import FINAL
from tests.unit.console.test_rows import a_row

WAYS = [
    ["RECEIVED", "VALIDATED", "FUNDED", "COMPLETED"],
    ["RECEIVED", "REJECTED"],
    ["RECEIVED", "VALIDATED", "HELD", "FUNDED", "AWAITING_CLAIM", "CANCELLED"],
]
FILTERS = ["", "is:open", "status:HELD", "-status:COMPLETED amount>=5", "customer:cus_bea", "EUR"]


def row_at(order: int, way: list[str], version: int) -> StoredRow:
    status = way[version - 1]
    return a_row(
        id=f"ord_{order}",
        version=version,
        status=status,
        final=status in FINAL,
        been=list(dict.fromkeys(way[: version - 1])),
        amount_minor=order * 100,
        creditor="cus_bea" if version > 2 else None,
    )


class World:
    """The orders as they are, and the feed, which learns of them later."""

    def __init__(self) -> None:
        self.orders: dict[int, tuple[list[str], int]] = {}
        self.unnumbered: list[StoredRow] = []
        self.events: list[Event] = []
        self.newest: dict[str, int] = {}
        self.ring = Ring()
        self.begin_anew()

    def begin_anew(self) -> None:
        self.ring.epoch = f"feed_{len(self.events)}_{self.ring.epoch}"[:60]
        self.events, self.newest = [], {}
        self.ring._events.clear()
        self.ring.head = self.ring._floor = 0

    def change(self, order: int, way: list[str], version: int) -> None:
        self.orders[order] = (way, version)
        self.unnumbered.append(row_at(order, way, version))

    def number(self, row: StoredRow) -> None:
        late = row["version"] < self.newest.get(row["id"], 0)
        self.newest[row["id"]] = max(row["version"], self.newest.get(row["id"], 0))
        shown: Any = {**row, "late": True} if late else row
        event = Event(self.ring.head + 1, shown)
        self.events.append(event)
        self.ring._events.append(event)
        self.ring.head = event.seq

    def listed(self, asked: Filter) -> dict[str, int]:
        rows = [row_at(order, way, version) for order, (way, version) in self.orders.items()]
        return {row["id"]: row["version"] for row in rows if asked.holds(row)}


class Client:
    """What a browser keeps: versions by id, those that are gone, and up to where it knows the feed."""

    def __init__(self) -> None:
        self.shown: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.after: tuple[str, int] | None = None

    def fold(self, frame: Frame) -> str | None:
        """What must be asked of the server then: "resume", "anew" or "refill"."""
        match frame["type"]:
            case "snapshot":
                self.shown, self.gone = {row["id"]: row["version"] for row in frame["rows"]}, {}
                self.after = (frame["epoch"], frame["seq"])
            case "delta":
                if self.after is None:
                    return "anew"
                is_same = self.after[0] == frame["epoch"] or self.after == ("", 0)
                if not is_same or frame["prev"] > self.after[1]:
                    return "resume"
                self.apply(frame["upserts"], frame["removes"])
                self.after = (frame["epoch"], max(frame["seq"], self.after[1]))
            case "gap":
                return "refill"
            case "reset":
                self.after = None
                return "anew"
        return None

    def apply(self, upserts: list[Any], removes: list[Any]) -> None:
        for gone in removes:
            if max(self.shown.get(gone["id"], 0), self.gone.get(gone["id"], 0)) <= gone["version"]:
                self.shown.pop(gone["id"], None)
                self.gone[gone["id"]] = gone["version"]
        for row in upserts:
            known = max(self.shown.get(row["id"], 0), self.gone.get(row["id"], 0))
            if row["version"] > known:
                self.shown[row["id"]] = row["version"]
                self.gone.pop(row["id"], None)


class Fold(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.client = Client()
        self.now = 100.0
        self.network: list[Frame] = []
        self.server: Subscription | None = None

    @initialize(q=st.sampled_from(FILTERS))
    def begin(self, q: str) -> None:
        self.asked = parsed(q)
        self.subscribe()

    # What the bank does.

    @rule(way=st.sampled_from(WAYS), versions=st.integers(1, 4), is_numbered=st.booleans())
    def accept(self, way: list[str], versions: int, is_numbered: bool) -> None:
        order = len(self.world.orders) + 1
        for version in range(1, min(versions, len(way)) + 1):
            self.world.change(order, way, version)
        while is_numbered and self.world.unnumbered:
            self.world.number(self.world.unnumbered.pop(0))

    @precondition(lambda self: self.world.orders)
    @rule(data=st.data(), steps=st.integers(1, 3))
    def move(self, data: st.DataObject, steps: int) -> None:
        order = data.draw(st.sampled_from(sorted(self.world.orders)))
        way, version = self.world.orders[order]
        if version < len(way):
            self.world.change(order, way, min(version + steps, len(way)))

    @precondition(lambda self: self.world.unnumbered)
    @rule(data=st.data(), at_most=st.integers(1, 5))
    def number(self, data: st.DataObject, at_most: int) -> None:
        """The bridge numbers what came; between partitions, and after a new snapshot, in any order."""
        for _ in range(min(at_most, len(self.world.unnumbered))):
            place = data.draw(st.integers(0, min(2, len(self.world.unnumbered) - 1)))
            self.world.number(self.world.unnumbered.pop(place))

    @rule(events=st.integers(0, 8))
    def forget(self, events: int) -> None:
        """The ring lets its oldest events go; the stored feed keeps them."""
        kept = self.world.ring._events
        for _ in range(min(events, len(kept))):
            self.world.ring._floor = kept.popleft().seq

    @rule(luck=st.integers(0, 9))
    def begin_anew(self, luck: int) -> None:
        """Seldom, the stored feed is lost; capture reads every order again."""
        if luck == 0:
            self.world.begin_anew()
            orders = self.world.orders.items()
            self.world.unnumbered = [row_at(order, way, v) for order, (way, v) in orders]

    # What the server does.

    def subscribe(self) -> None:
        world, ring, after = self.world, self.world.ring, self.client.after
        self.server = Subscription(sid="feed", asked=self.asked, limit=500, sight=Sight.FULL)
        if after is not None and after[0] == ring.epoch and after[1] <= ring.head:
            if ring.since(after[1]) is not None:
                self.server.begin(*after)
                self.server.owes_delta = True
            else:
                self.server.begin(ring.epoch, ring.head)
                self.network.append({"type": "gap"})
            return
        self.server.begin(ring.epoch, ring.head)
        rows = [{"id": id_, "version": v} for id_, v in world.listed(self.asked).items()]
        snapshot = {"type": "snapshot", "epoch": ring.epoch, "seq": ring.head, "rows": rows}
        self.network.append(snapshot)

    @rule(seconds=st.sampled_from([0.05, 0.3, 1.1]))
    def flush(self, seconds: float) -> None:
        self.now += seconds
        if self.server is None:
            return
        self.server.take(self.world.ring, now=self.now)
        frame = self.server.next_frame(now=self.now)
        if frame is not None:
            self.network.append(frame)
            if frame["type"] == "reset":
                self.server = None

    # What the network does.

    @precondition(lambda self: self.network)
    @rule(data=st.data(), again=st.booleans())
    def deliver(self, data: st.DataObject, again: bool) -> None:
        """Any frame that is on its way: late, early, or twice."""
        place = data.draw(st.integers(0, len(self.network) - 1))
        frame = self.network[place] if again else self.network.pop(place)
        self.receive(frame)

    @precondition(lambda self: self.network)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        self.network.pop(data.draw(st.integers(0, len(self.network) - 1)))

    @rule(frames=st.integers(1, 4))
    def deliver_in_turn(self, frames: int) -> None:
        """As a good line does."""
        for _ in range(frames):
            self.flush(0.3)
            if self.network:
                self.receive(self.network.pop(0))

    @rule(is_reload=st.booleans())
    def close(self, is_reload: bool) -> None:
        self.network.clear()
        if is_reload:
            self.client = Client()
        self.subscribe()

    # What the client does.

    def receive(self, frame: Frame) -> None:
        ask = self.client.fold(frame)
        if ask == "refill":
            self.refill()
        if ask is not None:
            self.subscribe()

    def refill(self) -> None:
        after = self.client.after
        if after is None or after[0] != self.world.ring.epoch:
            self.client.after = None
            return
        events = [event for event in self.world.events if event.seq > after[1]]
        rows = [event.row for event in events if not event.row.get("late")]
        page = split(rows, asked=self.asked, sight=Sight.FULL, names={})
        for row in rows:
            one = split([row], asked=self.asked, sight=Sight.FULL, names={})
            self.client.apply(one["upserts"], one["removes"])
        self.client.apply(page["upserts"], page["removes"])
        self.client.after = (after[0], self.world.ring.head)

    @rule(is_paused=st.booleans())
    def pause(self, is_paused: bool) -> None:
        if self.server is not None and is_paused:
            self.server.is_paused = True
        elif self.server is not None:
            self.server.resume()

    @invariant()
    def shows_no_order_that_never_matched(self) -> None:
        known = {f"ord_{order}" for order in self.world.orders}
        assert set(self.client.shown) <= known

    def teardown(self) -> None:
        """Quiet: everything is numbered, frames arrive in order, and a beat tells of a number that never came."""
        if not hasattr(self, "asked"):
            return
        while self.world.unnumbered:
            self.world.number(self.world.unnumbered.pop(0))
        self.network.clear()
        self.pause(False)
        for _ in range(12):
            self.flush(1.1)
            while self.network:
                self.receive(self.network.pop(0))
            head = (self.world.ring.epoch, self.world.ring.head)
            if self.client.after != head or self.server is None:
                self.subscribe()
        assert self.client.shown == self.world.listed(self.asked)


Fold.TestCase.settings = settings(
    max_examples=300,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestFold = Fold.TestCase
