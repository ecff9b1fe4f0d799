"""The lifecycle of a send order as one table: states, moves, who drives them, ISO status, reasons and words.

API, flow jobs, console, checkers and the docs page all read this table; nothing else knows what may follow what.
Source: lifecycle 3a of the design. A dispute, recall or return is a linked case and never moves a final order.
"""

from dataclasses import dataclass
from enum import StrEnum


class Driver(StrEnum):
    """Who may cause a move."""

    CUSTOMER = "customer"
    RECIPIENT = "recipient"
    OPERATOR = "operator"
    COMPLIANCE = "compliance"
    STREAM = "stream"
    CLOCK = "clock"
    NETWORK = "network"


@dataclass(frozen=True)
class Status:
    """One state: its ISO 20022 status, whether it ends the order, whether the debtor's money is held in it."""

    name: str
    iso_status: str
    words: str
    final: bool = False
    holds_money: bool = False


STATUSES = {
    status.name: status
    for status in (
        Status("RECEIVED", "RCVD", "Accepted. The platform checks it next."),
        Status("SCHEDULED", "PDNG", "Scheduled for {execute_on}. Nothing is due before then."),
        Status("VALIDATED", "ACTC", "Checked. The platform looks at the funds next."),
        Status("HELD", "PDNG", "On hold: {reason}. Bank staff decide next; the sender may cancel."),
        Status(
            "FUNDED",
            "ACFC",
            "Funds are set aside. The platform finds the recipient next.",
            holds_money=True,
        ),
        Status(
            "AWAITING_CLAIM",
            "PDNG",
            "Waits for {payee} to enrol until {due_at}. Funds are set aside; the sender may cancel.",
            holds_money=True,
        ),
        Status("SUBMITTED", "ACSP", "Sent to the network, which answers next.", holds_money=True),
        Status(
            "INVESTIGATE",
            "PDNG",
            "The network has not answered. Bank staff ask for its status; the payment is not sent again.",
            holds_money=True,
        ),
        Status("COMPLETED", "ACCC", "Paid to {payee}. Nothing more is due.", final=True),
        Status("REJECTED", "RJCT", "Rejected: {reason}. No money moved.", final=True),
        Status("CANCELLED", "CANC", "Cancelled by the {actor}. No money moved.", final=True),
        Status(
            "EXPIRED",
            "RJCT",
            "Expired: {payee} did not enrol in time. The funds are free again.",
            final=True,
        ),
        Status("BLOCKED", "BLCK", "Blocked by law. Compliance reports it.", final=True),
    )
}

# Final in any lifecycle (3a to 3d), so that readers of an order need not know its kind.
FINAL = frozenset(
    {name for name, status in STATUSES.items() if status.final}
    | {"POSTED", "PAID", "REFUSED", "RETURNED", "DECLINED"}
)

# ISO 20022 external status reason codes this lifecycle gives, with the words shown to people.
REASONS = {
    "AC01": "the account does not exist or is not the sender's",
    "AC04": "an account is closed",
    "AC06": "an account is blocked",
    "AG01": "this payment is not allowed",
    "AM03": "the currency does not fit the account",
    "AM04": "not enough funds",
    "AM05": "it looks like a duplicate",
    "AM14": "over the agreed limit",
    "CUST": "asked by the customer",
    "FRAD": "suspected fraud",
    "NARR": "see the detail",
    "NOAS": "no answer in time",
    "RR04": "regulatory reasons",
    "TM01": "after the cut-off time",
}

_C, _R, _O, _K = Driver.CUSTOMER, Driver.RECIPIENT, Driver.OPERATOR, Driver.COMPLIANCE
_S, _T, _N = Driver.STREAM, Driver.CLOCK, Driver.NETWORK


@dataclass(frozen=True)
class Move:
    """One allowed step; an order that takes any other step is corrupt."""

    source: str
    target: str
    drivers: frozenset[Driver]


def _move(source: str, target: str, *drivers: Driver) -> Move:
    return Move(source, target, frozenset(drivers))


MOVES = (
    _move("RECEIVED", "VALIDATED", _S),
    _move("RECEIVED", "SCHEDULED", _S),
    _move("RECEIVED", "REJECTED", _S),
    _move("RECEIVED", "HELD", _S),  # could not be processed: a person decides
    _move("RECEIVED", "CANCELLED", _C, _O),
    _move("SCHEDULED", "VALIDATED", _T),
    _move("SCHEDULED", "REJECTED", _T),
    _move("SCHEDULED", "CANCELLED", _C, _O),
    _move("VALIDATED", "HELD", _S, _T),
    _move("VALIDATED", "FUNDED", _S, _T, _O, _K),
    _move("VALIDATED", "REJECTED", _S, _T, _O, _K),
    _move("VALIDATED", "CANCELLED", _C, _O),
    _move("HELD", "VALIDATED", _O, _K),  # it was held before anything was checked
    _move("HELD", "FUNDED", _O, _K),
    _move("HELD", "REJECTED", _O, _K),
    _move("HELD", "BLOCKED", _K),
    _move("HELD", "CANCELLED", _C, _O),
    _move("FUNDED", "SUBMITTED", _S, _T, _O, _K),
    _move("FUNDED", "AWAITING_CLAIM", _S, _T, _O, _K),
    _move("FUNDED", "COMPLETED", _S, _T, _O, _K),
    _move(
        "FUNDED", "REJECTED", _S, _T, _O, _K
    ),  # the recipient's own checks (3b) on an on-us payment
    _move("FUNDED", "CANCELLED", _C, _O),
    _move("AWAITING_CLAIM", "SUBMITTED", _R),
    _move("AWAITING_CLAIM", "COMPLETED", _R),
    _move("AWAITING_CLAIM", "REJECTED", _R),
    _move("AWAITING_CLAIM", "CANCELLED", _C, _O),
    _move("AWAITING_CLAIM", "EXPIRED", _T),
    _move("SUBMITTED", "COMPLETED", _N),
    _move("SUBMITTED", "REJECTED", _N),
    _move("SUBMITTED", "INVESTIGATE", _T),
    _move("INVESTIGATE", "COMPLETED", _N),
    _move("INVESTIGATE", "REJECTED", _N),
)

_BY_PAIR = {(move.source, move.target): move for move in MOVES}

# What a person or client may ask of an order, and of which kinds of actor it is taken.
COMMANDS = {
    "cancel": frozenset({_C, _O}),
    "release": frozenset({_O, _K}),
    "reject": frozenset({_O, _K}),
    "block": frozenset({_K}),
}


def may_move(source: str, target: str, driver: Driver) -> bool:
    move = _BY_PAIR.get((source, target))
    return move is not None and driver in move.drivers


def targets_of(source: str) -> frozenset[str]:
    return frozenset(move.target for move in MOVES if move.source == source)
