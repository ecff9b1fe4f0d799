"""The lifecycle of a receive order: money that a network brings for a customer of ours (lifecycle 3b of the design).

Figures: FedNow Service Operating Procedures (2024-10): what is accepted without posting is decided by midnight ET of
the next business day, or the sender is told that it is pending. A request to return posted money is an order of its
own (kind `return`) and never moves a final one.
"""

from apps.transactions.domain.states import Driver, Lifecycle, Status, by_name, move

_O, _K = Driver.OPERATOR, Driver.COMPLIANCE
_S, _T, _N = Driver.STREAM, Driver.CLOCK, Driver.NETWORK

_STATUSES = by_name(
    Status("RECEIVED", "RCVD", "Arrived from the network. The platform checks it next."),
    Status("ACCEPTED", "ACTC", "Checked. The platform credits the account next."),
    Status(
        "ACCEPTED_NOT_POSTED",
        "ACWP",
        "Settled but not available: {reason}. Compliance decides by {due_at}.",
    ),
    Status(
        "PENDING",
        "PDNG",
        "Not decided in time: {reason}. The sender's bank was told; compliance decides next.",
    ),
    Status("POSTED", "ACCC", "Credited to {payee}. Nothing more is due.", final=True),
    Status("REJECTED", "RJCT", "Not taken: {reason}. The money went back.", final=True),
    Status("BLOCKED", "BLCK", "Frozen by law. Compliance reports it.", final=True),
)

_MOVES = (
    move("RECEIVED", "ACCEPTED", _S),
    move("RECEIVED", "REJECTED", _S),
    move("RECEIVED", "ACCEPTED_NOT_POSTED", _S),
    move("ACCEPTED", "POSTED", _S),
    move("ACCEPTED_NOT_POSTED", "POSTED", _O, _K),
    move("ACCEPTED_NOT_POSTED", "REJECTED", _O, _K),
    move("ACCEPTED_NOT_POSTED", "BLOCKED", _K),
    move("ACCEPTED_NOT_POSTED", "PENDING", _T),
    move("PENDING", "POSTED", _O, _K),
    move("PENDING", "REJECTED", _O, _K),
    move("PENDING", "BLOCKED", _K),
)

_WAITING = frozenset({"ACCEPTED_NOT_POSTED", "PENDING"})

RECEIVE = Lifecycle(
    kind="receive",
    title="a receive order",
    statuses=_STATUSES,
    moves=_MOVES,
    commands={
        "release": frozenset({_O, _K}),
        "return": frozenset({_O, _K}),
        "block": frozenset({_K}),
    },
    events={
        "assessed": frozenset({"RECEIVED"}),
        "unprocessable": frozenset({"RECEIVED"}),
        "review_due": frozenset({"ACCEPTED_NOT_POSTED"}),
        "recalled": frozenset({"POSTED"}),
        "release": _WAITING,
        "return": _WAITING,
        "block": _WAITING,
    },
)
