"""What a payee's documents say for and against trusting it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.parties.domain.evidence import evidence_of
from apps.parties.domain.name_check import NameCheck
from apps.parties.domain.payee_stats import NOTHING_PAID, PayeeStats
from apps.parties.domain.trust import Evidence

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = "email:bob@example.com"


def a_payee(**fields: Any) -> dict[str, Any]:
    """As the collection keeps it, added 40 days ago when Bob owned the alias."""
    return {
        "alias": {"kind": "email", "value": "bob@example.com", "key": KEY},
        "created_at": NOW - timedelta(days=40),
        "known_since": NOW - timedelta(days=40),
        "counted_from": None,
        "name_check": "MATCH",
        "owner": "cus_bob",
        "status": "ACTIVE",
        "trust": "NEW",
    } | fields


def evidence(
    payee: dict[str, Any], *, owner: str | None = "cus_bob", stats: PayeeStats = NOTHING_PAID
) -> Evidence:
    return evidence_of(payee, stats, owners={KEY: owner}, now=NOW)


def test_is_age_and_payments() -> None:
    stats = PayeeStats(completed=6, returned=1)

    assert evidence(a_payee(), stats=stats) == Evidence(NameCheck.MATCH, 40, 5, 1)


def test_what_was_before_a_new_beginning_counts_no_more() -> None:
    payee = a_payee(
        known_since=NOW - timedelta(days=2, hours=23),
        counted_from={"completed": 6, "returned": 3},
    )

    found = evidence(payee, stats=PayeeStats(completed=9, returned=4))

    assert found == Evidence(NameCheck.MATCH, 2, 2, 1)


@pytest.mark.parametrize(
    ("known", "present", "moved"),
    [
        ("cus_bob", "cus_bob", False),
        ("cus_bob", "cus_eve", True),
        ("cus_bob", None, True),
        ("cus_bob", "zelle:021000021", True),
        ("zelle:021000021", "cus_bob", True),
        ("zelle:021000021", "zelle:011401533", True),
        (None, "cus_bob", False),
    ],
)
def test_an_alias_moves_when_another_owns_it(
    known: str | None, present: str | None, moved: bool
) -> None:
    assert evidence(a_payee(owner=known), owner=present).alias_moved is moved


def test_of_an_alias_that_nobody_told_of_only_ours_has_moved() -> None:
    untold = {
        owner: evidence_of(a_payee(owner=owner), NOTHING_PAID, owners={}, now=NOW).alias_moved
        for owner in ("cus_bob", "zelle:021000021")
    }

    assert untold == {"cus_bob": True, "zelle:021000021": False}


@pytest.mark.parametrize("fields", [{"status": "SUSPENDED"}, {"trust": "SUSPENDED"}])
def test_a_suspension_is_what_was_written_down(fields: dict[str, str]) -> None:
    assert evidence(a_payee(**fields)).suspended


def test_an_account_never_moves_and_an_earlier_builds_payee_counts_from_when_it_was_added() -> None:
    payee = a_payee(alias=None)
    for name in ("owner", "known_since", "counted_from"):
        del payee[name]

    assert evidence(payee) == Evidence(NameCheck.MATCH, 40, 0, 0)
