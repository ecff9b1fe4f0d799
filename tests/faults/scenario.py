"""The frame of every fault scenario: orders stream in, something breaks and heals, and then everything is proved.

1. Customers in a ring, one order in seven leaving the bank over a network; a load with a record of what each client
   knows, an onlooker with a browser's socket, and a reader that looks at the whole ledger in one snapshot after another
   until the end.
2. `inject` breaks something while the load goes on, and heals what does not heal by itself. The load lasts until
   that is over, whatever number of orders it takes.
3. Rest: parts and jobs run, no group lags, no dead letter is new but the expected ones.
4. Proof: each accepted order final once, others wholly there or absent, money to the cent, all checkers, Kafka and
   the trail whole, the onlooker equal to the API, no snapshot of the ledger wrong.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from apps.ledger.watch import LedgerWatch
from devstack.client import Client
from devstack.onlooker import Onlooker, staff_cookies
from devstack.traffic.patience import PatientClient
from tests.faults import proof
from tests.faults.quiet import QUIET_SECONDS, dead_letters, wait_quiet
from tests.faults.watched import as_note, ledger_watched
from tests.support.audit import Problems, audit_problems
from tests.support.load import Load, a_ring
from tests.support.pipeline import pipeline_problems
from tests.support.stack import Stack
from tests.support.waiting import wait_until

OPENING_BALANCE = "2000.00"
RING = 12
# One client in so many does not repeat an order that it got no good answer to.
IMPATIENT_EACH = 5
ANSWER_SECONDS = 5.0
# The share of the load that must meet the fault; less, and the scenario says nothing.
SENT_LATER_MIN = 0.3
REPLACED_SECONDS = 120.0


@dataclass
class Stage:
    """What an injection works with. `letters` are the dead letters that it causes on purpose."""

    stack: Stack
    client: PatientClient
    load: Load
    random: random.Random
    letters: set[str] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)
    # Collections of which capture may have missed something: the trail names it as a gap, and nothing else.
    may_have_gaps: frozenset[str] = frozenset()
    broken_at: float = 0.0
    watch: LedgerWatch | None = None
    snapshots_before: int = 0

    def breaks(self) -> None:
        """Called by every injection at the moment of its fault, after whatever it had to prepare."""
        if not self.broken_at:
            self.broken_at = time.time()
            self.snapshots_before = self.watch.reads if self.watch else 0

    def wait_replaced(self, before: dict[str, dict[str, Any]]) -> None:
        for name, component in before.items():
            self.stack.wait_replaced(name, before=component, seconds=REPLACED_SECONDS)


@dataclass(frozen=True)
class Scenario:
    """`target_seconds`: the longest time without a new effect that is promised, None where none is.

    `begin` is the share of the load that is accepted before `inject` is called. `needs` names what only some stacks
    offer: `process_mode`, `small_disks`. `quiet_seconds`: how long what waits may take to be worked off.
    """

    name: str
    inject: Callable[[Stage], None]
    target_seconds: float | None = None
    orders: int = 500
    per_second: float = 25.0
    begin: float = 0.2
    needs: frozenset[str] = frozenset()
    quiet_seconds: float = QUIET_SECONDS


@dataclass
class Result:
    """One line of the record."""

    scenario: str
    seed: int
    orders: int
    tries: dict[str, int]
    one_try_only: dict[str, int]
    recovery_seconds: float
    target_seconds: float | None
    quiet_seconds: float
    seconds: float
    checkers: list[str]
    # What the reader of the whole ledger saw while all this went on.
    ledger: dict[str, Any]
    # Of the last minute: a machine that does other work at the same time recovers later.
    load_average: float
    notes: dict[str, Any]
    result: str = "held"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        tries = " ".join(f"{count} {name}" for name, count in sorted(self.tries.items()))
        notes = "".join(f"; {name} {value}" for name, value in self.notes.items())
        return (
            f"{self.scenario}: {self.orders} orders, tries {tries}; longest time without an effect "
            f"{self.recovery_seconds:.1f} s; at rest {self.quiet_seconds:.0f} s after the fault{notes}; "
            f"load average {self.load_average}"
        )


class TooSlow(AssertionError):
    """Everything held, but the recovery took longer than is promised."""

    def __init__(self, result: Result) -> None:
        super().__init__(f"promised are {result.target_seconds} s; {result}")
        self.result = result


# What the checkers of the trail and of Kafka said last of a stack: before the first scenario tests may have planted
# something.
_known: dict[str, tuple[Problems, Problems]] = {}


def play(
    scenario: Scenario, stack: Stack, *, seed: int, orders: int | None = None, slack: float = 1.0
) -> Result:
    """Raises AssertionError when anything that must hold does not, and TooSlow when all does but the recovery took
    longer than the target times `slack`."""
    began = time.time()
    status = stack.status()
    patient = PatientClient.of(status)
    patient.say, patient.stopping = (lambda _: None), threading.Event()
    before = dead_letters(stack)
    known_trail, known_pipeline = _known_of(stack)
    load = Load(
        Client.of(status, timeout_seconds=ANSWER_SECONDS),
        a_ring(patient, size=RING, balance=OPENING_BALANCE, reaches_far=True),
        count=orders or scenario.orders,
        per_second=scenario.per_second,
        impatient_each=IMPATIENT_EACH,
        is_lasting=True,
    )
    stage = Stage(stack, patient, load, random.Random(seed))
    with closing_load(load), watching(status) as onlooker, ledger_watched(stack) as stage.watch:
        load.start()
        load.wait_accepted(int((orders or scenario.orders) * scenario.begin))
        scenario.inject(stage)
        load.finish()
        wait_quiet(stack, seconds=scenario.quiet_seconds)
        quiet_at, load_average = time.time(), os.getloadavg()[0]
        # Histories tell the platform's time, which stories before this one may have moved; faults the wall's.
        ahead_seconds = patient.clock()["ahead_seconds"]
        final = proof.assert_each_is_final_once(stack, load)
        proof.assert_money_moved_once(stack, patient, load, final)
        proof.assert_onlooker_equals_api(onlooker, patient)
        ledger = as_note(stage.watch, since=stage.snapshots_before)
    letters = dead_letters(stack) - before
    assert letters == stage.letters, f"dead letters: {letters ^ stage.letters}"
    checkers = proof.assert_checkers_agree(stack)
    trail, pipeline = _found_by_checkers(stack)
    _assert_trail_is_explained(trail - known_trail, stage)
    assert pipeline <= known_pipeline, f"Kafka: {sorted(pipeline - known_pipeline)[:5]}"
    _known[str(stack.directory)] = trail, pipeline
    later = [attempt for attempt in load.attempts if attempt.sent_at > stage.broken_at > 0]
    assert len(later) > len(load.attempts) * SENT_LATER_MIN, "the load was over before the fault"
    result = Result(
        scenario=scenario.name,
        seed=seed,
        orders=len(final),
        tries=dict(load.tries()),
        one_try_only=_one_try_only(load),
        recovery_seconds=round(
            longest_pause(sorted(at - ahead_seconds for at in final.values()), stage.broken_at), 2
        ),
        target_seconds=scenario.target_seconds,
        quiet_seconds=round(quiet_at - stage.broken_at, 1),
        seconds=round(time.time() - began, 1),
        checkers=[*checkers, "verify_audit", "verify_pipeline"],
        ledger=ledger,
        load_average=round(load_average, 1),
        notes=stage.notes,
    )
    if result.recovery_seconds > (scenario.target_seconds or float("inf")) * slack:
        result.result = "SLOW"
        raise TooSlow(result)
    return result


def _known_of(stack: Stack) -> tuple[Problems, Problems]:
    known = _known.get(str(stack.directory))
    return known if known is not None else _found_by_checkers(stack)


def _found_by_checkers(stack: Stack) -> tuple[Problems, Problems]:
    """What the checkers of the trail and of Kafka say, which need not wait for each other."""
    with ThreadPoolExecutor(2) as pool:
        trail, pipeline = (pool.submit(find, stack) for find in (audit_problems, pipeline_problems))
        return trail.result(), pipeline.result()


@contextmanager
def closing_load(load: Load) -> Iterator[None]:
    try:
        yield
    finally:
        load.abandon()


@contextmanager
def watching(status: dict[str, Any]) -> Iterator[Onlooker]:
    """Somebody has the live page open, from before the fault until the end."""
    onlooker = Onlooker(status, cookies=staff_cookies(status))
    is_over = threading.Event()
    thread = threading.Thread(
        target=lambda: onlooker.follow(3600, until=is_over.is_set), daemon=True
    )
    thread.start()
    try:
        wait_until(lambda: onlooker.after, 20, "it watches")
        yield onlooker
    finally:
        is_over.set()
        thread.join(10)


def longest_pause(effects: list[float], since: float) -> float:
    """Seconds; an effect is an order that became final. Counts from the fault, so what was final before is left out."""
    later = [since, *(at for at in effects if at >= since)]
    assert len(later) > 1, "nothing became final after the fault"
    return max(after - before for before, after in pairwise(later))


def _assert_trail_is_explained(new: Problems, stage: Stage) -> None:
    unexplained = {
        (entity, rule, detail)
        for entity, rule, detail in new
        if rule != "gap" or entity.partition("/")[0] not in stage.may_have_gaps
    }
    assert unexplained == set(), f"the trail: {sorted(unexplained)[:5]}"


def _one_try_only(load: Load) -> dict[str, int]:
    outcomes = [attempt.tries[-1] for attempt in load.attempts if not attempt.is_patient]
    return {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}
