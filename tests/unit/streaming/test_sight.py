"""Duplicate suspicion: the same likeness within ten minutes, and the same verdict however often an order is seen."""

from streaming.flows.send_money.decide import Sighting, forget_at, is_past, sight, with_signal
from streaming.sor.element import OrderElement

MINUTE_MS = 60_000
START_MS = 1_795_371_092_161


def _seen(*orders: tuple[str, float]) -> tuple[tuple[Sighting, ...], list[str | None]]:
    """What is kept, and each verdict, after these orders (id, minutes after the start)."""
    kept: tuple[Sighting, ...] = ()
    verdicts = []
    for order, minutes in orders:
        kept, verdict = sight(kept, order, START_MS + round(minutes * MINUTE_MS))
        verdicts.append(verdict)
    return kept, verdicts


def test_the_first_of_its_kind_is_no_duplicate() -> None:
    assert _seen(("ord_1", 0))[1] == [None]


def test_a_second_within_ten_minutes_is_one() -> None:
    assert _seen(("ord_1", 0), ("ord_2", 10))[1] == [None, "ord_1"]


def test_a_second_after_ten_minutes_is_none() -> None:
    kept, verdicts = _seen(("ord_1", 0), ("ord_2", 10.001))

    assert verdicts == [None, None]
    assert [sighting.order for sighting in kept] == ["ord_2"]


def test_the_window_slides_with_every_order() -> None:
    orders = [("ord_1", 0), ("ord_2", 8), ("ord_3", 16), ("ord_4", 27)]

    assert _seen(*orders)[1] == [None, "ord_1", "ord_2", None]


def test_an_order_seen_again_keeps_its_verdict_and_changes_nothing() -> None:
    kept, _ = _seen(("ord_1", 0), ("ord_2", 5))

    for order, verdict in (("ord_1", None), ("ord_2", "ord_1"), ("ord_1", None)):
        again, same = sight(kept, order, START_MS + 9 * MINUTE_MS)
        assert same == verdict
        assert again is kept


def test_arriving_late_is_as_suspicious_as_arriving_in_time() -> None:
    assert _seen(("ord_2", 5), ("ord_1", 0))[1] == [None, "ord_2"]


def test_a_suspicion_names_the_earlier_order() -> None:
    element = with_signal(OrderElement("ord_2"), "ord_1")

    [(reason, detail)] = element.signals
    assert reason == "AM05"
    assert detail == "same payee, amount and reference as ord_1 within 10 minutes"


def test_is_forgotten_when_no_later_order_can_be_near_it() -> None:
    kept, _ = _seen(("ord_1", 0), ("ord_2", 5))

    assert not is_past(kept, START_MS + 15 * MINUTE_MS)
    assert is_past(kept, START_MS + 15 * MINUTE_MS + 1)


def test_is_looked_for_once_a_window_and_never_too_early() -> None:
    instants = {forget_at(START_MS + minute * MINUTE_MS) for minute in range(30)}

    assert len(instants) <= 4
    assert forget_at(START_MS) - START_MS > 10 * MINUTE_MS
