"""How a simulated network behaves, told by the reference of the payment: `SIM-…` words, each always the same."""

import re
from dataclasses import dataclass

LATE_SECONDS = 60.0
RETURN_SECONDS = 2.0

_WORD = re.compile(r"SIM-([A-Z0-9]+(?:-[A-Z0-9]+)*)")
_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{2}")

# The table of docs/reference/networks.md; a test holds the two to each other.
TRIGGERS = {
    "SIM-AC04": "Rejected with AC04; any other code of four characters works the same.",
    "SIM-TIMEOUT-30": "Answered after 30 seconds (any number); until then a status request is answered PDNG.",
    "SIM-DUPLICATE-ANSWER": "Answered three times: the same message twice, then another one that says the same.",
    "SIM-LATE-ANSWER": "Answered after a minute; a status request is answered at once.",
    "SIM-RETURN-FOCR": "Accepted, then returned by pacs.004 with FOCR (any code) two seconds after it settled.",
    "SIM-RETURN-PART-FOCR": "The same, but only half of it is returned.",
    "SIM-NO-ANSWER": "Executed and never answered; a status request is answered. A request is not answered, nor paid.",
    "SIM-GARBLED": "Executed and answered with something that is no XML; a status request is answered well.",
    "SIM-LOST": "Taken on the wire and lost: not executed, never answered; a status request is answered RJCT.",
    "SIM-STUCK": "Taken, and neither executed nor answered; a status request is answered PDNG.",
    "SIM-PAY": "A request for payment (pain.013) is accepted and paid at once.",
    "SIM-BROKEN-PROMISE": "A request for payment is accepted (also by a later ACTC) and not paid.",
    "SIM-RECALL-REFUSED": "A recall of this payment is refused (RJCR, CUST) instead of paid back.",
    "SIM-RECALL-SILENT": "A recall of this payment is looked at (PDCR) and never decided.",
    "SIM-CANCEL-REFUSED": "A request for payment can't be taken back: its cancellation is refused (RJCR, NARR).",
    "SIM-CANCEL-SILENT": "The cancellation of a request for payment is lost: never answered, and the request stays.",
}


@dataclass(frozen=True)
class Behaviour:
    """What the far side does with one payment or request."""

    reject_code: str | None = None
    return_code: str | None = None
    returns_half: bool = False
    answer_seconds: float = 0.0
    is_pending_meanwhile: bool = False
    answers: bool = True
    copies: int = 1
    is_garbled: bool = False
    is_lost: bool = False
    is_stuck: bool = False
    # Of a request: taken at once, and followed by its money once it is.
    accepts: bool = False
    pays: bool = True
    refuses_recall: bool = False
    decides_recall: bool = True
    refuses_cancellation: bool = False
    hears_cancellation: bool = True


_PLAIN = {
    "DUPLICATE-ANSWER": Behaviour(copies=2),
    "LATE-ANSWER": Behaviour(answer_seconds=LATE_SECONDS),
    "NO-ANSWER": Behaviour(answers=False, pays=False),
    "GARBLED": Behaviour(is_garbled=True),
    "LOST": Behaviour(answers=False, is_lost=True),
    "STUCK": Behaviour(answers=False, is_stuck=True),
    "PAY": Behaviour(accepts=True),
    "BROKEN-PROMISE": Behaviour(accepts=True, pays=False),
    "RECALL-REFUSED": Behaviour(refuses_recall=True),
    "RECALL-SILENT": Behaviour(decides_recall=False),
    "CANCEL-REFUSED": Behaviour(refuses_cancellation=True),
    "CANCEL-SILENT": Behaviour(hears_cancellation=False),
}


def behaviour_of(reference: str | None) -> Behaviour:
    """What the first `SIM-…` word asks for; ordinary behaviour without one, or for a word that is not known."""
    found = _WORD.search(reference or "")
    word = found[1] if found else ""
    if word in _PLAIN:
        return _PLAIN[word]
    kind, _, rest = word.rpartition("-")
    if kind == "TIMEOUT" and rest.isdigit():
        return Behaviour(answer_seconds=float(rest), is_pending_meanwhile=True)
    if kind in ("RETURN", "RETURN-PART") and _CODE.fullmatch(rest):
        return Behaviour(return_code=rest, returns_half=kind == "RETURN-PART")
    if not kind and _CODE.fullmatch(rest):
        return Behaviour(reject_code=rest)
    return Behaviour()
