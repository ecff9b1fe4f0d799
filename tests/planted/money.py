"""Bugs in the rules, the system of record and the ledger."""

from typing import Any

from pymongo import UpdateOne
from pymongo.write_concern import WriteConcern

from apps.kernel import money
from apps.transactions.domain import apply, lifecycle, order
from apps.transactions.domain.passage import Passage
from streaming.sor import reading, transaction, write
from tests.planted.ground import planted, replace, replace_in

APPLY = "tests/unit/transactions/test_apply.py"
DECISIONS = "tests/unit/transactions/test_decisions.py"
ONCE = "tests/integration/sor/test_exactly_once.py"


@planted(
    "A cause that stands in an order's history is applied again.",
    caught_by=f"{APPLY}::test_the_same_event_again_is_skipped",
    says="Skipped",
)
def no_dedupe_by_cause() -> None:
    replace(order.has_applied, lambda _order, _cause: False)


@planted(
    "The outcomes that commands have already are not looked for.",
    caught_by="tests/integration/sor/test_settle.py::test_the_same_batch_again_changes_nothing[0]",
    says="assert bank.dump() == before",
)
def outcomes_not_read() -> None:
    real = reading.read

    def read(*args: Any, **named: Any) -> Any:
        found = real(*args, **named)
        found.outcomes = set()
        return found

    replace(real, read)


@planted(
    "The table of moves is not asked.",
    caught_by="tests/unit/transactions/test_lifecycle.py::test_every_other_move_is_refused_and_leaves_the_order_as_it_was",
    says="DID NOT RAISE",
)
def guard_removed() -> None:
    replace_in(order, "may_move", lambda *_: True)


@planted(
    "An order is written whatever version it has by now.",
    caught_by=f"{ONCE}::test_what_was_decided_on_an_older_version_is_not_written",
    says="VersionConflict",
)
def version_not_compared() -> None:
    real = write._update

    def update(read_at: int, order: Any) -> UpdateOne:
        made = real(read_at, order)
        return UpdateOne({"_id": order["_id"]}, made._doc)

    replace(real, update)


@planted(
    "Amounts go through a float.",
    caught_by="tests/unit/kernel/test_money.py::test_comes_back_as_it_was_written",
    says="assert",
)
def float_money() -> None:
    def parse_decimal(value: str, currency: str, _pointer: str = "") -> int:
        return int(float(value) * 10 ** money.MINOR_DIGITS[currency])

    replace(money.parse_decimal, parse_decimal)


def _without_entries(self: Passage, target: str, **why: Any) -> None:
    before = list(self.entries)
    _finish(self, target, **why)
    self.entries = before


_finish = Passage.finish


@planted(
    "Money set aside stays so when its order ends unpaid.",
    caught_by="tests/unit/transactions/test_properties.py::test_the_books_stay_right",
    says="held_minor == held",
)
def hold_not_released() -> None:
    replace_in(Passage, "finish", _without_entries)


@planted(
    "An order that ends unpaid goes on counting in the day's limits.",
    caught_by=f"{DECISIONS}::test_one_cent_too_little_is_rejected_and_gives_the_limit_back",
    says="assert",
)
def limit_not_released() -> None:
    real = Passage._use_limits

    def use(self: Passage, day: str, amount_minor: int, count: int) -> None:
        if count > 0:
            real(self, day, amount_minor, count)

    replace_in(Passage, "_use_limits", use)


@planted(
    "A deadline is over because somebody says so; nobody asks the clock.",
    caught_by=f"{APPLY}::test_the_deadline_asks_the_clock_itself",
    says="Refused",
)
def clock_not_asked() -> None:
    real = apply._due

    def due(passage: Passage, event: Any) -> Any:
        passage.now = max(passage.now, passage.order["due_at"] or passage.now)
        return real(passage, event)

    replace(real, due)


@planted(
    "The commit waits for one node, not for a majority.",
    caught_by="tests/integration/test_promises.py::test_a_batch_is_final_by_a_majority_and_its_journal_on_one_snapshot",
    says="majority",
)
def commit_of_one_node() -> None:
    replace_in(transaction, "WriteConcern", lambda *_, **__: WriteConcern(w=1))


@planted(
    "A commit of unknown result is taken for done.",
    caught_by=f"{ONCE}::test_a_commit_that_stays_unknown_stops_the_job_and_is_never_called_failed[gone]",
    says="DID NOT RAISE",
)
def unknown_commit_is_done() -> None:
    def commit(_self: Any, session: Any, _started: float) -> None:
        try:
            session.commit_transaction()
        except Exception as error:
            if not getattr(error, "has_error_label", lambda _: False)(
                "UnknownTransactionCommitResult"
            ):
                raise
            # As mongod does after a while; until then the database could not be tidied up.
            session.client.admin.command({"killAllSessions": []})

    replace_in(transaction.SystemOfRecord, "_commit", commit)


@planted(
    "A dead letter that comes again overwrites the first.",
    caught_by="tests/integration/sor/test_damage.py::test_a_dead_letter_stays_as_it_was_first_written",
    says="assert bank.dump() == before",
)
def dead_letter_overwritten() -> None:
    def write_letters(db: Any, session: Any, plan: Any) -> None:
        for letter in plan.dead_letters:
            db.dead_letters.replace_one(
                {"_id": letter["_id"]}, letter, upsert=True, session=session
            )

    replace(write._write_dead_letters, write_letters)


@planted(
    "A customer may release what is held for a person to look at.",
    caught_by="tests/unit/transactions/test_lifecycle.py::test_only_compliance_blocks_and_no_customer_releases",
    says="assert",
)
def customers_release() -> None:
    drivers = frozenset([*lifecycle.COMMANDS["release"], lifecycle.Driver.CUSTOMER])
    replace_in(lifecycle.COMMANDS, "release", drivers)
