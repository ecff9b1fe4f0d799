"""What a child does: the platform's own code on a real MongoDB, always the same work, so that it can be done again."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.db import connections
from pymongo import MongoClient
from pymongo.database import Database

from apps.console import bridge as bridging
from apps.kernel.clock import wall_clock
from apps.kernel.money import Money
from apps.ledger.closing import close_account
from apps.ledger.services import Key, open_account
from apps.profiles.dormancy import DormancyCheck
from apps.profiles.unenrolment import unenrol_customer
from apps.rails.domain.messages import Party
from apps.rails.gateway.inbox import Inbox
from apps.rails.gateway.kept import Evidence
from apps.rails.gateway.lane import Lane
from apps.rails.gateway.resolver import Resolver
from apps.rails.gateway.unsent import unsent
from apps.rails.iso20022.codec import from_xml, to_xml
from apps.rails.networks.adapter import Adapter, Answer, Served
from apps.rails.networks.registry import NETWORKS
from apps.rails.serving import Request
from apps.transactions.deadlines import Deadlines
from apps.transactions.domain.limits import PROFILES
from apps.transactions.domain.order import Actor
from apps.transactions.scheduling.making import DueSchedules
from apps.transactions.services import Accepted, accept_order, accept_orders, request_command
from apps.transactions.submission import Requester, Submission
from apps.transactions.together import NotInserted, Plain, insert_plain
from dpms_site import mongodb
from dpms_site.changes import Change
from streaming.config import Config
from streaming.flows.audit.recorder import Recorder
from streaming.flows.gather import Gather
from streaming.flows.runtime import mongo_client
from streaming.flows.settle import Settle
from streaming.kafka.reader import Record
from streaming.sor.element import (
    AliasElement,
    CommandElement,
    DeadElement,
    Element,
    OrderElement,
    dump,
)
from streaming.sor.transaction import SystemOfRecord
from tests.integration.audit.capture import Capture
from tests.integration.console.builders import a_record, an_order, completed, record_of
from tests.support.core import NOW
from tests.support.keyed_state import KeyedState, Timers
from tests.support.rails import a_transfer
from tests.support.trail import a_customer
from tests.support.waiting import wait_until

Document = dict[str, Any]
DATABASE, TRAIL = "dpms_walk", "dpms_walk_trail"
NOT_UTF8 = b"\xff\xfe no text"

# In one batch: payments, one by a network, one that waits, one cancelled before it is decided, one disputed, a command
# too late, and damage.
ELEMENTS: list[Element] = [
    CommandElement("cmd_cancel"),
    *(OrderElement(f"ord_{number}") for number in range(3)),
    OrderElement("ord_far"),
    OrderElement("ord_waits"),
    OrderElement("ord_cancelled"),
    OrderElement("ord_gone"),
    CommandElement("cmd_late"),
    CommandElement("cmd_dispute"),
    DeadElement("dpms.cdc.orders", 3, 9, "a2V5", "dmFsdWU=", "not_utf8", "bad bytes"),
    AliasElement("email:bob@example.com"),
]
DONE: list[Element] = [OrderElement("ord_0"), CommandElement("cmd_late")]


def system_of_record(client: MongoClient[Document]) -> SystemOfRecord:
    return SystemOfRecord(
        client=client,
        database=DATABASE,
        flow="send_money",
        actor=Actor(kind="stream", id="send_money#1"),
        limits=PROFILES["sandbox"],
        clock=lambda: NOW,
    )


def settle(mongod: str) -> None:
    """A batch, and one in which nothing is left to do."""
    sor = system_of_record(mongo_client(Config(mongodb_uri=mongod)))
    sor.settle(ELEMENTS)
    sor.settle(DONE)


def gather(mongod: str) -> None:
    """The elements pass the settle operator; state that no checkpoint holds is lost with the process."""
    operator = Settle(Config(mongodb_uri=mongod, settle_delay_ms=5), "send_money")
    Gather.open(operator, KeyedState())
    operator._sor = system_of_record(mongo_client(Config(mongodb_uri=mongod)))
    for batch in (ELEMENTS[:5], ELEMENTS[5:]):
        for element in batch:
            assert list(operator.process_element((0, dump(element)), Timers())) == []
        list(operator.on_timer(0, Timers()))


def audit(mongod: str) -> None:
    """Changes, a record that nobody can read, then a whole snapshot that shows a version nobody saw, and one gone."""
    client = mongo_client(Config(mongodb_uri=mongod))
    recorder = Recorder(
        trail=client[TRAIL].audit_entries, live=client[DATABASE], job="audit#1", clock=wall_clock
    )
    capture = Capture()
    ann, bob = a_customer(1), {**a_customer(1), "_id": "cus_bob"}
    changes = [capture.created("customers", ann), capture.created("customers", bob)]
    changes.append(capture.updated("customers", ann, a_customer(2)))
    bad = (b"k", NOT_UTF8, "dpms.cdc.customers", 2, 77)
    recorder.record([*changes, bad])
    recorder.record(capture.snapshot("customers", a_customer(4), {**ann, "_id": "cus_cy"}))


class _Topic:
    """A topic whose records are these, and whose committed offset outlives every process."""

    def __init__(self, records: list[Record], offsets: Any, at_end: Callable[[], None]) -> None:
        self._records = records
        self._offsets = offsets
        self._at_end = at_end
        self._position = (offsets.find_one({"_id": "bridge"}) or {"offset": 0})["offset"]

    def __enter__(self) -> "_Topic":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def poll(self, *, seconds: float) -> list[Record]:  # noqa: ARG002 - nothing to wait for
        polled = self._records[self._position : self._position + 3]
        self._position += len(polled)
        if not polled:
            self._at_end()
        return polled

    def commit(self) -> None:
        self._offsets.update_one(
            {"_id": "bridge"}, {"$set": {"offset": self._position}}, upsert=True
        )


class _Ears:
    """A channel layer of which only is known what was sent."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    async def group_send(self, _group: str, notice: Document) -> None:
        self.heard.append(notice["seq"])


