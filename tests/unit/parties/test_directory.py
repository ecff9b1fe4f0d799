"""What networks say of an alias, and which of several answers is believed."""

from datetime import UTC, datetime, timedelta

from apps.parties.domain.directory import NOBODY, NetworkAnswer, best, listed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHASE = NetworkAnswer("021000021", "A Bank", "Bob Brown")


def test_an_answer_is_believed_for_an_hour_and_shows_its_age() -> None:
    listing = listed("zelle", CHASE, at=NOW)

    assert (listing.place, listing.owner) == ("NETWORK", "zelle:021000021")
    assert listing.age_seconds(NOW + timedelta(minutes=5)) == 300
    assert not listing.is_stale(NOW + timedelta(minutes=59))
    assert listing.is_stale(NOW + timedelta(hours=1))
    assert "Bob" not in repr(listing)


def test_that_nobody_has_the_alias_is_believed_for_five_minutes() -> None:
    listing = listed("zelle", None, at=NOW)

    assert (listing.place, listing.owner) == ("NOBODY", None)
    assert listing.is_stale(NOW + timedelta(minutes=5))


def test_of_several_the_one_who_serves_it_is_believed_then_the_newest() -> None:
    served = listed("zelle", CHASE, at=NOW)
    nobody = listed("interfi", None, at=NOW + timedelta(minutes=1))
    newer = listed("other", CHASE, at=NOW + timedelta(minutes=2))

    assert best([served, nobody], now=NOW + timedelta(minutes=3)) == served
    assert best([served, nobody, newer], now=NOW + timedelta(minutes=3)) == newer
    assert best([served, newer], now=NOW + timedelta(minutes=61)) == newer
    assert best([], now=NOW) == NOBODY
