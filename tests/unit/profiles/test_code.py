"""How long a code holds and how often it may be tried."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.kernel.errors import Conflict
from apps.profiles.domain.code import (
    CODE_LIFE,
    CODE_TRIES_MAX,
    CODES_MAX,
    check_may_send,
    check_usable,
)

SENT_AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


@pytest.mark.parametrize("kind", CODE_LIFE)
def test_holds_until_just_before_it_expires(kind: str) -> None:
    end = SENT_AT + CODE_LIFE[kind]

    check_usable(kind=kind, sent_at=SENT_AT, tries=CODE_TRIES_MAX - 1, now=end - TICK)

    with pytest.raises(Conflict, match="code_expired"):
        check_usable(kind=kind, sent_at=SENT_AT, tries=0, now=end)


def test_the_tenth_wrong_try_spends_it() -> None:
    with pytest.raises(Conflict, match="code_spent"):
        check_usable(kind="email", sent_at=SENT_AT, tries=CODE_TRIES_MAX, now=SENT_AT)


def test_only_so_many_are_sent() -> None:
    check_may_send(CODES_MAX - 1)

    with pytest.raises(Conflict, match="codes_too_many"):
        check_may_send(CODES_MAX)
