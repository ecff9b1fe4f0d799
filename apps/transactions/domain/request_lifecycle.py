"""The lifecycle of a request order: a customer of ours asks somebody for money (lifecycle 3c of the design).

A request cannot be edited: cancel it and make another. A split is one parent (SPLIT) and a request for each payer; the
parent closes when all of them are final. A breach of warranty claimed later is a linked case: PAID stays.
"""

from apps.transactions.domain.states import Driver, Lifecycle, Status, by_name, move

_C, _R, _O = Driver.CUSTOMER, Driver.RECIPIENT, Driver.OPERATOR
_S, _T, _N = Driver.STREAM, Driver.CLOCK, Driver.NETWORK

_STATUSES = by_name(
    Status("RECEIVED", "RCVD", "Accepted. The platform brings it to {payee} next."),
    Status("SUBMITTED", "ACSP", "Sent to the bank of {payee}, which answers by {due_at}."),
    Status("DELIVERED", "RCVD", "It reached {payee}, who answers by {due_at}."),
    Status("PRESENTED", "PRES", "{payee} has seen it and answers by {due_at}."),
    Status("PENDING", "PDNG", "The bank of {payee} needs time. It answers by {due_at}."),
    Status("ACCEPTED", "ACTC", "{payee} promised to pay. The money is due by {due_at}."),
    Status(
        "BROKEN_PROMISE",
        "PDNG",
        "{payee} promised to pay and no money came: {reason}. The requester follows up by {due_at}.",
    ),
    Status(
        "CANCEL_PENDING",
        "PDCR",
        "The requester took it back. The bank of {payee} confirms by {due_at}.",
    ),
    Status("SPLIT", "PART", "Shared between several payers, who answer each for themselves."),
    Status("PAID", "ACCC", "{payee} paid. Nothing more is due.", final=True),
    Status("REJECTED", "RJCT", "Rejected: {reason}. Nobody was asked for money.", final=True),
    Status("DECLINED", "RJCT", "{payee} declined: {reason}. Nothing more is due.", final=True),
    Status("CANCELLED", "CANC", "Taken back by the {actor}. Nothing more is due.", final=True),
    Status("EXPIRED", "RJCT", "Expired: {payee} did not pay in time.", final=True),
)

_OPEN = ("SUBMITTED", "DELIVERED", "PRESENTED", "PENDING")

_MOVES = (
    move("RECEIVED", "SUBMITTED", _S),
    move("RECEIVED", "DELIVERED", _S),  # the payer is a customer of ours
    move("RECEIVED", "REJECTED", _S),
    move("RECEIVED", "SPLIT", _S),
    move("RECEIVED", "CANCELLED", _C, _O),
    # answers of the network may overtake each other
    move("SUBMITTED", "DELIVERED", _N),
    move("SUBMITTED", "PRESENTED", _N),
    move("SUBMITTED", "PENDING", _N),
    move("DELIVERED", "PRESENTED", _R, _N),
    move("DELIVERED", "PENDING", _N),
    move("PRESENTED", "PENDING", _N),
    *(move(each, "ACCEPTED", _R, _N) for each in _OPEN),
    *(move(each, "DECLINED", _R, _N) for each in _OPEN),
    *(move(each, "PAID", _N, _S) for each in _OPEN),
    # one of another bank's customer is taken back by that bank alone (camt.055)
    *(move(each, "CANCELLED", _C, _O, _N) for each in _OPEN[1:3]),
    *(move(each, "CANCEL_PENDING", _C, _O) for each in _OPEN),
    *(move(each, "EXPIRED", _T) for each in _OPEN),
    move("ACCEPTED", "PAID", _N, _S),
    move("ACCEPTED", "BROKEN_PROMISE", _T, _S),
    move("ACCEPTED", "DECLINED", _N),
    move("BROKEN_PROMISE", "BROKEN_PROMISE", _S),  # its payment ended unpaid after the promised day
    move("BROKEN_PROMISE", "ACCEPTED", _R, _N),  # promised anew
    move("BROKEN_PROMISE", "PAID", _N, _S),
    move("BROKEN_PROMISE", "DECLINED", _R, _N),
    move("BROKEN_PROMISE", "CANCELLED", _C, _O, _N),
    move("BROKEN_PROMISE", "CANCEL_PENDING", _C, _O),
    move("BROKEN_PROMISE", "EXPIRED", _T),
    move("CANCEL_PENDING", "CANCELLED", _N),
    # kept (RJCR): accepted already (ALAC), refused already (ARFR), expired already (AEXR), or for another reason
    move("CANCEL_PENDING", "ACCEPTED", _N),
    move("CANCEL_PENDING", "DECLINED", _N),
    move("CANCEL_PENDING", "EXPIRED", _T, _N),
    move("CANCEL_PENDING", "PENDING", _N),
    move("CANCEL_PENDING", "PAID", _N, _S),
    *(move("SPLIT", each, _S) for each in ("PAID", "DECLINED", "EXPIRED", "CANCELLED")),
)

_AWAITED = frozenset(_OPEN)

REQUEST = Lifecycle(
    kind="request",
    title="a request order",
    statuses=_STATUSES,
    moves=_MOVES,
    commands={
        "present": frozenset({_R}),
        "accept": frozenset({_R}),
        "decline": frozenset({_R}),
        "cancel": frozenset({_C, _O}),
    },
    events={
        "assessed": frozenset({"RECEIVED"}),
        "unprocessable": frozenset({"RECEIVED"}),
        "delivered": frozenset({"SUBMITTED"}),
        "presented": frozenset({"SUBMITTED", "DELIVERED"}),
        "pending": frozenset({"SUBMITTED", "DELIVERED", "PRESENTED"}),
        "accepted": frozenset({*_AWAITED, "BROKEN_PROMISE"}),
        "rejected": frozenset({*_AWAITED, "ACCEPTED", "BROKEN_PROMISE", "CANCEL_PENDING"}),
        "withdrawn": frozenset({"DELIVERED", "PRESENTED", "BROKEN_PROMISE"}),
        "cancel_accepted": frozenset({"CANCEL_PENDING"}),
        "cancel_refused": frozenset({"CANCEL_PENDING"}),
        "paid": frozenset({*_AWAITED, "ACCEPTED", "BROKEN_PROMISE", "CANCEL_PENDING"}),
        "unpaid": frozenset({"ACCEPTED", "BROKEN_PROMISE"}),
        "child_ended": frozenset({"SPLIT"}),
        "request_expired": frozenset({*_AWAITED, "BROKEN_PROMISE", "CANCEL_PENDING"}),
        "promise_due": frozenset({"ACCEPTED"}),
        "present": frozenset({"DELIVERED"}),
        "accept": frozenset({"DELIVERED", "PRESENTED", "BROKEN_PROMISE"}),
        "decline": frozenset({"DELIVERED", "PRESENTED", "BROKEN_PROMISE"}),
        "cancel": frozenset({"RECEIVED", *_AWAITED, "BROKEN_PROMISE"}),
    },
)
