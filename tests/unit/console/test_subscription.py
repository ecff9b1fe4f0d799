"""A subscription …"""

from collections import deque
from typing import Any

import pytest

from apps.access.roles import ROLES
from apps.console.filter import only_order, parsed
from apps.console.levels import UNACKED_MAX
from apps.console.ring import Event, Ring
from apps.console.staff import Watcher
from apps.console.subscription import (
    GAP_EVENTS_MAX,
    ROWS_MAX,
    Frame,
    Refused,
    Subscription,
    asked_subscription,
)
from tests.unit.console.test_rows import a_row


def a_ring(*events: Event) -> Ring:
    ring = Ring()
    ring.epoch = "feed_1"
    happen(ring, *events)
    return ring


def happen(ring: Ring, *events: Event) -> None:
    ring._events.extend(events)
    if events:
        ring.head = events[-1].seq


def an_event(seq: int, *, order: str = "ord_1", version: int = 1, **fields: object) -> Event:
    return Event(seq, a_row(id=order, version=version, **fields))


def many(first: int, count: int) -> list[Event]:
    return [an_event(n, order=f"ord_{n}") for n in range(first, first + count)]


def the_feed(q: str = "", *, seq: int = 0) -> Subscription:
    subscription = Subscription(sid="feed", asked=parsed(q))
    subscription.begin("feed_1", seq)
    return subscription


def frame_at(subscription: Subscription, ring: Ring, now: float) -> Frame:
    subscription.take(ring, now=now)
    frame = subscription.next_frame(now=now)
    assert frame is not None
    return frame


def ids(frame: Frame) -> list[str]:
    return [row["id"] for row in frame["upserts"]]


def test_shows_each_order_once_at_its_highest_version() -> None:
    ring = a_ring(
        an_event(1), an_event(2, version=4), an_event(3, order="ord_2"), an_event(4, version=2)
    )

    frame = frame_at(the_feed(), ring, 0)

    assert [(row["id"], row["version"]) for row in frame["upserts"]] == [("ord_1", 4), ("ord_2", 1)]
    assert (frame["prev"], frame["seq"], frame["n_events"], frame["level"]) == (0, 4, 4, 0)


def test_owes_nothing_when_nothing_more_happened() -> None:
    subscription, ring = the_feed(), a_ring(an_event(1))
    frame_at(subscription, ring, 0)

    subscription.take(ring, now=1)

    assert subscription.due_at() is None
    assert subscription.next_frame(now=9) is None


def test_tells_the_first_change_at_once_and_gathers_the_next_ones() -> None:
    subscription, ring = the_feed(), a_ring(an_event(1))
    frame_at(subscription, ring, 5)
    happen(ring, an_event(2, version=2))
    subscription.take(ring, now=5.02)

    assert subscription.next_frame(now=5.05) is None
    assert subscription.due_at() == pytest.approx(5.1)
    assert frame_at(subscription, ring, 5.1)["prev"] == 1


def test_of_one_order_keeps_its_number_contiguous_over_the_others() -> None:
    subscription = Subscription(sid="o", asked=only_order("ord_2"), limit=1)
    subscription.begin("feed_1", 0)
    ring = a_ring(an_event(1), an_event(2))
    subscription.take(ring, now=0)
    assert subscription.next_frame(now=0) is None

    happen(ring, an_event(3, order="ord_2"))
    frame = frame_at(subscription, ring, 1)

    # The browser was told 0 at the beginning and gets no frame for 1 and 2, so the frame must start there.
    assert (frame["prev"], frame["seq"]) == (0, 3)
    assert ids(frame) == ["ord_2"]


def test_names_orders_that_matched_before_and_no_longer_do() -> None:
    held = {"status": "HELD", "final": False, "been": ["RECEIVED"]}
    ring = a_ring(
        an_event(1, order="ord_1", version=3, been=["RECEIVED", "HELD"]),
        an_event(2, order="ord_2", version=3, been=["RECEIVED", "VALIDATED"]),
        an_event(3, order="ord_3", version=2, **held),
    )

    frame = frame_at(the_feed("status:HELD"), ring, 0)

    assert ids(frame) == ["ord_3"]
    assert frame["removes"] == [{"id": "ord_1", "version": 3}]
    assert frame["n_events"] == 2


