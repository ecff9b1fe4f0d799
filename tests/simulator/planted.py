"""Mistakes that somebody could make in the platform, each made on purpose: what the simulator must notice."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest import mock

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from apps.console.feed import Feed, Superseded
from apps.transactions import services
from apps.transactions.domain.passage import Passage
from streaming.flows.gather import Gather
from streaming.flows.send_money import decide
from streaming.sor import reading, transaction, write
from streaming.sor.element import WaitingElement
from streaming.sor.plan import Planner
from streaming.sor.transaction import SystemOfRecord
from tests.simulator import capture, flink

Plant = Callable[[], AbstractContextManager[None]]
PLANTED: dict[str, Plant] = {}
# Where it was seen last, to look there first: only few histories come to such a thing.
SEEN_IN = {
    "an order that begins to wait is not looked at again": 2_109,
    "a leader does not step down": 909,
}


def _planted(plant: Callable[[ExitStack], None]) -> Callable[[ExitStack], None]:
    """Each is a function that enters its patches; its name with spaces is what is planted."""

    @contextmanager
    def entered() -> Iterator[None]:
        with ExitStack() as patches:
            plant(patches)
            yield

    PLANTED[plant.__name__.replace("_", " ")] = entered
    return plant


def _put(patches: ExitStack, owner: Any, name: str, replacement: Any) -> Any:
    original = getattr(owner, name)
    patches.enter_context(mock.patch.object(owner, name, replacement))
    return original


@_planted
def outcomes_are_not_looked_up(patches: ExitStack) -> None:
    def read(its: Any, elements: Any) -> None:
        original(its, elements)
        its.found.outcomes.clear()

    original = _put(patches, reading._Reading, "_commands", read)


@_planted
def a_cause_may_come_again(patches: ExitStack) -> None:
    rules = "apps.transactions.domain.apply"
    patches.enter_context(mock.patch(f"{rules}.has_applied", return_value=False))

    def assess(passage: Passage, event: Any) -> Any:
        passage.order["status"] = "RECEIVED"
        return original(passage, event)

    from apps.transactions.domain import apply

    original = _put(patches, apply, "_assess", assess)

    def on_order(planner: Planner, element: Any, event: Any) -> None:
        if element.id in planner.found.orders:
            planner._apply(element.id, event)

    _put(patches, Planner, "_on_order", on_order)


@_planted
def orders_are_remembered_and_versions_not_compared(patches: ExitStack) -> None:
    remembered: dict[str, Any] = {}

    def keep(its: Any, documents: Any) -> list[str]:
        orders = {each["_id"]: remembered.setdefault(each["_id"], each) for each in documents}
        its.found.orders.update(orders)
        return list(orders)

    def update(read_at: int, order: Any) -> UpdateOne:
        made = original(read_at, order)
        return UpdateOne({"_id": order["_id"]}, made._doc)

    _put(patches, reading._Reading, "_keep", keep)
    original = _put(patches, write, "_update", update)


@_planted
def a_hold_is_not_released(patches: ExitStack) -> None:
    def finish(passage: Passage, *given: Any, **named: Any) -> None:
        original(passage, *given, **named)
        passage.entries = [entry for entry in passage.entries if entry["kind"] != "void"]

    original = _put(patches, Passage, "finish", finish)


@_planted
def a_batch_waits_outside_of_state(patches: ExitStack) -> None:
    class Plain(list[Any]):
        add, get = list.append, list.copy

    def open_(gather: Any, context: Any) -> None:
        original(gather, context)
        gather._waiting = Plain()

    original = _put(patches, Gather, "open", open_)


@_planted
def the_bridge_commits_before_its_effect(patches: ExitStack) -> None:
    def run(reader: Any, handle: Any, *, keep_going: Callable[[], bool]) -> None:
        while keep_going():
            records = reader.poll(seconds=0.1)
            reader.commit()
            handle(records)

    patches.enter_context(mock.patch("tests.simulator.feed.run", run))


@_planted
def offsets_run_ahead_of_state(patches: ExitStack) -> None:
    def snapshot(attempt: Any) -> Any:
        taken = original(attempt)
        taken.offsets = attempt._offsets
        return taken

    original = _put(patches, flink.Attempt, "_snapshot", snapshot)


@_planted
def without_a_checkpoint_reading_begins_at_the_end(patches: ExitStack) -> None:
    def begin(attempt: Any, job: Any, number: int, pipeline: Any) -> None:
        original(attempt, job, number, pipeline)
        if not job.completed.offsets and number > 1:
            attempt._offsets = {place: len(job.broker.logs[place]) for place in job.places}

    original = _put(patches, flink.Attempt, "__init__", begin)


@_planted
def a_commit_of_unknown_outcome_is_taken_for_done(patches: ExitStack) -> None:
    def commit(_sor: Any, session: Any, _started: float) -> None:
        try:
            session.commit_transaction()
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult"):
                raise transaction._classified(error) from error

    _put(patches, SystemOfRecord, "_commit", commit)


@_planted
def a_commit_of_unknown_outcome_is_written_again_unread(patches: ExitStack) -> None:
    plans: dict[Any, Any] = {}

    def decide_once(sor: Any, session: Any, batch: Sequence[Any]) -> Any:
        key = (id(sor), tuple(batch))
        if key not in plans:
            found = reading.read(sor._db, session, batch, sor._clock(), limits=sor._limits)
            planner = Planner(
                flow=sor._flow,
                actor=sor._actor,
                limits=sor._limits,
                found=found,
                log=transaction.log,
            )
            plans[key] = planner.decide(batch), found
        plan, found = plans[key]
        write.write(sor._db, session, plan, found)
        return plan

    def commit(_sor: Any, session: Any, _started: float) -> None:
        try:
            session.commit_transaction()
        except PyMongoError as error:
            raise transaction._Conflict(str(error)) from error

    _put(patches, SystemOfRecord, "_read_decide_write", decide_once)
    _put(patches, SystemOfRecord, "_commit", commit)


@_planted
def the_second_half_of_a_bisected_batch_is_forgotten(patches: ExitStack) -> None:
    def settle(sor: Any, batch: Sequence[Any]) -> Any:
        try:
            return sor._settle_with_retries(batch)
        except (transaction._Conflict, transaction._Defective):
            return original(sor, batch[: len(batch) // 2] or batch)

    original = _put(patches, SystemOfRecord, "_settle_or_bisect", settle)


@_planted
def a_batch_does_not_see_what_its_earlier_elements_did(patches: ExitStack) -> None:
    def take(planner: Planner, order: Any, result: Any) -> None:
        before = dict(planner.found.accounts)
        original(planner, order, result)
        planner.found.accounts = planner.found.accounts | before

    original = _put(patches, Planner, "_take", take)


@_planted
def an_order_that_begins_to_wait_is_not_looked_at_again(patches: ExitStack) -> None:
    def route(change: Any) -> Any:
        routed = original(change)
        is_waiting = routed is not None and isinstance(routed.element, WaitingElement)
        return None if is_waiting else routed

    original = _put(patches, decide, "_route_order", route)


@_planted
def the_connector_looks_documents_up(patches: ExitStack) -> None:
    def image(connector: Any, change: Any) -> Any:
        return connector._server.tables[change.collection][change.id]

    _put(patches, capture.Connector, "image_after", image)


@_planted
def an_audit_entry_has_an_id_of_its_own(patches: ExitStack) -> None:
    numbers = iter(range(10**9))
    new = mock.patch(
        "apps.audit.domain.entry.entry_id", side_effect=lambda _: f"aud_{next(numbers)}"
    )
    patches.enter_context(new)


@_planted
def an_audit_entry_lacks_what_was_before(patches: ExitStack) -> None:
    from dataclasses import replace

    from streaming.flows.audit import recorder

    def without(*given: Any) -> Any:
        return replace(original(*given), before=None)

    original = _put(patches, recorder, "captured", without)


@_planted
def a_leader_does_not_step_down(patches: ExitStack) -> None:
    def append(feed: Feed, records: Any) -> int:
        try:
            return int(original(feed, records))
        except Superseded:
            feed.head += 1
            return 1

    original = _put(patches, Feed, "append", append)


@_planted
def a_key_may_be_used_with_another_body(patches: ExitStack) -> None:
    def replayed(earlier: Any, _: Any) -> Any:
        return services.Accepted(services.as_accepted(earlier), is_replay=True)

    _put(patches, services, "_replayed", replayed)
