"""What the bank says of the payments and requests that the far side brought to it, and of requests that it pays."""

from apps.rails.domain.messages import (
    RECALLED,
    PaymentRequestAnswer,
    PaymentReturn,
    RecallAnswer,
    StatusReport,
)
from apps.rails.simulators.store import Row, Store

# The bank has the money: booked, in suspense while a person looks, or frozen there (ISO 20022 knows BLCK after ACWP).
TAKEN = frozenset({"ACSC", "ACCC", "ACWP", "BLCK"})
# Nothing that is said of a payment or request after these changes what became of it.
_LAST = frozenset({"ACSC", "ACCC", "RJCT", "BLCK"})


def reports(store: Store, message: StatusReport | PaymentRequestAnswer) -> None:
    """Money that the bank took stays taken, whatever it says later: only a pacs.004 brings it back."""
    kind = "payment" if isinstance(message, StatusReport) else "request"
    row = _brought(store, message.original.end_to_end_id, kind)
    if row is None:
        return
    if row["status"] not in _LAST or message.status in _LAST:
        row |= {"status": message.status, "reason": message.reason}
    if kind == "payment" and message.status in TAKEN:
        row["executed"] = 1
        request_is_paid(store, row["end_to_end_id"], direction="out")
    store.put("instructions", row)


def returns(store: Store, message: PaymentReturn) -> None:
    """Twice is once, and it may come before the answer that says that the money was taken."""
    row = _brought(store, message.original.end_to_end_id)
    if row is not None:
        back = {"returned": 1, "returned_minor": message.amount.amount_minor}
        store.put("instructions", row | back | {"reason": message.reason})


def answers_recall(store: Store, message: RecallAnswer) -> None:
    """A word and no money: what the bank gives back comes as a pacs.004. A request that it lets go is cancelled."""
    if message.original.message_type.startswith("pain.013"):
        row = _brought(store, message.original.end_to_end_id, "request")
        if row is not None and message.answer in RECALLED:
            store.put("instructions", row | {"status": "CANC", "reason": "CUST"})
        return
    row = _brought(store, message.original.end_to_end_id)
    if row is not None and not row["returned"]:
        store.put("instructions", row | {"reason": message.answer})


def request_is_paid(store: Store, end_to_end_id: str, *, direction: str) -> None:
    """The request with the payment's end-to-end id, when there is one that went that way."""
    row = store.instruction(end_to_end_id, "request")
    if row is not None and row["direction"] == direction:
        store.put("instructions", row | {"status": "ACSC", "reason": None, "executed": 1})


def _brought(store: Store, end_to_end_id: str, kind: str = "payment") -> Row | None:
    row = store.instruction(end_to_end_id, kind)
    return row if row is not None and row["direction"] == "in" else None
