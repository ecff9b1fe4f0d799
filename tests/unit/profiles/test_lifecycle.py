"""The customer's table: every pair of status and event, and any interleaving of un-enrolment with orders."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Conflict
from apps.profiles.domain.lifecycle import (
    MOVES,
    STATUSES,
    Event,
    Move,
    after,
    check_may_change,
    check_pays,
    unenrolment_ends,
)

LEGAL = {(move.source, move.event) for move in MOVES}
ILLEGAL = [(s, e) for s in STATUSES for e in Event if (s, e) not in LEGAL]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.source}-{move.event}")
def test_takes_every_move_of_the_table(move: Move) -> None:
    assert after(move.source, move.event, began_in=move.target) == move.target


@pytest.mark.parametrize(("status", "event"), ILLEGAL)
def test_refuses_every_other_pair(status: str, event: Event) -> None:
    with pytest.raises(Conflict, match="customer_status_refuses"):
        after(status, event, began_in="ACTIVE")


def test_is_kept_only_where_un_enrolment_can_have_begun() -> None:
    for status in ("UNENROLLING", "UNENROLLED", None):
        with pytest.raises(Conflict, match="customer_status_refuses"):
            after("UNENROLLING", Event.KEEP, began_in=status)


def test_nothing_leads_out_of_a_final_status() -> None:
    assert [move for move in MOVES if STATUSES[move.source].final] == []


def test_every_status_is_reached_and_known() -> None:
    named = {name for move in MOVES for name in (move.source, move.target)}

    assert named == set(STATUSES)


@pytest.mark.parametrize("status", STATUSES)
def test_says_what_may_be_done(status: str) -> None:
    refused = []
    for check in (check_pays, check_may_change):
        try:
            check(status)
        except Conflict as error:
            refused.append(error.code)

    expected = ["customer_not_active"] * (status != "ACTIVE")
    assert refused == expected + ["customer_status_refuses"] * status.startswith("UNENROL")


@dataclass
class Asker:
    """One who un-enrols, step by step as the service does it, and may be cut off after any step."""

    version: int | None = None
    count: int | None = None


@dataclass
class Bank:
    """A customer with orders, changed by compare-and-set as the services do; settle rejects when the status says so."""

    status: str = "ACTIVE"
    version: int = 1
    began_in: str | None = None
    under_way: int = 0
    arriving: int = 0  # accepted while ACTIVE, not inserted yet
    paid_after_leaving: int = 0
    suspended: bool = False
    passed: list[tuple[str, str]] = field(default_factory=list)
    askers: list[Asker] = field(default_factory=lambda: [Asker(), Asker()])

    def moves(self, event: Event, version: int) -> bool:
        if version != self.version:
            return False
        try:
            target = after(self.status, event, began_in=self.began_in)
        except Conflict:
            return False
        if event is Event.UNENROL:
            self.began_in = self.status
        self.passed.append((self.status, target))
        self.status, self.version = target, self.version + 1
        return True

    def does(self, step: str, who: int) -> None:
        if step in UNENROLLING_STEPS:
            self._unenrols(step, who)
            return
        match step:
            case "suspend":
                self.suspended |= self.moves(Event.SUSPEND, self.version)
            case "reinstate":
                self.suspended &= not self.moves(Event.REINSTATE, self.version)
            case "accept":
                self.arriving += STATUSES[self.status].pays
            case "insert" if self.arriving:
                self.arriving, self.under_way = self.arriving - 1, self.under_way + 1
            case "settle" if self.under_way:
                self.under_way -= 1
                self.paid_after_leaving += STATUSES[self.status].pays and self.left

    def _unenrols(self, step: str, who: int) -> None:
        asker = self.askers[who]
        match step:
            case "crash":
                self.askers[who] = Asker()
            case "mark" if not self.under_way:
                if self.status == "UNENROLLING" or self.moves(Event.UNENROL, self.version):
                    asker.version, asker.count = self.version, None
            case "count":
                asker.count = self.under_way
            case "end" if asker.version is not None and asker.count is not None:
                self.moves(unenrolment_ends(orders_under_way=asker.count), asker.version)
                self.askers[who] = Asker()

    @property
    def left(self) -> bool:
        return any(target == "UNENROLLED" for _, target in self.passed)


UNENROLLING_STEPS = ("crash", "mark", "count", "end")
STEPS = ("suspend", "reinstate", "accept", "insert", "settle", *UNENROLLING_STEPS)


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1)), max_size=40))
def test_no_interleaving_leaves_the_table_or_frees_the_suspended(
    steps: list[tuple[str, int]],
) -> None:
    bank = Bank()

    for step, who in steps:
        bank.does(step, who)
        assert not (bank.suspended and bank.status == "ACTIVE")

    assert set(bank.passed) <= {(move.source, move.target) for move in MOVES}
    assert bank.paid_after_leaving == 0
    assert sum(target == "UNENROLLED" for _, target in bank.passed) <= 1


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1)), max_size=30))
def test_whoever_asks_again_after_a_crash_brings_it_to_an_end(
    steps: list[tuple[str, int]],
) -> None:
    bank = Bank()
    for step, who in steps:
        bank.does(step, who)

    while bank.arriving or bank.under_way:
        bank.does("insert", 0)
        bank.does("settle", 0)
    for step in UNENROLLING_STEPS:
        bank.does(step, 0)

    assert bank.status == "UNENROLLED"
