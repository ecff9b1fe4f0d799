"""What mongod does wrong when it is told to: every work ends with the facts of a run that nobody disturbed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from tests.failpoints.children import Children
from tests.failpoints.scenes import SCENES, time_passes
from tests.failpoints.undisturbed import Undisturbed
from tests.failpoints.workloads import DONE, ELEMENTS, system_of_record
from tests.integration.sor.bank import Bank

# Done, and nobody says so: the command has run, its acknowledgement by a majority has not come.
UNSURE = {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}
# Not done, and nobody says so: the connection is closed before the command runs.
GONE = {"closeConnection": True}
CONFLICT = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
FORGOTTEN = {"errorCode": 251, "errorLabels": ["TransientTransactionError"]}
UNKNOWN = {"errorCode": 251, "errorLabels": ["UnknownTransactionCommitResult"]}
STEPS_DOWN = {"errorCode": 11602}
NOT_PRIMARY = {"errorCode": 10107}

# Work, command, how often it fails, and how.
FAULTS: dict[str, tuple[str, str, int, dict[str, Any]]] = {
    "settle: committed, not acknowledged": ("settle", "commitTransaction", 2, UNSURE),
    "settle: connection lost at the commit": ("settle", "commitTransaction", 3, GONE),
    "settle: forgotten before the commit": ("settle", "commitTransaction", 1, FORGOTTEN),
    "settle: commit unknown and not applied": ("settle", "commitTransaction", 2, UNKNOWN),
    "settle: primary steps down at the commit": ("settle", "commitTransaction", 2, STEPS_DOWN),
    "settle: conflict at an insert": ("settle", "insert", 2, CONFLICT),
    "settle: conflict at an update": ("settle", "update", 2, CONFLICT),
    "settle: connection lost while reading": ("settle", "find", 3, GONE),
    "gather: committed, not acknowledged": ("gather", "commitTransaction", 2, UNSURE),
    "audit: connection lost at an insert": ("audit", "insert", 3, GONE),
    "audit: inserted, not acknowledged": ("audit", "insert", 1, UNSURE),
    "audit: primary steps down at an insert": ("audit", "insert", 3, STEPS_DOWN),
    "audit: no primary at an insert": ("audit", "insert", 3, NOT_PRIMARY),
    "audit: connection lost while reading": ("audit", "aggregate", 3, GONE),
    "audit: connection lost at a dead letter": ("audit", "update", 3, GONE),
    "audit: dead letter not acknowledged": ("audit", "update", 1, UNSURE),
    "bridge: connection lost at an insert": ("bridge", "insert", 1, GONE),
    "bridge: connection lost at every insert": ("bridge", "insert", 3, GONE),
    "bridge: numbered, not acknowledged": ("bridge", "insert", 1, UNSURE),
    "bridge: primary steps down at an insert": ("bridge", "insert", 3, STEPS_DOWN),
    "bridge: connection lost while reading": ("bridge", "find", 3, GONE),
    "bridge: connection lost at lease and letters": ("bridge", "update", 3, GONE),
    "bridge: lease taken, not acknowledged": ("bridge", "update", 2, UNSURE),
    "accept: connection lost at an insert": ("accept", "insert", 1, GONE),
    "accept: connection lost again and again": ("accept", "insert", 4, GONE),
    "accept: accepted, not acknowledged": ("accept", "insert", 1, UNSURE),
    "accept: primary steps down at an insert": ("accept", "insert", 2, STEPS_DOWN),
    "accept: connection lost while reading": ("accept", "aggregate", 2, GONE),
    "open_account: committed, not acknowledged": ("open_account", "commitTransaction", 2, UNSURE),
    "open_account: connection lost at the commit": ("open_account", "commitTransaction", 2, GONE),
    "open_account: forgotten before the commit": ("open_account", "commitTransaction", 1, FORGOTTEN),
    "open_account: conflict at an insert": ("open_account", "insert", 2, CONFLICT),
}  # fmt: skip


@dataclass
class Faults:
    """What mongod was told to do wrong to children, whose clients are those of flows and of the site."""

    bank: Bank

    def plan(self, command: str, times: int, how: dict[str, Any]) -> None:
        # The test's own client has the name of a flow's too; it does nothing while the child works.
        data = {"failCommands": [command], **how}
        self._configure({"times": times}, data=data)

    def end(self) -> int:
        """All is well again; answers how often a command was made to fail."""
        return int(self._configure("off")["count"])

    def _configure(self, mode: Any, **more: Any) -> dict[str, Any]:
        return self.bank.client.admin.command(
            "configureFailPoint", "failCommand", mode=mode, **more
        )


@pytest.fixture
def faults(bank: Bank) -> Iterator[Faults]:
    faults = Faults(bank)
    faults.end()
    yield faults
    faults.end()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_mongod_is_masked_or_made_good_by_the_next(
    name: str, bank: Bank, children: Children, undisturbed: Undisturbed, faults: Faults
) -> None:
    work, command, times, how = FAULTS[name]
    expected, _ = undisturbed.of(work)
    SCENES[work].prepare(bank)
    before = faults.end()

    faults.plan(command, times, how)
    first = children.run(work)
    failed = faults.end() - before

    assert failed >= times
    assert first.fate == "ended", first.output
    if first.code != 0:
        # It was not sure and said so: nothing was told as done, so the same work comes again.
        time_passes(bank)
        again = children.run(work)
        assert (again.fate, again.code) == ("ended", 0), again.output
    assert SCENES[work].facts(bank) == expected


class EndsTheTransaction(CommandListener):
    """Has mongod end a transaction as soon as its first commit failed, before it is asked for again."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.commits: list[str] = []

    def started(self, _event: CommandStartedEvent) -> None:
        return None

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.command_name == "commitTransaction":
            self.commits.append("done")

    def failed(self, event: CommandFailedEvent) -> None:
        if event.command_name == "commitTransaction":
            self.commits.append("failed")
            time_passes(self._bank)


def test_a_commit_of_unknown_result_that_was_not_applied_is_decided_anew(
    mongod: str, bank: Bank, undisturbed: Undisturbed, faults: Faults
) -> None:
    expected, _ = undisturbed.of("settle")
    SCENES["settle"].prepare(bank)
    listener = EndsTheTransaction(bank)
    faults.plan("commitTransaction", 1, UNKNOWN)

    with MongoClient[dict[str, Any]](
        mongod, tz_aware=True, w="majority", journal=True, event_listeners=[listener]
    ) as client:
        system_of_record(client).settle([*ELEMENTS, *DONE])

    # The first is answered "unknown", the second finds no such transaction, the third is of a new one.
    assert listener.commits == ["failed", "failed", "done"]
    assert SCENES["settle"].facts(bank) == expected
