"""Failpoints: named places before and after every external effect, where a test has a process die, fail or stand still.

They are switched on by `DPMS_FAIL=name:hit[:action]`, several separated by commas, and never in production. `hit`
counts how often this process passed the place. Reference: docs/reference/failpoints.md.
"""

import os
import re
import signal
from collections import Counter
from collections.abc import Mapping
from threading import Lock

# Every failpoint, in the order in which the protocol passes them, with where it stands.
POINTS: dict[str, str] = {
    "accept.before_insert": "The order is checked; nothing is written.",
    "accept.after_insert": "The order is durable; the client has no answer.",
    "express.before_insert": "The same on the short way; the long way may still begin.",
    "express.after_insert": "The order of the short way is durable; the client has no answer.",
    "accept_batch.before_insert": "All orders of a batch are checked; none is written.",
    "accept_batch.after_insert": "The orders of a batch are durable; the client has no answer.",
    "command.before_insert": "The command is checked; nothing is written.",
    "command.after_insert": "The command is durable; the client has no answer.",
    "deadline.before_insert": "Deadlines have come; none is asked of its order.",
    "deadline.after_insert": "Deadlines are asked of their orders; the clock does not know.",
    "schedule.before_claim": "A scheduled payment is due; the schedule does not say that it is being made.",
    "schedule.after_claim": "The schedule says which payment is being made; there is no order of it.",
    "schedule.before_finish": "The payment's order is made or refused; the schedule does not say so.",
    "schedule.after_finish": "The schedule says what became of the payment and which is next.",
    "open_account.before_funding": "Nothing of an account with money in it is written.",
    "open_account.before_write": "The funding account exists; the transaction has begun.",
    "open_account.before_commit": "Account and opening entry are written and not committed.",
    "open_account.after_commit": "Account and opening entry are durable; nobody was told.",
    "close_account.before_commit": "An account is closed in a transaction that is not committed.",
    "close_account.after_commit": "The account is CLOSED; nobody was told.",
    "unenrol.before_mark": "No order is under way; that the customer leaves is not written.",
    "unenrol.after_mark": "The customer is UNENROLLING; the orders are not counted again.",
    "unenrol.before_finish": "No order is under way still; the customer is UNENROLLING.",
    "unenrol.after_finish": "Customer and aliases have left; nobody was told.",
    "dormancy.before_suspend": "A customer without activity is found; the suspension is not written.",
    "dormancy.after_suspend": "The customer is SUSPENDED; the clock does not know.",
    "gather.before_hand_over": "A batch waits in keyed state; its effect has not begun.",
    "gather.after_hand_over": "The batch has its effect; it still waits in keyed state.",
    "gather.after_clear": "Keyed state is clear; no checkpoint has it so.",
    "settle.before_begin": "A batch is taken up; its transaction has not begun.",
    "settle.before_read": "The transaction has begun; nothing is read (step 1).",
    "settle.after_read": "Everything is read; nothing is decided (step 2).",
    "settle.before_write": "Everything is decided; nothing is written (step 3).",
    "settle.after_orders": "Orders are written and not committed (step 4).",
    "settle.after_entries": "Orders and entries are written and not committed (step 4).",
    "settle.after_accounts": "Balances are written too and not committed (step 4).",
    "settle.after_usage": "Limit usage is written too and not committed (step 4).",
    "settle.after_stats": "Payees' histories are written too and not committed (step 4).",
    "settle.after_messages": "Messages to networks are written too and not committed (step 4).",
    "settle.after_cases": "Cases are written too and not committed (step 4).",
    "settle.after_outcomes": "Outcomes of commands are written too and not committed (step 4).",
    "settle.after_dead_letters": "Dead letters are written too and not committed (step 4).",
    "settle.before_commit": "Everything is written; the commit is not sent (step 5).",
    "settle.after_commit": "The commit is acknowledged; the caller does not know (step 5).",
    "settle.before_abort": "A batch with nothing to write is about to end its transaction.",
    "settle.after_abort": "A batch with nothing to write has ended its transaction.",
    "audit.before_insert": "Entries of the trail are made; none is inserted.",
    "audit.after_insert": "Entries of the trail are inserted; the batch is not done.",
    "audit.before_keep": "What cannot be recorded is about to be kept as a dead letter.",
    "audit.after_keep": "A dead letter of the trail is kept; the batch is not done.",
    "audit.before_missing": "A snapshot is recorded; nobody has looked for what is gone.",
    "audit.after_missing": "What is gone is known; its gap entries are not inserted.",
    "lease.before_take": "The lease is due; it is not asked for.",
    "lease.after_take": "The lease is won or renewed; its holder does not know.",
    "lease.before_release": "The leader stops; it still holds the lease.",
    "lease.after_release": "The lease is free; its last holder has not stopped.",
    "feed.before_take_over": "A new leader has not read where the sequence stands.",
    "feed.after_take_over": "A new leader knows where the sequence stands; nothing is numbered.",
    "feed.before_insert": "Changes have their numbers; none is inserted.",
    "feed.after_insert": "Numbered changes are durable; the leader's head is the old one.",
    "feed.before_keep": "A record that cannot be read is about to be kept.",
    "feed.after_keep": "The record is kept in the collection; its topic does not have it.",
    "feed.after_tell": "The topic of dead letters has it; the batch is not done.",
    "notices.before_send": "The feed moved; the channel layer does not know.",
    "notices.after_send": "The channel layer knows that the feed moved.",
    "rail.before_send": "A message has no receipt; its network has not heard of it.",
    "rail.after_send": "The network has the message; there is no receipt.",
    "rail.before_tell": "The network has not taken a payment and never will; its order does not know.",
    "rail.after_tell": "A command tells the order that its payment was not taken; there is no receipt.",
    "rail.after_receipt": "The receipt is durable; the message is still in its lane.",
    "resolve.before_keep": "A directory told which bank serves an alias that is waited for; nothing is written.",
    "resolve.after_keep": "The directory's answer is durable; no order that waits was told.",
    "resolve.after_insert": "Commands tell the orders that wait; the alias may be asked about again.",
    "inbox.before_tokens": "A network's message is understood; its account numbers have no tokens.",
    "inbox.before_insert": "Account numbers of a network's message have tokens; the message is not written.",
    "inbox.after_insert": "A network's message is durable; the network has no answer.",
    "inbox.before_keep": "What nobody can use is about to be kept as a dead letter.",
    "inbox.after_keep": "A dead letter of a network is kept; the network has no answer.",
    "reader.before_commit": "A batch is handled; its offsets are not committed.",
    "reader.after_commit": "The offsets of a batch are committed, or on their way.",
}  # fmt: skip
ACTIONS = ("kill", "raise", "hang")

