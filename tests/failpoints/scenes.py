"""What stands in the database before a workload, and the facts it leaves: the same, whatever happened on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.audit.domain.entry import CAPTURE_ORDER
from apps.audit.management.commands.verify_audit import check_audit
from apps.rails.documents import outgoing_document
from streaming.sor.element import CommandElement
from tests.failpoints.workloads import TRAIL
from tests.integration.sor.bank import Bank
from tests.support.core import NOW, a_schedule
from tests.support.emptied import empty
from tests.support.rails import a_transfer
from tests.support.trail import a_customer

Document = dict[str, Any]
Facts = dict[str, Any]

# How often a document was written, by whom, when and in how many batches: no fact about money or orders.
_INCIDENTAL = {
    **{name: {"version"} for name in ("accounts", "limit_usage", "payee_stats")},
    "dead_letters": {"at"},
}
_OF_THE_ATTEMPT = {"recorded_at", "n"}


@dataclass(frozen=True)
class Scene:
    """How a workload's place is made ready, and what is looked at when it is done."""

    prepare: Callable[[Bank], None]
    facts: Callable[[Bank], Facts]


def emptied(bank: Bank) -> Bank:
    empty(bank.db)
    empty(bank.client[TRAIL])
    bank.now = NOW  # a work that lets days pass leaves the next one its own time
    return bank


def trail(bank: Bank) -> Any:
    return bank.client[TRAIL].audit_entries


def time_passes(bank: Bank) -> None:
    """What nobody will finish has ended by itself: transactions of the dead, and their lease."""
    bank.client.admin.command({"killAllSessions": []})
    bank.db.leases.delete_many({})


