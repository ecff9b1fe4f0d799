"""The lifecycles by kind of order, and the questions that everybody asks of them.

API, flow jobs, console, checkers and the docs pages all ask here; nothing else knows what may follow what.
`STATUSES`, `MOVES` and `COMMANDS` are those of a send order.
"""

from apps.transactions.domain.reasons import REASONS as REASONS
from apps.transactions.domain.receive_lifecycle import RECEIVE
from apps.transactions.domain.request_lifecycle import REQUEST
from apps.transactions.domain.return_lifecycle import RETURN
from apps.transactions.domain.send_lifecycle import SEND
from apps.transactions.domain.states import Driver as Driver

LIFECYCLES = {each.kind: each for each in (SEND, RECEIVE, REQUEST, RETURN)}

STATUSES = SEND.statuses
MOVES = SEND.moves
COMMANDS = SEND.commands

# Of every kind, each name once, in the order of the tables.
STATUS_NAMES = tuple(dict.fromkeys(name for each in LIFECYCLES.values() for name in each.statuses))

# Final in any lifecycle (3a to 3d), so that readers of an order need not know its kind; REFUSED is also a wire's.
FINAL = frozenset(name for each in LIFECYCLES.values() for name in each.final)


def may_move(source: str, target: str, driver: Driver, kind: str = "send") -> bool:
    return LIFECYCLES[kind].may_move(source, target, driver)


def targets_of(source: str, kind: str = "send") -> frozenset[str]:
    return LIFECYCLES[kind].targets_of(source)