_STRIKE = re.compile(r"(?P<name>[^:]+):(?P<hit>[1-9][0-9]*)(?::(?P<action>[^:]+))?", re.ASCII)


class FailpointError(ValueError):
    """`DPMS_FAIL` is not understood, names a failpoint that does not exist, or is set in production."""


class Struck(RuntimeError):
    """What a failpoint raises when it is told to."""


class _Armed:
    """What is to happen at which passing of which failpoint, and how often each was passed."""

    def __init__(self, strikes: Mapping[tuple[str, int], str]) -> None:
        self.passed: Counter[str] = Counter()
        self._strikes = strikes
        self._lock = Lock()

    def passes(self, name: str) -> None:
        if name not in POINTS:
            raise FailpointError(f"{name} is passed and not in the table")
        with self._lock:
            self.passed[name] += 1
            action = self._strikes.get((name, self.passed[name]))
        if action is not None:
            _strike(name, action)


_armed: _Armed | None = None


def failpoint(name: str) -> None:
    """Does nothing, unless a test switched this failpoint on."""
    if _armed is not None:
        _armed.passes(name)


def arm(environment: Mapping[str, str]) -> None:
    """Takes over what `DPMS_FAIL` says, counting from nothing. Raises FailpointError."""
    global _armed
    text = environment.get("DPMS_FAIL", "").strip()
    if not text:
        _armed = None
        return
    if environment.get("DPMS_PROFILE") == "production":
        raise FailpointError("DPMS_FAIL is set, and DPMS_PROFILE is production: unset one of them")
    _armed = _Armed(dict(_parsed(part.strip()) for part in text.split(",")))


def watch() -> Counter[str]:
    """Counts the failpoints that are passed from now on, and strikes at none; the counter goes on counting."""
    global _armed
    _armed = _Armed({})
    return _armed.passed


def _parsed(text: str) -> tuple[tuple[str, int], str]:
    found = _STRIKE.fullmatch(text)
    if found is None:
        raise FailpointError(f"DPMS_FAIL holds {text!r}; write name:hit or name:hit:action")
    name, action = found["name"], found["action"] or "kill"
    if name not in POINTS:
        raise FailpointError(f"There is no failpoint {name}; there are {', '.join(POINTS)}")
    if action not in ACTIONS:
        raise FailpointError(f"{action} is no action; use one of {', '.join(ACTIONS)}")
    return (name, int(found["hit"])), action


def _strike(name: str, action: str) -> None:
    # Past every buffer: a killed process writes nothing later.
    os.write(2, f"failpoint {name}: {action}\n".encode())
    if action == "raise":
        raise Struck(f"failpoint {name}")
    # Standing still is SIGSTOP and not a thread that waits: heartbeats stop too, and SIGCONT lets it go on.
    os.kill(os.getpid(), signal.SIGSTOP if action == "hang" else signal.SIGKILL)


arm(os.environ)