def _with_payments(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    for number in range(3):
        bank.accepts(f"ord_{number}")
    bank.is_served_elsewhere("email:far@example.com")
    bank.accepts("ord_far", to="far")
    bank.accepts("ord_waits", to="nobody")
    bank.accepts("ord_cancelled")
    bank.is_asked("cmd_cancel", "ord_cancelled")
    bank.is_asked("cmd_late", "ord_0")
    bank.is_asked("cmd_dispute", "ord_0", "dispute")


def _money(bank: Bank) -> Facts:
    """Every document, and that neither checker has anything to say of them."""
    assert bank.problems() == []
    found = {
        name: [_without(document, _INCIDENTAL.get(name, set())) for document in documents]
        for name, documents in bank.dump().items()
    }
    statuses = [order["status"] for order in found["orders"]]
    assert statuses == [*["COMPLETED"] * 3, "CANCELLED", "SUBMITTED", "AWAITING_CLAIM"]
    assert [outcome["state"] for outcome in found["outcomes"]] == [*["APPLIED"] * 2, "REFUSED"]
    assert [len(found[name]) for name in ("rail_messages", "cases", "payee_stats")] == [1, 1, 1]
    assert len(found["dead_letters"]) == 2
    return found


def _with_changed_customers(bank: Bank) -> None:
    ann = a_customer(1)
    bank.db.customers.insert_many([a_customer(4), {**ann, "_id": "cus_cy"}])


def _entries(bank: Bank) -> Facts:
    """The trail of each document in the order in which it tells it, and what the checker says of all."""
    findings = check_audit(trail(bank), bank.db, patience_seconds=0)
    assert [(each.id, each.rule) for each in findings.problems] == [
        *(("customers/cus_ann", "gap"), ("customers/cus_bob", "gap"))
    ]
    entries = [
        _without(entry, _OF_THE_ATTEMPT | ({"changed_at", "captured_at"} if _is_gap(entry) else set()))
        for entry in trail(bank).find().sort(CAPTURE_ORDER)
    ]  # fmt: skip
    told = [(entry["entity"], entry["operation"]) for entry in entries]
    assert told == [
        *(("cus_ann", "created"), ("cus_ann", "updated"), ("cus_ann", "snapshot")),
        *(("cus_bob", "created"), ("cus_bob", "gap"), ("cus_cy", "snapshot")),
    ]
    return {"entries": entries, "dead_letters": _letters(bank)}


def _is_gap(entry: Document) -> bool:
    return bool(entry["operation"] == "gap")


def _numbers(bank: Bank) -> Facts:
    """The feed from its first number on, what could not be read, and how far the topic is done."""
    events = list(bank.db.feed_events.find().sort("_id"))
    assert [event["_id"] for event in events] == list(range(1, 11))
    assert len({event["epoch"] for event in events}) == 1
    told = [letter["_id"] for letter in bank.db.walk_letters.find()]
    assert told == ["dpms.cdc.orders:0:7001"]
    return {
        "events": [_without(event, {"at", "epoch"}) for event in events],
        "dead_letters": _letters(bank),
        "offsets": list(bank.db.walk_offsets.find()),
        "lease": [lease["until"].year for lease in bank.db.leases.find()],
    }


def _with_a_payer(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    bank.db.customers.update_many({}, {"$set": {"products": ["zelle"]}})
    bank.db.payees.insert_one(
        {
            "_id": "pay_bob",
            "customer": "cus_ann",
            "status": "ACTIVE",
            "name": "Bob Brown",
            "alias": {"key": "email:bob@example.com"},
        }
    )


def _accepted(bank: Bank) -> Facts:
    """An order for each key and one command; the moment of acceptance is that of the attempt that got through."""
    assert bank.problems() == []
    orders = list(bank.db.orders.find().sort("_id"))
    assert [order["version"] for order in orders] == [1, 1, 1, 1]
    commands = list(bank.db.commands.find())
    assert len(commands) == 1
    return {
        "orders": [_without(order, {"created_at", "updated_at", "history"}) for order in orders],
        "commands": [_without(command, {"created_at"}) for command in commands],
    }


def _opened(bank: Bank) -> Facts:
    """One account with its entry and its part of the funding account."""
    assert bank.problems() == []
    (account,) = bank.db.accounts.find({"customer": "cus_ann"})
    assert bank.db.entries.count_documents({}) == 1
    return {"account": _without(account, {"number_last4"})}


def _with_an_empty_account(bank: Bank) -> None:
    bank.enrols("ann", posted_minor=0)


def _closed(bank: Bank) -> Facts:
    """Once, in one version more than it had."""
    account = bank.db.accounts.find_one({"_id": "acc_ann"})
    assert account is not None
    assert (account["status"], account["version"]) == ("CLOSED", 2)
    assert bank.problems() == []
    return {"account": account}


def _with_deadlines(bank: Bank) -> None:
    bank.now = NOW
    bank.enrols("ann")
    bank.settles(*(bank.accepts(f"ord_{number}", to="nobody") for number in range(3)))


def _asked(bank: Bank) -> Facts:
    """One command for each order that was due, and what becomes of them, each delivered twice."""
    commands = list(bank.db.commands.find().sort("_id"))
    assert len({command["order"] for command in commands}) == len(commands) == 3
    bank.now = NOW + timedelta(days=16)
    bank.settles(*[CommandElement(command["_id"]) for command in commands] * 2)
    assert bank.statuses(["ord_0", "ord_1", "ord_2"]) == ["EXPIRED"] * 3
    assert bank.problems(all_final=True) == []
    return {"commands": commands}


def _with_schedules(bank: Bank) -> None:
    """Weekly ones, of which two dates have come."""
    _with_a_payer(bank)
    due = {"first_on": "2026-11-12", "due_at": datetime(2026, 11, 12, 11, tzinfo=UTC)}
    bank.db.schedules.insert_many(
        [
            {**a_schedule(), "_id": "sch_rent", **due},
            {**a_schedule(), "_id": "sch_gone", "payee": "pay_gone", **due},
        ]
    )


def _made(bank: Bank) -> Facts:
    """One order for each date that has come, and what the schedules say of them."""
    assert bank.problems() == []
    orders = list(bank.db.orders.find().sort("idempotency_key"))
    assert [order["idempotency_key"] for order in orders] == [
        *("sch_rent/2026-11-12", "sch_rent/2026-11-19")
    ]
    found = {each["_id"]: each for each in bank.db.schedules.find().sort("_id")}
    counts = {name: (each["made_count"], each["refused_count"]) for name, each in found.items()}
    assert counts == {"sch_rent": (2, 0), "sch_gone": (0, 2)}
    return {"orders": orders, "schedules": found}


def _with_a_customer(bank: Bank) -> None:
    bank.enrols("ann")
    bank.db.customers.update_many({}, {"$set": {"products": ["zelle"]}})


def _left(bank: Bank) -> Facts:
    """She and her alias left once, in as many versions as without a crash."""
    (customer,) = bank.db.customers.find()
    (alias,) = bank.db.aliases.find()
    assert (customer["status"], customer["version"]) == ("UNENROLLED", 3)
    assert (alias["status"], alias["version"]) == ("REMOVED", 2)
    return {"customer": customer, "alias": alias}


def _with_customers(bank: Bank) -> None:
    bank.enrols("ann", "bob")
    bank.db.customers.update_many({}, {"$set": {"created_at": NOW}})


def _suspended(bank: Bank) -> Facts:
    """Each once, in one version more."""
    customers = list(bank.db.customers.find().sort("_id"))
    told = [(each["status"], each["version"]) for each in customers]
    assert told == [("SUSPENDED", 2), ("SUSPENDED", 2)]
    return {"customers": [_without(each, {"request_id"}) for each in customers]}


def _with_messages(bank: Bank) -> None:
    for number in range(3):
        message = a_transfer(message_id=f"msg{number}", end_to_end_id=f"e2e{number}")
        document = outgoing_document(
            message,
            network="zelle",
            order=f"ord_e2e{number}",
            route={},
            made_by="stream:f#1",
            now=NOW,
        )
        bank.db.rail_messages.insert_one(document)


def _sent(bank: Bank) -> Facts:
    """Each message was executed once, or its order told that it never will be; and has one receipt."""
    executed = list(bank.db.walk_network.find().sort("_id"))
    assert [(each["_id"], each["executed"]) for each in executed] == [("msg0", 1), ("msg1", 1)]
    receipts = list(bank.db.rail_receipts.find().sort("_id"))
    assert [receipt["state"] for receipt in receipts] == ["TAKEN", "TAKEN", "REFUSED"]
    (told,) = bank.db.commands.find()
    assert (told["type"], told["order"]) == ("not_taken", "ord_e2e2")
    return {"receipts": receipts, "told": told}


def _told(bank: Bank) -> Facts:
    """The bank that serves the alias, and one command for each order that waits for it."""
    commands = list(bank.db.commands.find().sort("_id"))
    assert len({command["order"] for command in commands}) == len(commands) == 3
    entries = list(bank.db.directory_entries.find())
    assert [entry["owner"] for entry in entries] == ["zelle:999999905"]
    return {"commands": commands, "entries": entries}


def _taken(bank: Bank) -> Facts:
    """One message, with one token for the account number in it, and one dead letter."""
    (message,) = bank.db.rail_messages.find()
    assert message["type"] == "pacs.008"
    (number,) = bank.db.account_numbers.find()
    assert message["xml"].count(number["_id"]) == 1
    assert len(_letters(bank)) == 1
    message["xml"] = message["xml"].replace(number["_id"], "its token")
    return {"message": message, "dead_letters": _letters(bank)}


def _letters(bank: Bank) -> list[Document]:
    return [_without(letter, {"at"}) for letter in bank.db.dead_letters.find().sort("_id")]


def _without(document: Document, names: set[str]) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def _nothing(_: Bank) -> None:
    return None


SCENES = {
    "settle": Scene(_with_payments, _money),
    "gather": Scene(_with_payments, _money),
    "audit": Scene(_with_changed_customers, _entries),
    "bridge": Scene(_nothing, _numbers),
    "accept": Scene(_with_a_payer, _accepted),
    "open_account": Scene(_nothing, _opened),
    "close_account": Scene(_with_an_empty_account, _closed),
    "deadline": Scene(_with_deadlines, _asked),
    "schedule": Scene(_with_schedules, _made),
    "unenrol": Scene(_with_a_customer, _left),
    "dormancy": Scene(_with_customers, _suspended),
    "rail": Scene(_with_messages, _sent),
    "resolve": Scene(_with_deadlines, _told),
    "inbox": Scene(_nothing, _taken),
}

# Which work passes a failpoint, by the first part of its name; where it is missing, that is the work's name.
WORK_OF = {
    "accept_batch": "accept",
    "express": "accept",
    "command": "accept",
    "lease": "bridge",
    "feed": "bridge",
    "notices": "bridge",
    "reader": "bridge",
}


def work_of(name: str) -> str:
    part = name.partition(".")[0]
    return WORK_OF.get(part, part)
