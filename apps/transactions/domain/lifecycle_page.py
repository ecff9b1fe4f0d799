"""The docs page of the send lifecycle, written from the table: `python -m apps.transactions.domain.lifecycle_page`."""

import sys
from collections.abc import Iterable, Sequence

from apps.transactions.domain.lifecycle import COMMANDS, MOVES, REASONS, STATUSES, Driver

_HEAD = """\
# The lifecycle of a send order

Generated from `apps/transactions/domain/lifecycle.py`; a test fails when this page is out of step. To write it again:

    python -m apps.transactions.domain.lifecycle_page > docs/reference/send-lifecycle.md

How a payment takes this way: [the flow send_money](../flows/send_money.md).
"""


def page() -> str:
    """The whole page, ending with a newline."""
    parts = [_HEAD, _diagram(), _states(), _moves(), _commands(), _reasons()]
    return "\n".join(parts)


def _diagram() -> str:
    pairs = [f"    {move.source} --> {move.target}" for move in MOVES]
    ends = [f"    {status.name} --> [*]" for status in STATUSES.values() if status.final]
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> RECEIVED", *pairs, *ends, "```", ""]
    return "\n".join(lines)


def _states() -> str:
    rows = [
        (
            status.name,
            status.iso_status,
            "yes" if status.final else "",
            "yes" if status.holds_money else "",
            status.words,
        )
        for status in STATUSES.values()
    ]
    heads = ("status", "ISO 20022", "final", "money held", "what people read")
    return _table("States", heads, rows)


def _moves() -> str:
    rows = [(move.source, move.target, _names(move.drivers)) for move in MOVES]
    return _table("Moves", ("from", "to", "who may cause it"), rows)


def _commands() -> str:
    rows = [(name, _names(drivers)) for name, drivers in COMMANDS.items()]
    return _table("Commands", ("command", "taken from"), rows)


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
    sys.stdout.write(page())