class _Letters:
    """A topic of dead letters, by their id, in a collection."""

    def __init__(self, database: Database[Document]) -> None:
        self._letters = database.walk_letters

    def put(self, letter: Document) -> None:
        self._letters.replace_one({"_id": letter["_id"]}, letter, upsert=True)


def happened() -> list[Record]:
    """The changes of five orders and a record that nobody can read, each time the same."""
    records = []
    for order in [an_order() for _ in range(5)]:
        records += [record_of(order), record_of(completed(order))]
    return [*records[:4], a_record(NOT_UTF8, offset=7_001), *records[4:], records[1]]


def bridge(mongod: str) -> None:
    """The bridge leads until everything that happened is numbered, and has told of it."""
    database = mongo_client(Config(mongodb_uri=mongod))[DATABASE]
    ears, records = _Ears(), happened()
    leading = bridging.Bridge(database=database, bootstrap="", layer=ears)

    def at_end() -> None:
        wait_until(lambda: bool(ears.heard), 10, "a notice is sent")
        leading.stop()

    # What of a Kafka is needed here; the module's names are this process's own.
    vars(bridging)["Reader"] = lambda **_: _Topic(records, database.walk_offsets, at_end)
    vars(bridging)["DeadLetterTopic"] = lambda _: _Letters(database)
    leading.run()


REQUESTER = Requester(client="cli_tests", request_id="req_1")


def a_submission(key: str) -> Submission:
    return Submission(
        idempotency_key=key,
        product="zelle",
        customer="cus_ann",
        account="acc_ann",
        payee="pay_bob",
        money=Money(1_234, "USD"),
        reference=None,
        memo=None,
    )


def _as_the_site(mongod: str) -> None:
    connections.databases["default"] |= {"HOST": mongod, "NAME": DATABASE}
    mongodb.database()


def accept(mongod: str) -> None:
    """A client's requests, each with its key: an order, a batch of orders, a command, an order by the short way."""
    _as_the_site(mongod)
    now = datetime.now(UTC)
    order = accept_order(a_submission("k1"), requester=REQUESTER, now=now).document
    batch = [a_submission(f"k{number}") for number in (1, 2, 3)]
    accepted = accept_orders(batch, requester=REQUESTER, now=now)
    assert all(isinstance(each, Accepted) for each in accepted)
    asyncio.run(_accept_by_the_short_way(now))
    request_command(
        order=order["_id"],
        command="cancel",
        reason="changed my mind",
        actor=Actor(kind="customer", id="cli_tests"),
        requester=REQUESTER,
        idempotency_key="c1",
        now=now,
    )


async def _accept_by_the_short_way(now: datetime) -> None:
    try:
        (outcome,) = await insert_plain([Plain(a_submission("k4"), REQUESTER, now)])
        if isinstance(outcome, NotInserted):
            accept_order(a_submission("k4"), requester=REQUESTER, now=now)
    finally:
        await mongodb.close_async()


