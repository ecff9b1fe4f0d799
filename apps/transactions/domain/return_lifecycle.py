"""The lifecycle of a return: money that goes back (pacs.004), asked for (camt.056) or unasked; linked to a final order.

The order it returns stays final as it is. `outward` returns give back what a customer of ours received, `inward` ones
bring back what a customer of ours sent. Source: lifecycle 3b of the design; FedNow Service Operating Procedures
(2024-10): a final answer within 10 business days after the request was acknowledged as pending (PDCR).
"""

from apps.transactions.domain.states import Driver, Lifecycle, Status, by_name, move

_O, _K = Driver.OPERATOR, Driver.COMPLIANCE
_S, _T, _N = Driver.STREAM, Driver.CLOCK, Driver.NETWORK

_STATUSES = by_name(
    Status("RECEIVED", "RCVD", "A return begins. The platform looks at it next."),
    Status(
        "RETURN_REVIEW",
        "PDCR",
        "The sender's bank asks for it back: {reason}. Bank staff answer by {due_at}.",
    ),
    Status(
        "RETURN_REQUESTED",
        "PDNG",
        "Asked back from the recipient's bank: {reason}. It answers by {due_at}.",
    ),
    Status("RETURNED", "ACSC", "Returned: {reason}. Nothing more is due.", final=True),
    Status("REFUSED", "RJCR", "Not returned: {reason}. The payment stays as it is.", final=True),
    Status("EXPIRED", "RJCR", "Not returned: nobody answered in time.", final=True),
)

_MOVES = (
    move("RECEIVED", "RETURN_REVIEW", _S, _N),
    move("RECEIVED", "RETURN_REQUESTED", _S, _O, _K),
    move("RECEIVED", "RETURNED", _S, _N),
    move("RETURN_REVIEW", "RETURNED", _O, _K),
    move("RETURN_REVIEW", "REFUSED", _O, _K),
    move("RETURN_REVIEW", "EXPIRED", _T),
    move("RETURN_REQUESTED", "RETURNED", _N),
    move("RETURN_REQUESTED", "REFUSED", _N),
    move("RETURN_REQUESTED", "EXPIRED", _T),
)

RETURN = Lifecycle(
    kind="return",
    title="a return",
    statuses=_STATUSES,
    moves=_MOVES,
    commands={"return": frozenset({_O, _K}), "refuse": frozenset({_O, _K})},
    events={
        "assessed": frozenset({"RECEIVED"}),
        "returned": frozenset({"RETURN_REQUESTED"}),
        "recall_refused": frozenset({"RETURN_REQUESTED"}),
        "recall_pending": frozenset(),  # the other bank looks at it: told, but no step
        "review_due": frozenset({"RETURN_REVIEW"}),
        "recall_silent": frozenset({"RETURN_REQUESTED"}),
        "return": frozenset({"RETURN_REVIEW"}),
        "refuse": frozenset({"RETURN_REVIEW"}),
    },
)
