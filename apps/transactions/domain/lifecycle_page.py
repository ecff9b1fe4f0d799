"""The docs page of a lifecycle, written from its table: `python -m apps.transactions.domain.lifecycle_page send`."""

import sys
from collections.abc import Iterable, Sequence

from apps.transactions.domain.lifecycle import LIFECYCLES, REASONS, Driver
from apps.transactions.domain.states import Lifecycle

_HEAD = """\
# The lifecycle of {title}

Generated from `apps/transactions/domain/{kind}_lifecycle.py`; a test fails when they differ. To write it again:

    python -m apps.transactions.domain.lifecycle_page {kind} > docs/reference/{kind}-lifecycle.md

{more}
"""
_MORE = {
    "send": "How a payment takes this way: [the flow send_money](../flows/send_money.md).",
    "receive": "Money that a network brings. What goes back later is [a return](return-lifecycle.md) of its own.",
    "request": """\
An accepted request causes [a send order](send-lifecycle.md) and is PAID when that is COMPLETED.

## Between banks

A payer at another bank is asked by pain.013; the request is SUBMITTED and moves by what their bank answers. A customer
of another bank may ask one of ours, too: then the network brings the pain.013, the request has no `creditor`, and each
step tells the requester's bank a pain.014:

- DELIVERED: RCVD; PRESENTED: PRES; ACCEPTED: ACTC
- REJECTED: RJCT with AC01, AC04, AC06, AM03, AG01 (the payer switched requests off) or NARR
- DECLINED: RJCT with CUST; EXPIRED: RJCT with AEXR

Its payment goes to the network under the request's own end-to-end id. Only the requester's bank takes such a request
back: `cancel` is refused (`requester_elsewhere`), its camt.055 is `withdrawn`. While the payer has not promised, the
request is CANCELLED and the camt.029 says CNCL; else it is kept, takes no step, and the camt.029 says RJCR with ALAC
(accepted), ARFR (refused), AEXR (expired) or ACLR (cancelled already), one answer to each camt.055.""",
    "return": "Linked to [a send](send-lifecycle.md) or [a receive order](receive-lifecycle.md), which stays final.",
}


def page(kind: str = "send") -> str:
    """The whole page of that kind of order, ending with a newline."""
    of = LIFECYCLES[kind]
    head = _HEAD.format(title=of.title, kind=kind, more=_MORE[kind])
    return "\n".join(
        [head, _diagram(of), _states(of), _moves(of), _commands(of), _events(of), _reasons()]
    )


def _diagram(of: Lifecycle) -> str:
    pairs = [f"    {move.source} --> {move.target}" for move in of.moves]
    ends = [f"    {status.name} --> [*]" for status in of.statuses.values() if status.final]
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> RECEIVED", *pairs, *ends, "```", ""]
    return "\n".join(lines)


def _states(of: Lifecycle) -> str:
    rows = [
        (
            status.name,
            status.iso_status,
            "yes" if status.final else "",
            "yes" if status.holds_money else "",
            status.words,
        )
        for status in of.statuses.values()
    ]
    heads = ("status", "ISO 20022", "final", "money held", "what people read")
    return _table("States", heads, rows)


def _moves(of: Lifecycle) -> str:
    rows = [(move.source, move.target, _names(move.drivers)) for move in of.moves]
    return _table("Moves", ("from", "to", "who may cause it"), rows)


def _commands(of: Lifecycle) -> str:
    rows = [(name, _names(drivers)) for name, drivers in of.commands.items()]
    return _table("Commands", ("command", "taken from"), rows)


def _events(of: Lifecycle) -> str:
    """In the order of the states, so that the page does not change by itself."""
    rows = [
        (name, ", ".join(status for status in of.statuses if status in taken_in) or "none")
        for name, taken_in in of.events.items()
    ]
    return _table("Commands and other events", ("event", "taken in"), rows)


def _reasons() -> str:
    return _table("Reasons", ("ISO 20022 code", "words"), REASONS.items())


def _names(drivers: Iterable[Driver]) -> str:
    """In the order of the enumeration, so that the page does not change by itself."""
    wanted = set(drivers)
    return ", ".join(driver.value for driver in Driver if driver in wanted)


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *(_row(row) for row in rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page(*sys.argv[1:]))
