"""A process that stood still while another did its work changes nothing when it wakes up, wherever it stood."""

from collections.abc import Iterator

import pytest

from apps.kernel.failpoint import POINTS
from tests.failpoints.children import Children
from tests.failpoints.scenes import SCENES, time_passes, work_of
from tests.failpoints.undisturbed import Undisturbed
from tests.integration.sor.bank import Bank


@pytest.mark.parametrize("name", POINTS)
def test_who_wakes_up_too_late_changes_nothing(
    name: str, bank: Bank, children: Children, undisturbed: Undisturbed
) -> None:
    work = work_of(name)
    expected, _ = undisturbed.of(work)
    SCENES[work].prepare(bank)
    zombie = children.run(work, fail=f"{name}:1:hang")
    assert zombie.struck(name, "hang"), (zombie, zombie.output)
    time_passes(bank)
    other = children.run(work)
    assert (other.fate, other.code) == ("ended", 0), other.output

    woken = children.let_go_on(zombie)

    assert woken.fate == "ended", (woken, woken.output)
    assert SCENES[work].facts(bank) == expected


@pytest.fixture
def transactions_end_soon(bank: Bank) -> Iterator[None]:
    """As mongod ends by itself, after a second instead of a minute, what nobody commits."""
    name = "transactionLifetimeLimitSeconds"
    before = bank.client.admin.command({"getParameter": 1, name: 1})[name]
    bank.client.admin.command({"setParameter": 1, name: 1})
    yield
    bank.client.admin.command({"setParameter": 1, name: before})


@pytest.mark.usefixtures("transactions_end_soon")
def test_who_stands_still_before_the_commit_keeps_the_others_waiting_but_not_for_ever(
    bank: Bank, children: Children, undisturbed: Undisturbed
) -> None:
    """Everything that the batch touches is locked by the one that stands still."""
    expected, _ = undisturbed.of("settle")
    SCENES["settle"].prepare(bank)
    zombie = children.run("settle", fail="settle.before_commit:1:hang")
    assert zombie.struck("settle.before_commit", "hang"), (zombie, zombie.output)

    other = children.run("settle")
    woken = children.let_go_on(zombie)

    assert (other.fate, other.code) == ("ended", 0), other.output
    assert (woken.fate, woken.code) == ("ended", 0), woken.output
    assert SCENES["settle"].facts(bank) == expected
