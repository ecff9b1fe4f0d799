"""One history: a seed, what it makes happen in which order, and what is wrong when nothing is left to do."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

from apps.kernel.findings import Problem
from apps.parties.domain.payee_limits import POLICIES
from apps.rails.documents import inbound_document
from apps.rails.gateway.bearings import bearings_of
from apps.transactions.domain.limits import PROFILES, Limits
from apps.transactions.domain.outgoing import end_to_end_id_of
from apps.transactions.products.registry import product
from tests.histories.bank import BEGIN, base
from tests.histories.changes import Changes
from tests.histories.customers import DUPLICATE, Customers, command_of
from tests.histories.far_side import FarSide, Row
from tests.histories.flows import ROUTES, Flows, Told
from tests.histories.staff import Staff
from tests.histories.store import Document, Store
from tests.histories.verdict import problems_of_the_end

_LIMITS = (
    PROFILES["sandbox"],
    PROFILES["sandbox"],
    Limits(order_minor=900, day_minor=1_200, day_count=3, week_minor=1_500),
)
_JUMPS = (
    *(timedelta(seconds=5),) * 4,
    timedelta(seconds=61),
    timedelta(hours=5),
    timedelta(days=2),
)
# Twice as many as any history has needed.
_ROUNDS_MAX = 200


@dataclass
class Result:
    """What became of a history; `problems` is empty when everything is as it must be."""

    seed: int
    problems: list[Problem]
    struck: Counter[str]
    trace: list[str] = field(default_factory=list)


class History:
    """All parts of one history."""

    def __init__(self, seed: int, *, trace: bool) -> None:
        self.rng = rng = random.Random(seed)
        self.now = BEGIN + timedelta(hours=rng.randrange(0, 96))
        self.trace: list[str] | None = [] if trace else None
        self.struck: Counter[str] = Counter()
        self.flows = Flows(
            rng,
            limits=rng.choice(_LIMITS),
            policy=POLICIES[rng.choice(("sandbox", "sandbox", "bank"))],
            redelivers=rng.choice((0.0, 0.1, 0.3)),
        )
        self.unsent: dict[str, list[Document]] = {}
        self.store = Store(base(), self._changed)
        lies = rng.random() < 0.3
        self.networks = {name: FarSide(name, rng, lies=lies) for name in ("zelle", "interfi")}
        self.staff = Staff(self)
        self.surroundings = Changes(self.store, rng)
        self.customers = Customers(self, orders=rng.choice((1, 2, 2, 3, 3, 4)))
        self.brought = rng.choice((0, 0, 1, 2, 3))
        self._asked = 0
        self.is_regretted = False
        # A flow that lags behind the others, in some histories.
        self.slow = rng.choice((None, None, *ROUTES))

    def run(self) -> list[Problem]:
        doings: list[Callable[[], None]] = [
            *(self._customers,) * 5,
            *(self._settle,) * 5,
            *(self._send,) * 3,
            *(self._deliver,) * 3,
            *(self._far_side,) * 2,
            *(self._staff, self._clock, self._pass_time),
            self._change_something,
        ]
        for _ in range(self.rng.choice((15, 30, 45))):
            self._pass()
            self.rng.choice(doings)()
        self._play_on()
        return problems_of_the_end(self)

    def ask(self, order: Document, command: str, kind: str) -> str:
        self._asked += 1
        document = command_of(order, command, kind, self._asked, self.now)
        self.store.insert("commands", document)
        if self.rng.random() < 0.1:  # somebody asked the same at the same time
            self._asked += 1
            again = command_of(order, command, kind, self._asked, self.now)
            self.store.insert("commands", again)
        return f"{kind} asks {command} of {order['kind']} {order['_id'][:12]} {order['status']}"

    def row_of(self, order: Document) -> Row | None:
        """What the network knows of the payment."""
        network = self.networks[product(order["product"]).network]
        return network.payments.get(end_to_end_id_of(order))  # type: ignore[arg-type]  # a document is one

    def note(self, line: str) -> None:
        if self.trace is not None:
            self.trace.append(f"{self.now:%m-%d %H:%M:%S} {line}")

    def _told(self, told: Told) -> None:
        if self.trace is not None:
            for line in told.lines():
                self.note(line)

    def _changed(self, collection: str, document: Document) -> None:
        if document.get("direction") == "out":
            # Of one payment in the order of their steps; else in any.
            self.unsent.setdefault(document["end_to_end_id"], []).append(document)
            self.struck[f"out {document['type']}"] += 1
        elif collection == "orders":
            self.struck[f"{document['kind']} {document['status']}"] += 1
            is_caused = document["version"] == 1 and "caused_by" in document
            if is_caused and document["kind"] == "send" and self.rng.random() < 0.15:
                self.flows.signals[document["_id"]] = DUPLICATE
        elif collection == "cases":
            self.struck[f"case {document['kind']}"] += 1
        self.flows.changed(collection, document)

    def _pass(self, *, seconds: float = 1.0) -> None:
        self.now += timedelta(seconds=seconds)
        for network in self.networks.values():
            network.now = self.now

    def _customers(self) -> None:
        self.note(self.customers.act())

    def _settle(self) -> None:
        waiting = [name for name in ROUTES if self.flows.waiting[name]]
        if self.slow in waiting and self.rng.random() < 0.9:
            waiting.remove(self.slow)
        if self.flows.settled and self.rng.random() < self.flows.redelivers / 3:
            self.flows.redeliver()
            self.struck["redelivered"] += 1
        if waiting:
            self._told(self.flows.settle(self.store, self.now, self.rng.choice(waiting)))

    def _send(self) -> None:
        """The gateway: a message may go out twice, when its receipt was lost."""
        if not self.unsent:
            return
        end_to_end_id = self.rng.choice(list(self.unsent))
        message = self.unsent[end_to_end_id][0]
        if self.rng.random() > 0.1:
            self.unsent[end_to_end_id].pop(0)
            if not self.unsent[end_to_end_id]:
                del self.unsent[end_to_end_id]
        self.note(f"{message['network']} gets {message['type']} of {end_to_end_id[:8]}")
        self.networks[message["network"]].take(message["xml"])

    def _deliver(self, *, orderly: bool = False) -> None:
        """One message of a network, in any order, and now and then again."""
        speaking = [each for each in self.networks.values() if each.outbox]
        if not speaking:
            return
        network = self.rng.choice(speaking)
        place = 0 if orderly or self.rng.random() < 0.5 else self.rng.randrange(len(network.outbox))
        again = not orderly and self.rng.random() < 0.1
        message = network.outbox[place] if again else network.outbox.pop(place)
        bearings = bearings_of(self.store, message, network.name)  # type: ignore[arg-type]  # all it asks is find_one
        if bearings is None:
            # The gateway keeps a dead letter, and the network says it again.
            self.struck["bearings unknown"] += 1
            return
        document = inbound_document(
            message,
            message,  # type: ignore[arg-type]  # stands for its XML
            network=network.name,
            order=bearings.order,
            route=bearings.route,
            made_by=f"gateway:{network.name}",
            now=self.now,
        )
        told = getattr(message, "status", getattr(message, "answer", ""))
        self.note(f"{network.name} says {message.TYPE} {told} of {document['end_to_end_id'][:8]}")
        self.store.insert("rail_messages", document)

    def _far_side(self) -> None:
        if self.brought:
            self.brought -= 1
            network = self.rng.choice((self.networks["zelle"],) * 3 + (self.networks["interfi"],))
            self.note(f"{network.name} {network.act()}")

    def _staff(self) -> None:
        orders = list(self.store.orders.values())
        if not orders:
            return
        order = self.rng.choice([each for each in orders if not each["final"]] or orders)
        self.note(self.staff.decide(order) or "nothing for staff")
        if self.rng.random() < 0.5:
            self._recall()

    def _recall(self) -> None:
        """Mostly something that a network paid."""
        paid = [each for each in self.store.orders.values() if each["status"] == "COMPLETED"]
        sent = [each for each in paid if self.row_of(each)]
        if paid:
            self.note(self.staff.recall(self.rng.choice(sent or paid)))

    def _clock(self) -> None:
        self.note(f"the clock asks {self.staff.ask_due()}, the resolver {self.staff.resolve()}")

    def _pass_time(self) -> None:
        jump = self.rng.choice(_JUMPS)
        self._pass(seconds=jump.total_seconds())
        self.note(f"{jump} later")

    def _change_something(self) -> None:
        """Mostly an alias is enrolled; seldom something else that orders depend on changes."""
        if self.rng.random() < 0.6:
            self.note(self.surroundings.enrol())
        elif self.rng.random() < 0.5:
            self.note(self.surroundings.change())

    def _play_on(self) -> None:
        """Until every order is final and nothing is on its way: no chaos any more, people decide, deadlines come."""
        self.note("plays on")
        if self.rng.random() < 0.3:  # what is on its way meets deadlines
            self._pass(seconds=timedelta(days=2).total_seconds())
            self._clock()
        for waiting in self.flows.waiting.values():
            self.rng.shuffle(waiting)
        for network in self.networks.values():
            network.is_helpful = True
        for _ in range(_ROUNDS_MAX):
            self._pass()
            self._flush()
            if any(not order["final"] for order in self.store.orders.values()):
                self._help()
            elif self.is_regretted:
                if not self.flows.waiting_again(self.rng):
                    return
            else:
                self._regret()
        self.store.wrong("history", "comes_to_rest", f"not after {_ROUNDS_MAX} rounds")

    def _regret(self) -> None:
        """All is over, and in some histories somebody wants money back."""
        self.is_regretted = True
        if self.rng.random() < 0.4:
            self._recall()
        if self.rng.random() < 0.1:
            self.note(self.networks["zelle"].act())

    def _flush(self) -> None:
        while True:
            waiting = [name for name in ROUTES if self.flows.waiting[name]]
            if waiting:
                told = self.flows.settle(self.store, self.now, waiting[0], orderly=True)
                self._told(told)
            elif self.unsent:
                self._send()
            elif any(network.outbox for network in self.networks.values()):
                self._deliver(orderly=True)
            else:
                return

    def _help(self) -> None:
        """Staff decide what waits for them; where nothing does, the next deadline comes."""
        before = self._asked
        for order in list(self.store.orders.values()):
            if not order["final"] and self.rng.random() < 0.7:
                told = self.staff.decide(order)
                if told is not None:
                    self.note(told)
        if before != self._asked or self.staff.resolve():
            return
        due = [each["due_at"] for each in self.store.orders.values() if each["due_at"] is not None]
        if due:
            self._pass(seconds=max((min(due) - self.now).total_seconds(), 1.0))
        self._clock()


def as_it_is(message: Any) -> Any:
    """Takes the place of writing XML, which costs more than all the rest: stored is the message itself."""
    return message


def play(seed: int, *, trace: bool = False, writing: Callable[[Any], Any] = as_it_is) -> Result:
    """The history of `seed`; the same every time. `writing` answers what is stored of a message of ours."""
    with mock.patch("apps.rails.documents.to_xml", writing):
        history = History(seed, trace=trace)
        try:
            problems = history.run()
        except Exception as error:  # a defect shows itself in any way
            problems = [Problem("history", "raises", f"{type(error).__name__}: {error}")]
            if trace:
                raise
    return Result(seed, problems, history.struck, history.trace or [])
