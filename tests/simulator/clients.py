"""Clients of the API: they send, send again, ask for commands and enrol, and note what they were answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pymongo.errors import PyMongoError

from apps.kernel.errors import DomainError, Invalid
from apps.kernel.ids import order_id
from apps.kernel.money import Money
from apps.transactions.domain.order import Actor
from apps.transactions.services import accept_order, request_command
from apps.transactions.submission import Requester, Submission
from tests.simulator.bank import NAMES, PENDING
from tests.simulator.mongo import Database
from tests.simulator.server import Server
from tests.simulator.world import Violation, World

CLIENT = "cli_sim"
_REQUESTER = Requester(CLIENT, "req_1")
_TRIES_MAX = 4
_ASKS = (
    *(("cancel", "customer"), ("cancel", "customer"), ("release", "operator")),
    *(("reject", "operator"), ("block", "compliance"), ("fly", "customer")),
)
# Statuses that a damaged order can't be stored with: at all, or only where money is set aside or moves.
_REFUSED = (
    ("VALIDATED", "HELD", "FUNDED", "AWAITING_CLAIM", "COMPLETED", "REJECTED", "CANCELLED"),
    ("FUNDED", "AWAITING_CLAIM", "COMPLETED"),
)

_Answer = TypeVar("_Answer")


@dataclass
class Answers:
    """What the platform has promised: orders with their body's hash, commands, and aliases that were proved."""

    orders: dict[str, str] = field(default_factory=dict)
    commands: set[str] = field(default_factory=set)
    sent: dict[str, Submission] = field(default_factory=dict)  # by key, answered or not


class Clients:
    """One set of clients; `act` is the life of one of them."""

    def __init__(self, world: World, server: Server) -> None:
        self._world = world
        self._server = server
        self._tables = Database(server)
        self.answers = Answers()
        # In some histories most pay the one who is about to enrol, so that claims race with orders.
        self.is_claimed = world.rng.random() < 0.3

    def act(self) -> None:
        rng = self._world.rng
        for _ in range(rng.choice((1, 2, 3, 5))):
            self._world.sleep(rng.choice((0.0, 0.01, 0.5)) * rng.random())
            draw = rng.random()
            if draw < 0.5 or not self.answers.sent:
                self._send(f"key_{len(self.answers.sent)}", self._submission())
            elif draw < 0.6:
                key = rng.choice(sorted(self.answers.sent))
                self._send(key, self.answers.sent[key])
            elif draw < 0.65:
                self._send(rng.choice(sorted(self.answers.sent)), self._submission())
            elif draw < 0.9:
                self.ask(order_id(CLIENT, rng.choice(sorted(self.answers.sent))))
            else:
                self.enrol()

    def _submission(self) -> Submission:
        rng = self._world.rng
        sender, payee = rng.choice(NAMES), rng.choice(NAMES)
        if self.is_claimed and rng.random() < 0.7:
            payee = PENDING
        return Submission(
            idempotency_key="",
            product="zelle",
            customer=f"cus_{sender}",
            account=f"acc_{sender}",
            payee=f"pay_{sender}_{payee}",
            money=Money(rng.choice((100, 100, 400, 700, 950)), "USD"),
            reference=rng.choice((None, None, "rent")),
            memo=None,
        )

    def _send(self, key: str, submission: Submission) -> None:
        rng, answers, order = self._world.rng, self.answers, order_id(CLIENT, key)
        submission = Submission(**{**vars(submission), "idempotency_key": key})
        first = answers.sent.setdefault(key, submission)
        if first is submission and rng.random() < 0.03:
            self._server.refuses[order] = rng.choice(_REFUSED)
            self._world.happens("order that cannot be stored")
        try:
            accepted = self._until_answered(
                lambda: accept_order(submission, requester=_REQUESTER, now=self._world.clock())
            )
        except Invalid as refusal:
            if refusal.code != "idempotency_key_reused":
                raise
            self._world.struck["key reused"] += 1
            return
        if accepted is None:
            return
        self._world.note(f"accepted {order}")
        if accepted.document["body_hash"] != submission.body_hash():
            raise Violation(f"{order} was answered for another body")
        if answers.orders.setdefault(order, submission.body_hash()) != submission.body_hash():
            raise Violation(f"{order} was accepted twice with two bodies")

    def ask(self, order: str, command: str = "", kind: str = "", key: str = "") -> bool:
        """Whether an answer came."""
        rng = self._world.rng
        if not command:
            command, kind = rng.choice(_ASKS)
            key = f"{command}_{rng.randint(0, 2)}"
        actor = Actor(kind=kind, id=f"{kind}_1")
        try:
            answer = self._until_answered(
                lambda: request_command(
                    order=order,
                    command=command,
                    reason="asked",
                    actor=actor,
                    requester=_REQUESTER,
                    idempotency_key=key,
                    now=self._world.clock(),
                )
            )
        except DomainError:
            return True  # no such order yet, or no such command
        if answer is not None:
            self.answers.commands.add(answer[0]["_id"])
        return answer is not None

    def enrol_soon(self) -> None:
        self._world.sleep(self._world.rng.choice((0.05, 0.2)) * self._world.rng.random())
        self.enrol()

    def enrol(self) -> None:
        """The alias that payments wait for is proved."""
        conditions = {"_id": f"als_{PENDING}", "status": "PENDING"}
        told = {"status": "ACTIVE", "modified_by": "customer:cid", "reason": "proved"}
        change = {"$set": {**told, "request_id": "req_2"}, "$inc": {"version": 1}}
        self._until_answered(lambda: self._tables.aliases.update_one(conditions, change))

    def _until_answered(self, request: Callable[[], _Answer]) -> _Answer | None:
        """The same request again after every answer that did not come; None when none ever came."""
        for _ in range(_TRIES_MAX):
            try:
                return request()
            except PyMongoError as error:
                self._world.struck["request of unknown outcome"] += 1
                self._world.note(f"unknown outcome: {error}")
                self._world.sleep(self._world.rng.random())
        return None
