"""How a status looks: a shape, a word and a tone, so that colour alone never carries the meaning."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """`shape` names a symbol of templates/console/_sprite.html, `tone` a colour token of static/css/tokens.css."""

    word: str
    shape: str
    tone: str


_MARKS = {
    "RECEIVED": Mark("Received", "ring-dashed", "progress"),
    "SCHEDULED": Mark("Scheduled", "ring-dashed", "progress"),
    "VALIDATED": Mark("Validated", "ring-half", "progress"),
    "FUNDED": Mark("Funded", "ring-half", "progress"),
    "SUBMITTED": Mark("Submitted", "ring-half", "progress"),
    "DELIVERED": Mark("Delivered", "ring-half", "progress"),
    "PRESENTED": Mark("Presented", "ring-half", "progress"),
    "ACCEPTED": Mark("Accepted", "ring-half", "progress"),
    "SPLIT": Mark("Split", "ring-half", "progress"),
    "CANCEL_PENDING": Mark("Cancel pending", "ring-half", "progress"),
    "AWAITING_CLAIM": Mark("Awaiting claim", "ring-half", "progress"),
    "RETURN_REQUESTED": Mark("Return asked", "ring-half", "progress"),
    "HELD": Mark("Held", "octagon-pause", "hold"),
    "INVESTIGATE": Mark("Investigate", "octagon-pause", "hold"),
    "ACCEPTED_NOT_POSTED": Mark("Not posted", "octagon-pause", "hold"),
    "PENDING": Mark("Pending", "octagon-pause", "hold"),
    "BROKEN_PROMISE": Mark("Broken promise", "octagon-pause", "hold"),
    "RETURN_REVIEW": Mark("Return review", "octagon-pause", "hold"),
    "COMPLETED": Mark("Completed", "circle-tick", "settled"),
    "POSTED": Mark("Posted", "circle-tick", "settled"),
    "PAID": Mark("Paid", "circle-tick", "settled"),
    "RETURNED": Mark("Returned", "u-turn", "returned"),
    "REJECTED": Mark("Rejected", "diamond-cross", "failed"),
    "DECLINED": Mark("Declined", "diamond-cross", "failed"),
    "REFUSED": Mark("Refused", "diamond-cross", "failed"),
    "BLOCKED": Mark("Blocked", "diamond-cross", "failed"),
    "CANCELLED": Mark("Cancelled", "circle-dash", "neutral"),
    "EXPIRED": Mark("Expired", "circle-dash", "neutral"),
}

# The order in which counts and filters name the statuses: as a payment meets them.
STATUSES = tuple(_MARKS)

_COMMANDS = {
    "PENDING": Mark("Pending", "ring-dashed", "progress"),
    "APPLIED": Mark("Applied", "circle-tick", "settled"),
    "REFUSED": Mark("Refused", "diamond-cross", "failed"),
}


_RECORDS = {
    "PENDING": Mark("Pending", "ring-dashed", "progress"),
    "NEW": Mark("New", "ring-dashed", "progress"),
    "VERIFIED": Mark("Verified", "ring-half", "progress"),
    "UNENROLLING": Mark("Unenrolling", "ring-half", "progress"),
    "ACTIVE": Mark("Active", "circle-tick", "settled"),
    "OPEN": Mark("Open", "circle-tick", "settled"),
    "TRUSTED": Mark("Trusted", "circle-tick", "settled"),
    "MATCH": Mark("Match", "circle-tick", "settled"),
    "SUSPENDED": Mark("Suspended", "octagon-pause", "hold"),
    "CLOSE_MATCH": Mark("Close match", "octagon-pause", "hold"),
    "DORMANT": Mark("Dormant", "octagon-pause", "hold"),
    "NO_MATCH": Mark("No match", "diamond-cross", "failed"),
    "BLOCKED": Mark("Blocked", "diamond-cross", "failed"),
    "UNAVAILABLE": Mark("Unavailable", "circle-dash", "neutral"),
    "UNENROLLED": Mark("Unenrolled", "circle-dash", "neutral"),
    "CLOSED": Mark("Closed", "circle-dash", "neutral"),
    "REMOVED": Mark("Removed", "circle-dash", "neutral"),
}


_CASES = {
    "OPEN": Mark("Open", "octagon-pause", "hold"),
    "CLOSED": Mark("Closed", "circle-dash", "neutral"),
}

# What became of a message on the wire, and what an answer says.
_MESSAGES = {
    "WAITING": Mark("Not sent yet", "ring-dashed", "progress"),
    "TAKEN": Mark("Taken", "circle-tick", "settled"),
    "REFUSED": Mark("Refused", "diamond-cross", "failed"),
    "accepted": Mark("Accepted", "circle-tick", "settled"),
    "pending": Mark("Pending", "octagon-pause", "hold"),
    "rejected": Mark("Rejected", "diamond-cross", "failed"),
}


def mark_of(status: str) -> Mark:
    """The mark of an order's status; one that this version does not know is named as it is, never guessed."""
    return _MARKS.get(status) or Mark(_words(status), "ring-dashed", "neutral")


def mark_of_command(state: str) -> Mark:
    return _COMMANDS.get(state) or Mark(_words(state), "ring-dashed", "neutral")


def mark_of_record(status: str) -> Mark:
    """The mark of a customer's, alias's, payee's or account's status, of a payee's trust or of a name check."""
    return _RECORDS.get(status) or Mark(_words(status), "ring-dashed", "neutral")


def mark_of_case(state: str) -> Mark:
    return _CASES.get(state) or Mark(_words(state), "ring-dashed", "neutral")


def mark_of_message(state: str) -> Mark:
    """The mark of a receipt's state, of WAITING where there is none yet, or of an answer's verdict."""
    return _MESSAGES.get(state) or Mark(_words(state), "ring-dashed", "neutral")


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
