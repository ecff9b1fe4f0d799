"""Positions: what a network's settlement accounts held before and after a day, whatever moved since."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.domain.internal import internal_account
from apps.ledger.domain.position import BusinessDays, Movement, Position, positions

NEW_YORK = ZoneInfo("America/New_York")
MIDNIGHT, EVENING = BusinessDays(NEW_YORK), BusinessDays(NEW_YORK, time(19))
ACCOUNTS = [
    internal_account("settlement", network=network, currency=currency, shard=shard)
    for network in ("interfi", "zelle")
    for currency in ("EUR", "USD")
    for shard in range(2)
]
MOVEMENTS = st.lists(
    st.builds(
        Movement,
        st.sampled_from(ACCOUNTS),
        st.sampled_from(["capture", "receipt"]),
        st.booleans(),
        st.integers(-1_000, 1_000),
        st.integers(1, 9),
    ),
    max_size=20,
)


@given(st.lists(st.integers(-10_000, 10_000), min_size=8, max_size=8), MOVEMENTS)
def test_they_are_what_the_settlement_accounts_of_a_network_held(
    before: list[int], movements: list[Movement]
) -> None:
    opened = dict(zip(ACCOUNTS, before, strict=True))
    now = {
        account: held + sum(m.amount_minor for m in movements if m.account == account)
        for account, held in opened.items()
    }

    found = positions(now, movements)

    names = [(position.network, position.currency) for position in found]
    assert names == sorted({(n, c) for n in ("interfi", "zelle") for c in ("EUR", "USD")})
    for position in found:
        own = [a for a in ACCOUNTS if f"_{position.network}_{position.currency}_" in a]
        day = [m.amount_minor for m in movements if m.account in own and not m.is_after]
        assert position.opening_minor == sum(opened[account] for account in own)
        assert position.closing_minor == position.opening_minor + sum(day)
    assert sum(p.closing_minor for p in found) == sum(now.values()) - sum(
        movement.amount_minor for movement in movements if movement.is_after
    )


def test_each_kind_is_told_with_its_number_and_sum() -> None:
    account = ACCOUNTS[-1]
    moved = [
        Movement(account, "capture", False, 700, 2),
        Movement(ACCOUNTS[-2], "capture", False, 300, 1),
        Movement(account, "receipt", False, -400, 1),
        Movement(account, "capture", True, 9_000, 5),
    ]

    (found,) = positions({account: 10_000, ACCOUNTS[-2]: 0}, moved)

    assert found == Position("zelle", "USD", 1_000, {"capture": (3, 1_000), "receipt": (1, -400)})
    assert (found.opening_minor, found.change_minor) == (400, 600)


@pytest.mark.parametrize(
    ("days", "day", "start", "hours"),
    [
        (MIDNIGHT, date(2026, 3, 3), datetime(2026, 3, 3, 5, tzinfo=UTC), 24),
        (MIDNIGHT, date(2026, 3, 8), datetime(2026, 3, 8, 5, tzinfo=UTC), 23),
        (MIDNIGHT, date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
        (EVENING, date(2026, 3, 3), datetime(2026, 3, 3, 0, tzinfo=UTC), 24),
        (EVENING, date(2026, 3, 8), datetime(2026, 3, 8, 0, tzinfo=UTC), 23),
    ],
)
def test_a_day_is_that_of_the_banks_own_clocks(
    days: BusinessDays, day: date, start: datetime, hours: int
) -> None:
    assert days.bounds(day) == (start, start + timedelta(hours=hours))


@given(
    st.sampled_from([MIDNIGHT, EVENING]),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_instant_is_in_one_day(days: BusinessDays, instant: datetime) -> None:
    day = days.day_of(instant)

    start, end = days.bounds(day)

    assert start <= instant < end
    assert days.bounds(day + timedelta(days=1))[0] == end
