"""One-time codes that prove an e-mail address or phone number: how long they hold and how often they may be tried."""

from datetime import datetime, timedelta

from apps.kernel.errors import Conflict

# Six digits are guessed in half a million tries: after ten wrong ones there must be a new code.
CODE_TRIES_MAX = 10

# So many codes are sent to one address for one customer while the first holds: with ten tries each, one guess in
# 20,000 succeeds.
CODES_MAX = 5

# NIST SP 800-63A, 4.4.1.6: an enrolment code holds 24 hours when sent by e-mail, 10 minutes when sent to a telephone.
CODE_LIFE = {"email": timedelta(hours=24), "phone": timedelta(minutes=10)}


def expires_at(kind: str, sent_at: datetime) -> datetime:
    return sent_at + CODE_LIFE[kind]


def check_may_send(sent: int) -> None:
    """`sent`: codes that still hold or were spent meanwhile. Raises Conflict (`codes_too_many`)."""
    if sent >= CODES_MAX:
        detail = f"{CODES_MAX} codes were sent already; wait until the first has expired."
        raise Conflict("codes_too_many", detail)


def check_usable(*, kind: str, sent_at: datetime, tries: int, now: datetime) -> None:
    """Raises Conflict (`code_spent`, `code_expired`); the instant at which it expires is too late."""
    if tries >= CODE_TRIES_MAX:
        raise Conflict("code_spent", "Too many wrong codes; ask for a new one.", "/code")
    if now >= expires_at(kind, sent_at):
        raise Conflict("code_expired", "The code has expired; ask for a new one.", "/code")
