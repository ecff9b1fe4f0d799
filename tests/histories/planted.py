"""Mistakes that somebody could make in the rules, each made on purpose: what the histories must notice."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from apps.transactions.domain import (
    apply,
    apply_receive,
    apply_request,
    apply_return,
    request_lifecycle,
)
from apps.transactions.domain.passage import Passage
from apps.transactions.domain.results import Skipped
from apps.transactions.domain.steps import Steps
from streaming.sor import inbound, reading
from streaming.sor.facts import FactsFound
from streaming.sor.plan import Planner

Plant = Callable[[], AbstractContextManager[None]]
PLANTED: dict[str, Plant] = {}
# Where it was seen last, to look there first: only few histories come to such a thing.
SEEN_IN = {
    "more comes back than was paid": 1_025,
    "a request expires although its money came": 1_072,
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
def a_return_is_paid_twice(patches: ExitStack) -> None:
    """Each message is taken for a return of its own, whatever return it tells of."""

    def of_send(its: Any, order: Any) -> Any:
        return replace(original(its, order), linked=frozenset(), returned_minor=0)

    original = _put(patches, FactsFound, "of_send", of_send)
    _put(patches, inbound, "_is_booked", lambda *_: False)

    def event(message: Any, found: Any, network: Any) -> Any:
        meant = plain(message, found, network)
        return meant and (meant[0], replace(meant[1], return_id=message["_id"]))

    plain = _put(patches, inbound, "_return", event)


@_planted
def more_comes_back_than_was_paid(patches: ExitStack) -> None:
    def of_send(its: Any, order: Any) -> Any:
        return replace(original(its, order), returned_minor=0)

    original = _put(patches, FactsFound, "of_send", of_send)


@_planted
def a_return_of_a_recall_is_not_recognised(patches: ExitStack) -> None:
    _put(patches, inbound, "_is_booked", lambda *_: False)


@_planted
def a_hold_is_kept_when_the_network_rejects(patches: ExitStack) -> None:
    def finish(its: Passage, target: str, **why: Any) -> None:
        was = its.status
        original(its, target, **why)
        if was in ("SUBMITTED", "INVESTIGATE"):
            its.entries.clear()

    original = _put(patches, Passage, "finish", finish)


@_planted
def a_contradiction_moves_money(patches: ExitStack) -> None:
    """The second answer is believed: what was rejected is paid after all."""

    def late(passage: Passage, event: Any) -> Any:
        if event.accepted and passage.status == "REJECTED" and passage.was_sent:
            passage.post(
                "return_out",
                source=passage.order["debtor"]["account"],
                target=passage.network_account,
            )
            return apply._done(passage)
        return original(passage, event)

    original = _put(patches, apply, "_late_answer", late)


@_planted
def a_contradiction_is_told_to_nobody(patches: ExitStack) -> None:
    _put(patches, apply, "_to_people", lambda *_: Skipped("no answer awaited"))


@_planted
def an_answer_is_applied_to_what_is_final(patches: ExitStack) -> None:
    """A payment that staff or an earlier answer ended is ended again by the network's next word."""

    def answer(passage: Passage, event: Any) -> Any:
        if passage.order["final"] and passage.was_sent and event.accepted:
            passage.order = passage.order | {"status": "SUBMITTED"}
        return original(passage, event)

    original = _put(patches, apply, "_answer", answer)


@_planted
def a_request_is_paid_twice(patches: ExitStack) -> None:
    """A second acceptance causes a second payment."""
    refused = request_lifecycle.REQUEST.events
    twice = dict(refused) | {"accept": refused["accept"] | {"ACCEPTED"}}
    _put_table(patches, twice)
    moves = request_lifecycle.REQUEST._by_pair
    move = moves["PRESENTED", "ACCEPTED"]
    patches.enter_context(mock.patch.dict(moves, {("ACCEPTED", "ACCEPTED"): move}))

    def ask(request: Any, event: Any) -> Any:
        if event.command == "accept" and request.status == "ACCEPTED":
            return apply_request._promise(request)
        return original(request, event)

    original = _put(patches, apply_request, "_ask", ask)


@_planted
def a_request_expires_although_its_money_came(patches: ExitStack) -> None:
    def of_request(its: Any, order: Any) -> Any:
        return replace(original(its, order), is_paid=False)

    original = _put(patches, FactsFound, "of_request", of_request)


@_planted
def a_request_is_not_told_of_its_payment(patches: ExitStack) -> None:
    _put(patches, Planner, "_tell_cause", lambda *_: None)


@_planted
def a_split_closes_with_its_first_request(patches: ExitStack) -> None:
    def of_request(its: Any, order: Any) -> Any:
        facts = original(its, order)
        final = tuple(each for each in facts.children if each in request_lifecycle.REQUEST.final)
        return replace(facts, children=final)

    original = _put(patches, FactsFound, "of_request", of_request)


@_planted
def a_refused_credit_goes_back_from_the_customer(patches: ExitStack) -> None:
    """Money in suspense is sent back twice: from suspense, and by the answer that says that it was never taken."""

    def answer(its: Any, status: str, **more: Any) -> None:
        original(its, status, **more)
        if more.get("message") == "pacs.004":
            original(its, "RJCT", reason="AC04")
            its.outgoing.pop(0)

    original = _put(patches, apply_receive._Receipt, "answer", answer)


@_planted
def a_recall_that_is_granted_debits_nobody(patches: ExitStack) -> None:
    """The bank's own suspense account pays what its customer should."""

    def ask(steps: Any, event: Any) -> Any:
        result = original(steps, event)
        for entry in steps.entries:
            entry["lines"][0]["account"] = steps.own_account("suspense")
        return result

    original = _put(patches, apply_return, "_ask", ask)


@_planted
def outcomes_are_not_looked_up(patches: ExitStack) -> None:
    def read(its: Any, elements: Any) -> None:
        original(its, elements)
        its.found.outcomes.clear()

    original = _put(patches, reading._Reading, "_commands", read)


@_planted
def a_silent_network_is_sent_the_payment_again(patches: ExitStack) -> None:
    def tell(its: Passage, message: Any) -> None:
        original(its, "pacs.008" if message == "pacs.028" else message)

    original = _put(patches, Passage, "tell_network", tell)


@_planted
def a_deadline_is_forgotten(patches: ExitStack) -> None:
    def wait(its: Any, due_event: str, due_at: Any) -> None:
        if due_event != "recall_silent":
            original(its, due_event, due_at)

    original = _put(patches, Steps, "wait", wait)


def _put_table(patches: ExitStack, events: Any) -> None:
    changed = replace(request_lifecycle.REQUEST, events=events)
    _put(patches, apply_request, "REQUEST", changed)
