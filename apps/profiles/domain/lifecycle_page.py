"""The generated part of the docs page of customers: `python -m apps.profiles.domain.lifecycle_page`.

It stands in docs/reference/customers.md between the lines BEGIN and END; a test holds the two to each other.
"""

import sys
from collections.abc import Iterable, Sequence

from apps.profiles.domain.code import CODE_LIFE, CODE_TRIES_MAX
from apps.profiles.domain.lifecycle import MOVES, STATUSES
from apps.profiles.domain.preferences import EVENTS, NEVER_SILENT

BEGIN = "<!-- generated: python -m apps.profiles.domain.lifecycle_page -->"
END = "<!-- end of what is generated -->"


def part() -> str:
    """From BEGIN to END, ending with a newline."""
    return "\n".join([BEGIN, "", _diagram(), _statuses(), _moves(), _codes(), _events(), END, ""])


def _diagram() -> str:
    moves = [f"    {move.source} --> {move.target}: {move.event.value}" for move in MOVES]
    starts = [f"    [*] --> {name}" for name in ("PENDING", "ACTIVE")]
    return "\n".join(["```mermaid", "stateDiagram-v2", *starts, *moves, "```", ""])


def _statuses() -> str:
    rows = [
        (s.name, _yes(s.pays), _yes(s.changes), _yes(s.final), s.words) for s in STATUSES.values()
    ]
    return _table("Statuses", ("status", "pays and is paid", "may change", "final", "words"), rows)


def _moves() -> str:
    rows = [(move.source, move.event.value, move.target, move.words) for move in MOVES]
    return _table("Moves", ("from", "event", "to", "when"), rows)


def _codes() -> str:
    rows = [
        (kind, f"{life.total_seconds() / 60:.0f} minutes", str(CODE_TRIES_MAX))
        for kind, life in CODE_LIFE.items()
    ]
    return _table("Codes", ("sent to", "holds for", "wrong tries"), rows)


def _events() -> str:
    rows = [
        (event, ", ".join(channels), _yes(event in NEVER_SILENT))
        for event, channels in EVENTS.items()
    ]
    return _table("Notices", ("event", "channels by default", "never silent"), rows)


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}", "", _row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *(_row(row) for row in rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(part())
