"""The lifecycle of a send order: money that a customer of ours pays (lifecycle 3a of the design).

A dispute, recall or return is a linked case or order and never moves a final order.
"""

from apps.transactions.domain.states import Driver, Lifecycle, Status, by_name, move

_C, _R, _O, _K = Driver.CUSTOMER, Driver.RECIPIENT, Driver.OPERATOR, Driver.COMPLIANCE
_S, _T, _N = Driver.STREAM, Driver.CLOCK, Driver.NETWORK

_STATUSES = by_name(
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
    # An own code: ISO 20022 knows BLCK only after ACWP.
    Status("BLOCKED", "BLCK", "Blocked by law. Compliance reports it.", final=True),
)

_MOVES = (
    move("RECEIVED", "VALIDATED", _S),
    move("RECEIVED", "SCHEDULED", _S),
    move("RECEIVED", "REJECTED", _S),
    move("RECEIVED", "HELD", _S),  # could not be processed: a person decides
    move("RECEIVED", "CANCELLED", _C, _O),
    move("SCHEDULED", "VALIDATED", _T),
    move("SCHEDULED", "REJECTED", _T),
    move("SCHEDULED", "CANCELLED", _C, _O),
    move("VALIDATED", "HELD", _S, _T),
    move("VALIDATED", "FUNDED", _S, _T, _O, _K),
    move("VALIDATED", "REJECTED", _S, _T, _O, _K),
    move("HELD", "VALIDATED", _O, _K),  # it was held before anything was checked
    move("HELD", "SCHEDULED", _O, _K),  # likewise, and its day is yet to come
    move("HELD", "FUNDED", _O, _K),
    move("HELD", "REJECTED", _O, _K),
    move("HELD", "BLOCKED", _K),
    move("HELD", "CANCELLED", _C, _O),
    move("FUNDED", "SUBMITTED", _S, _T, _O, _K),
    move("FUNDED", "AWAITING_CLAIM", _S, _T, _O, _K),
    move("FUNDED", "COMPLETED", _S, _T, _O, _K),
    # the recipient's own checks (3b) on an on-us payment
    move("FUNDED", "REJECTED", _S, _T, _O, _K),
    move(
        "AWAITING_CLAIM", "SUBMITTED", _R, _N
    ),  # the recipient is at another bank, whose network says so
    move("AWAITING_CLAIM", "COMPLETED", _R),
    move("AWAITING_CLAIM", "REJECTED", _R),
    move("AWAITING_CLAIM", "CANCELLED", _C, _O),
    move("AWAITING_CLAIM", "EXPIRED", _T),
    move("SUBMITTED", "COMPLETED", _N),
    move("SUBMITTED", "REJECTED", _N),
    move("SUBMITTED", "INVESTIGATE", _T),
    move("INVESTIGATE", "INVESTIGATE", _T, _O),  # asked again (pacs.028)
    # staff learned the outcome from the network by another way
    move("INVESTIGATE", "COMPLETED", _N, _O, _K),
    move("INVESTIGATE", "REJECTED", _N, _O, _K),
)

# Where an order rests before anything is sent; it passes VALIDATED and FUNDED within one transaction (decision 15).
_UNSENT = frozenset({"RECEIVED", "SCHEDULED", "HELD", "AWAITING_CLAIM"})
_AT_THE_NETWORK = frozenset({"SUBMITTED", "INVESTIGATE"})

SEND = Lifecycle(
    kind="send",
    title="a send order",
    statuses=_STATUSES,
    moves=_MOVES,
    # What a person or client may ask of an order, and of which kinds of actor it is taken.
    commands={
        "cancel": frozenset({_C, _O}),
        "release": frozenset({_O, _K}),
        "reject": frozenset({_O, _K}),
        "block": frozenset({_K}),
        "enquire": frozenset({_O}),
        "confirm_paid": frozenset({_O, _K}),
        "confirm_unpaid": frozenset({_O, _K}),
        "recall": frozenset({_O, _K}),
        "dispute": frozenset({_C, _O}),
    },
    events={
        "assessed": frozenset({"RECEIVED"}),
        "unprocessable": frozenset({"RECEIVED"}),
        "claimed": frozenset({"AWAITING_CLAIM"}),
        "accepted": _AT_THE_NETWORK,
        "rejected": _AT_THE_NETWORK,
        "pending": frozenset(),  # the network works on it: told, but no step
        # before the network's answer it says that the payment was accepted, too
        "returned": frozenset({"COMPLETED", *_AT_THE_NETWORK}),
        "execute_on": frozenset({"SCHEDULED"}),
        "claim_expired": frozenset({"AWAITING_CLAIM"}),
        "network_silent": frozenset({"SUBMITTED"}),
        "enquiry_due": frozenset({"INVESTIGATE"}),
        "cancel": _UNSENT,
        "release": frozenset({"HELD"}),
        "reject": frozenset({"HELD"}),
        "block": frozenset({"HELD"}),
        "enquire": frozenset({"INVESTIGATE"}),
        "confirm_paid": frozenset({"INVESTIGATE"}),
        "confirm_unpaid": frozenset({"INVESTIGATE"}),
        "recall": frozenset({"COMPLETED"}),
        "dispute": frozenset({"COMPLETED"}),
    },
)