def test_names_an_order_that_is_open_no_longer() -> None:
    ring = a_ring(an_event(1, version=4))

    frame = frame_at(the_feed("is:open currency:USD"), ring, 0)

    assert (frame["upserts"], frame["removes"]) == ([], [{"id": "ord_1", "version": 4}])


def test_tells_nothing_of_an_order_that_could_never_match() -> None:
    subscription = the_feed("is:open currency:EUR")

    subscription.take(a_ring(an_event(1, version=4)), now=0)

    assert subscription.due_at() is None


@pytest.mark.parametrize(("epoch", "reason"), [("feed_2", "epoch"), ("feed_1", "ring")])
def test_is_reset_when_no_way_leads_on(epoch: str, reason: str) -> None:
    ring = a_ring(an_event(7), an_event(8))
    ring.epoch, ring._floor = epoch, 6

    frame = frame_at(the_feed(seq=5), ring, 0)

    assert frame == {"type": "reset", "sid": "feed", "reason": reason}


def test_is_sent_to_the_pages_of_the_feed_when_more_changed_than_a_table_shows() -> None:
    subscription, ring = the_feed(seq=2), a_ring()
    happen(ring, *many(3, ROWS_MAX + 1))

    frame = frame_at(subscription, ring, 0)

    assert frame == {
        "type": "gap",
        "sid": "feed",
        "after": {"epoch": "feed_1", "seq": 2},
        "seq": ROWS_MAX + 3,
    }
    happen(ring, an_event(ROWS_MAX + 4))
    assert frame_at(subscription, ring, 9)["prev"] == ROWS_MAX + 3


def test_is_reset_when_there_are_too_many_pages() -> None:
    subscription = the_feed()

    frame = frame_at(subscription, a_ring(*many(1, GAP_EVENTS_MAX + 1)), 0)
    while frame["type"] == "waiting":
        frame = frame_at(subscription, a_ring(*many(1, GAP_EVENTS_MAX + 1)), 5)

    assert (frame["type"], frame["reason"]) == ("reset", "too_many")


def test_of_an_empty_feed_goes_on_when_its_first_event_names_the_epoch() -> None:
    subscription = Subscription(sid="feed")

    frame = frame_at(subscription, a_ring(an_event(1)), 0)

    assert (frame["epoch"], frame["prev"], frame["seq"]) == ("feed_1", 0, 1)


def test_under_load_sends_the_newest_rows_first_and_its_number_with_the_last() -> None:
    subscription, ring = the_feed(), a_ring(*many(1, 450))

    first = frame_at(subscription, ring, 10)
    second = frame_at(subscription, ring, 10.5)
    third = frame_at(subscription, ring, 11)

    assert [len(frame["upserts"]) for frame in (first, second, third)] == [200, 200, 50]
    assert ids(first)[-1] == "ord_450"
    assert [(f["prev"], f["seq"]) for f in (first, second, third)] == [(0, 0), (0, 0), (0, 450)]
    assert {f["level"] for f in (first, second)} == {1}
    assert sum(f["n_events"] for f in (first, second, third)) == 450


def test_in_a_flood_counts_and_afterwards_catches_up() -> None:
    subscription, ring = the_feed(), a_ring(*[an_event(n, version=n) for n in range(1, 1_101)])

    waiting = frame_at(subscription, ring, 10)
    subscription.take(ring, now=10.5)
    assert subscription.next_frame(now=10.5) is None
    calm = frame_at(subscription, ring, 12.5)

    assert waiting == {"type": "waiting", "sid": "feed", "level": 2, "changes": 1_100, "seq": 1_100}
    assert (calm["type"], calm["prev"], calm["seq"]) == ("delta", 0, 1_100)
    assert [row["version"] for row in calm["upserts"]] == [1_100]


