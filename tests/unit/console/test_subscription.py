"""A subscription …"""

from collections import deque

from apps.console.ring import Event, Ring
from apps.console.subscription import ROWS_MAX, Subscription, folded
from tests.unit.console.test_rows import a_row


def a_ring(*events: Event, head: int | None = None) -> Ring:
    ring = Ring()
    ring.epoch = "feed_1"
    ring._events = deque(events)
    ring.head = head if head is not None else events[-1].seq
    return ring


def an_event(seq: int, *, order: str = "ord_1", version: int = 1) -> Event:
    return Event(seq, a_row(id=order, version=version))


def the_feed(**fields: int) -> Subscription:
    subscription = Subscription(sid="feed", order=None, limit=200, epoch="feed_1")
    subscription.seq = fields.get("seq", 0)
    return subscription


def test_shows_each_order_once_at_its_highest_version() -> None:
    events = [an_event(1), an_event(2, version=4), an_event(3, order="ord_2"), an_event(4)]

    rows = folded(events, the_feed())

    assert [(row["id"], row["version"]) for row in rows] == [("ord_1", 4), ("ord_2", 1)]


def test_moves_its_number_on_with_each_frame() -> None:
    subscription = the_feed()
    ring = a_ring(an_event(1), an_event(2, version=4))

    frame = subscription.next_frame(ring)

    assert frame is not None
    assert (frame["type"], frame["prev"], frame["seq"], frame["n_events"]) == ("delta", 0, 2, 2)
    assert subscription.next_frame(ring) is None


def test_of_one_order_keeps_its_number_contiguous_over_the_others() -> None:
    subscription = Subscription(sid="o", order="ord_2", limit=1, epoch="feed_1")
    ring = a_ring(an_event(1), an_event(2))

    assert subscription.next_frame(ring) is None
    ring._events.append(an_event(3, order="ord_2"))
    ring.head = 3
    frame = subscription.next_frame(ring)

    # The browser was told 0 at the beginning and gets no frame for 1 and 2, so the frame must start there.
    assert frame is not None
    assert (frame["prev"], frame["seq"]) == (0, 3)


def test_is_reset_when_the_epoch_changed() -> None:
    ring = a_ring(an_event(1))
    ring.epoch = "feed_2"

    assert the_feed().next_frame(ring) == {"type": "reset", "sid": "feed"}


def test_is_reset_when_the_ring_has_passed_it() -> None:
    ring = a_ring(an_event(7), an_event(8))
    ring._floor = 6

    assert the_feed(seq=5).next_frame(ring) == {"type": "reset", "sid": "feed"}


def test_is_reset_when_more_orders_changed_than_a_table_shows() -> None:
    ring = a_ring(*[an_event(n, order=f"ord_{n}") for n in range(1, ROWS_MAX + 2)])

    assert the_feed().next_frame(ring) == {"type": "reset", "sid": "feed"}


def test_of_an_empty_feed_goes_on_when_its_first_event_names_the_epoch() -> None:
    subscription = Subscription(sid="feed", order=None, limit=200)

    frame = subscription.next_frame(a_ring(an_event(1)))

    assert frame is not None
    assert (frame["epoch"], frame["prev"], frame["seq"]) == ("feed_1", 0, 1)