def opening(mongod: str) -> None:
    """An account with money in it, by a request with its key."""
    _as_the_site(mongod)
    open_account(
        customer_id="cus_ann",
        kind="checking",
        currency="USD",
        opening_minor=5_000,
        by="client:cli_tests",
        now=NOW,
        key=Key("cli_tests", "a1"),
    )


def closing(mongod: str) -> None:
    """An empty account is closed."""
    _as_the_site(mongod)
    made = Change(by="client:cli_tests", at=NOW, request_id="req_1", reason="moves abroad")
    close_account(account_id="acc_ann", version=None, made=made)


def deadlines(mongod: str) -> None:
    """The clock's passes over what is due, two days after all of it was."""
    database = mongo_client(Config(mongodb_uri=mongod))[DATABASE]
    looking = Deadlines(lambda: database, clock=lambda: NOW + timedelta(days=16), holder="walk")
    looking.ask()
    looking.ask()


def schedules(mongod: str) -> None:
    """The clock's passes over schedules of which two payments are due, and one whose payee is gone."""
    _as_the_site(mongod)
    making = DueSchedules(clock=lambda: NOW, holder="walk")
    making.make()
    making.make()


def unenrol(mongod: str) -> None:
    """A customer with an alias leaves."""
    _as_the_site(mongod)
    made = Change(by="client:cli_tests", at=NOW, request_id="req_1", reason="moves abroad")
    unenrol_customer(customer_id="cus_ann", version=None, made=made)


def dormancy(mongod: str) -> None:
    """The clock's look at customers without activity, a year and some days after they enrolled."""
    _as_the_site(mongod)
    looking = DormancyCheck(clock=lambda: NOW + timedelta(days=400), batch=1)
    for _ in range(3):
        looking.check()


class _Network:
    """A network that takes each message id once but one, which it refuses; it outlives every gateway."""

    network = NETWORKS["zelle"]

    def __init__(self, taken: Any) -> None:
        self._taken = taken

    def send(self, xml: str) -> Answer:
        known = {"_id": from_xml(xml.encode()).message_id}
        if known["_id"] == "msg2":
            return Answer(is_taken=False, http_status=422, text="never")
        self._taken.update_one(known, {"$setOnInsert": {"executed": 1}}, upsert=True)
        return Answer(is_taken=True, http_status=202, text="")


def rail(mongod: str) -> None:
    """The gateway sends what has no receipt."""
    database = mongo_client(Config(mongodb_uri=mongod))[DATABASE]
    # Of an adapter, sending is all that a lane needs.
    lane = Lane(database, cast(Adapter, _Network(database.walk_network)), clock=lambda: NOW)
    with database.client.start_session() as session:
        for message in list(unsent(database, session)):
            lane.send(message)


class _Directory:
    """A network that serves every alias, at another bank."""

    network = NETWORKS["zelle"]

    def look_up(self, alias: str) -> Served:
        return Served(alias=alias, bank="999999905", bank_name="Other Bank")


def resolve(mongod: str) -> None:
    """A round of the gateway's over aliases that orders wait for."""
    database = mongo_client(Config(mongodb_uri=mongod))[DATABASE]
    # Of an adapter, looking up is all that a resolver needs.
    adapter = cast(Adapter, _Directory())
    Resolver(database, adapter, our_bank="999999992", clock=lambda: NOW).resolve()


def inbox(mongod: str) -> None:
    """A network brings a payment, brings it again, and then something that is no message."""
    database = mongo_client(Config(mongodb_uri=mongod))[DATABASE]
    taken = Inbox(database, evidence=Evidence("walk"), clock=lambda: NOW)
    olive = Party("Olive Other", "999999905", account="OTHER-0001")
    payment = to_xml(a_transfer(debtor=olive)).encode()
    for body in (payment, payment, NOT_UTF8):
        taken.handle(Request("POST", ("inbox", "zelle"), body))


WORKLOADS: dict[str, Callable[[str], None]] = {
    "settle": settle,
    "gather": gather,
    "audit": audit,
    "bridge": bridge,
    "accept": accept,
    "open_account": opening,
    "close_account": closing,
    "deadline": deadlines,
    "schedule": schedules,
    "unenrol": unenrol,
    "dormancy": dormancy,
    "rail": rail,
    "resolve": resolve,
    "inbox": inbox,
}