def test_while_paused_only_counts_and_then_tells_all_at_once() -> None:
    subscription, ring = the_feed(), a_ring(an_event(1))
    subscription.is_paused = True

    waiting = frame_at(subscription, ring, 10)
    happen(ring, an_event(2, version=2))
    subscription.take(ring, now=10.3)
    assert subscription.next_frame(now=10.3) is None
    more = frame_at(subscription, ring, 11)
    assert subscription.next_frame(now=99) is None
    subscription.resume()
    delta = frame_at(subscription, ring, 99.1)

    assert [(f["type"], f["changes"]) for f in (waiting, more)] == [("waiting", 1), ("waiting", 2)]
    assert (delta["prev"], delta["seq"], len(delta["upserts"])) == (0, 2, 1)


def test_tells_new_counts_also_without_rows() -> None:
    subscription, ring = the_feed("-status:HELD"), a_ring(an_event(1))
    frame_at(subscription, ring, 0)

    subscription.counted_anew({"HELD": 2, "COMPLETED": 1, "REJECTED": 4})
    frame = frame_at(subscription, ring, 1)

    assert (frame["upserts"], frame["prev"], frame["seq"]) == ([], 1, 1)
    assert frame["counts"] == {"HELD": 2, "COMPLETED": 1, "REJECTED": 4}
    assert frame["total"] == {"count": 5, "is_exact": True}
    subscription.counted_anew({"HELD": 2, "COMPLETED": 1, "REJECTED": 4})
    assert subscription.due_at() is None


def test_of_a_browser_that_never_acknowledges_waits_and_is_known_as_stalled() -> None:
    subscription, ring, now = the_feed(), a_ring(), 0.0
    for seq in range(1, UNACKED_MAX + 1):
        now += 1
        happen(ring, an_event(seq, version=seq))
        assert frame_at(subscription, ring, now)["type"] == "delta"

    happen(ring, an_event(UNACKED_MAX + 1, version=99))
    waiting = frame_at(subscription, ring, now + 1)

    assert (waiting["type"], waiting["level"]) == ("waiting", 2)
    assert subscription.stalled_for(now=now + 11) == 11
    subscription.acknowledged(UNACKED_MAX, now=now + 11)
    assert subscription.stalled_for(now=now + 12) == 0
    assert frame_at(subscription, ring, now + 13)["type"] == "delta"


def test_of_a_browser_that_takes_frames_slowly_gets_numbers_instead_of_rows() -> None:
    subscription, ring = the_feed(), a_ring(an_event(1))
    frame_at(subscription, ring, 0)
    subscription.sent_in(1.2, now=1.2)
    happen(ring, an_event(2, version=2))

    assert frame_at(subscription, ring, 1.3)["type"] == "waiting"
    assert frame_at(subscription, ring, 3)["type"] == "delta"


@pytest.mark.parametrize("role", ROLES)
def test_is_given_to_who_may_see_orders(role: str) -> None:
    watcher = Watcher("eva", frozenset({role}))

    for topic in ("feed", "order:ord_1"):
        asked: dict[str, Any] = {"sid": "a", "topic": topic}
        if role == "admin":
            with pytest.raises(Refused) as refused:
                asked_subscription(asked, watcher)
            assert refused.value.code == "forbidden"
        else:
            assert asked_subscription(asked, watcher).sight is watcher.sight
    assert not asked_subscription({"sid": "a", "topic": "counts"}, watcher).has_rows


@pytest.mark.parametrize("q", ["Rent", "amount>=5", "ord_1"])
def test_does_not_let_somebody_ask_for_what_they_may_not_see(q: str) -> None:
    with pytest.raises(Refused) as refused:
        asked_subscription(
            {"sid": "a", "topic": "counts", "q": q}, Watcher("eva", frozenset({"admin"}))
        )

    assert refused.value.code == "forbidden"


def test_is_not_given_without_any_role() -> None:
    for topic in ("feed", "counts", "order:ord_1"):
        with pytest.raises(Refused) as refused:
            asked_subscription({"sid": "a", "topic": topic}, Watcher("eva", frozenset()))
        assert refused.value.code == "forbidden"


def test_forgets_nothing_that_the_ring_still_has() -> None:
    ring = a_ring(*many(1, 50))

    assert [event.seq for event in ring.since(47) or ()] == [48, 49, 50]
    assert ring.since(50) == []
    assert ring.since(51) is None
    assert len(ring.since(0) or ()) == 50
    assert isinstance(ring._events, deque)
