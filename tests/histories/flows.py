"""What becomes of a change: the routes of the three flows, their queues, and batches that are decided and written."""

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.parties.domain.payee_limits import Policy
from apps.transactions.domain.limits import Limits
from apps.transactions.domain.order import Actor
from streaming.contracts.envelope import Change
from streaming.flows.receive_money.decide import _route as receive_route
from streaming.flows.request_money.decide import _route as request_route
from streaming.flows.send_money.decide import _route as send_route
from streaming.sor.element import AliasElement, Element, OrderElement
from streaming.sor.plan import Plan, Planner
from streaming.sor.reading import read
from tests.histories.bank import BANK
from tests.histories.store import Document, Store

ROUTES = {"send_money": send_route, "receive_money": receive_route, "request_money": request_route}
_READS = {
    "orders": ("send_money", "request_money"),
    "commands": tuple(ROUTES),
    "aliases": ("send_money",),
    "rail_messages": tuple(ROUTES),
}
# All that a route looks at besides ids: a change of a shape that was seen goes where that one went.
_LOOKED_AT = ("kind", "type", "status", "final", "direction")
_TAKEN: dict[tuple[Any, ...], list[tuple[str, Any]]] = {}
log = logging.getLogger("tests.histories")
log.disabled = True  # what goes wrong is told by its dead letter


@dataclass(frozen=True)
class Told:
    """What one batch was and made."""

    flow: str
    batch: list[Element]
    plan: Plan

    def lines(self) -> list[str]:
        return [f"{self.flow} {self.batch}", *_told(self.plan)]


class Flows:
    """Elements wait by flow; a batch of one flow is read, decided and written in one go."""

    def __init__(
        self, rng: random.Random, *, limits: Limits, policy: Policy, redelivers: float
    ) -> None:
        self.rng = rng
        self.limits = limits
        self.policy = policy
        self.redelivers = redelivers
        self.waiting: dict[str, list[Element]] = {name: [] for name in ROUTES}
        # What the assess stage saw of an order, the same however often it comes.
        self.signals: dict[str, tuple[tuple[str, str], ...]] = {}
        self.settled: list[tuple[str, Element]] = []
        self.is_replayed = False

    def changed(self, collection: str, document: Document) -> None:
        """Puts the change before every flow that reads it."""
        if collection not in _READS or document.get("direction") == "out":
            return
        shape = (collection, *map(document.get, _LOOKED_AT), "caused_by" in document)
        if collection == "rail_messages":
            shape += (_about(document),)
        taken_by = _TAKEN.get(shape)
        if taken_by is None:
            taken_by = _TAKEN[shape] = list(_flows_that_take(collection, document))
        for name, kind in taken_by:
            about = document["key"] if kind is AliasElement else document["_id"]
            self.waiting[name].append(self._with_signals(kind(about)))

    def settle(self, store: Store, now: datetime, name: str, *, orderly: bool = False) -> Told:
        """One batch of the flow."""
        batch = self._batch(name, orderly=orderly)
        found = read(store, None, batch, now, limits=self.limits)  # type: ignore[arg-type]  # all they ask is find
        planner = Planner(
            flow=name,
            actor=Actor(kind="stream", id=f"{name}#1"),
            limits=self.limits,
            found=found,
            log=log,
            bank=BANK,
            policy=self.policy,
        )
        plan = planner.decide(batch)
        store.write(plan)
        self.waiting[name] += plan.further
        self.settled += [(name, element) for element in batch]
        return Told(name, batch, plan)

    def redeliver(self) -> None:
        """Something that was settled comes again, as after a restart."""
        name, element = self.rng.choice(self.settled)
        self.waiting[name].append(element)

    def waiting_again(self, rng: random.Random) -> bool:
        """In some histories all that was settled comes once more at the end, as after the loss of all state."""
        if not self.is_replayed and rng.random() < 0.2:
            for name, element in self.settled:
                self.waiting[name].append(element)
        self.is_replayed = True
        return any(self.waiting.values())

    def _batch(self, name: str, *, orderly: bool) -> list[Element]:
        waiting, rng = self.waiting[name], self.rng
        batch = []
        for _ in range(len(waiting) if orderly else rng.choice((1, 2, 4, 8))):
            if not waiting:
                break
            place = 0 if orderly or rng.random() < 0.5 else rng.randrange(len(waiting))
            again = not orderly and rng.random() < self.redelivers
            batch.append(waiting[place] if again else waiting.pop(place))
        return batch

    def _with_signals(self, element: Element) -> Element:
        if isinstance(element, OrderElement) and element.id in self.signals:
            return OrderElement(element.id, self.signals[element.id])
        return element


def _about(document: Document) -> str | None:
    original = document["fields"].get("original")
    return original["message_type"] if original else None


def _flows_that_take(collection: str, document: Document) -> Iterator[tuple[str, Any]]:
    """By their own routes: the flow, and the kind of element that it makes of such a change."""
    at: Any = None  # no flow looks at when
    change = Change(collection, "u", document["_id"], None, document, at, at, {})
    for name in _READS[collection]:
        if name != "request_money" or _is_about_requests(collection, document):
            routed = ROUTES[name](change)
            if routed is not None:
                yield name, type(routed.element)


def _is_about_requests(collection: str, document: Document) -> bool:
    """What the flow looks for in the bytes before it decodes them."""
    return collection != "orders" or document["kind"] == "request" or "caused_by" in document


def _told(plan: Plan) -> list[str]:
    told = []
    for _, order in plan.orders.values():
        last = order["history"][-1]
        told.append(
            f"  {order['kind']} {order['_id'][:12]} v{order['version']} {order['status']}"
            f" {last['reason'] or ''} {last['detail'] or ''} due {order['due_event']}"
        )
    told += [f"  entry {e['_id'][:16]} {e['kind']} {e['lines']}" for e in plan.entries]
    told += [
        f"  tells {m['type']} {m['_id'][:12]} of {m['end_to_end_id'][:8]}" for m in plan.messages
    ]
    told += [f"  case {case['kind']} {case['detail']}" for case in plan.cases]
    told += [f"  outcome {o['_id'][:12]} {o['state']} {o['reason']}" for o in plan.outcomes]
    told += [
        f"  dead letter {d['_id'][:40]} {d['reason']} {d['detail']}" for d in plan.dead_letters
    ]
    return told
