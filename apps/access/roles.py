"""Scopes of API clients, and the one table of what each role of staff may do and see.

Pages, their fragments, sockets and the API ask `permissions_of` and `sight_of`; nobody compares role names.
"""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

SCOPES = (
    "accounts:read",
    "accounts:write",
    "blocked_parties:read",
    "blocked_parties:write",
    "customers:read",
    "customers:write",
    "ledger:read",
    "orders:read",
    "orders:write",
    "payees:read",
    "payees:write",
)


class Permission(StrEnum):
    """What somebody may do; each page, fragment and socket topic names one."""

    SEE_OVERVIEW = "overview.see"  # counts and figures that name no customer
    SEE_ORDERS = "orders.see"  # feed, list, order page, search
    SEE_CUSTOMERS = "customers.see"  # customers with aliases, payees and accounts: lists and pages
    SEE_DEAD_LETTERS = "dead_letters.see"
    SEE_AUDIT = "audit.see"  # entries with before and after, out-of-band writes
    SEE_ACCESS_LOG = "access_log.see"  # who looked at what
    SEE_SESSIONS = "sessions.see"  # everybody's sessions; one's own are always visible
    END_SESSIONS = "sessions.end"  # everybody's; one's own can always be ended


class Sight(IntEnum):
    """How much of a payment somebody sees; a larger one shows all that a smaller one shows."""

    NONE = 0  # no orders at all
    ANONYMOUS = 1  # that there is an order, its product, status and times; no party, no amount
    MASKED = 2  # all but contact points (e-mail, phone), which are masked
    FULL = 3


_WATCH = frozenset({Permission.SEE_OVERVIEW, Permission.SEE_ORDERS})
_LOOK = _WATCH | {Permission.SEE_CUSTOMERS}
_PROVE = frozenset({Permission.SEE_AUDIT, Permission.SEE_ACCESS_LOG})

_PERMISSIONS = {
    "viewer": _LOOK,
    "operator": _LOOK | {Permission.SEE_DEAD_LETTERS, Permission.SEE_AUDIT},
    "approver": _LOOK | {Permission.SEE_DEAD_LETTERS, Permission.SEE_AUDIT},
    "compliance": _LOOK | _PROVE | {Permission.SEE_DEAD_LETTERS, Permission.SEE_SESSIONS},
    "auditor": _LOOK | _PROVE,
    "platform": _WATCH | {Permission.SEE_DEAD_LETTERS},
    "admin": frozenset({Permission.SEE_OVERVIEW, Permission.SEE_SESSIONS, Permission.END_SESSIONS}),
}
_SIGHT = {
    "viewer": Sight.MASKED,
    "operator": Sight.MASKED,
    "approver": Sight.MASKED,
    "compliance": Sight.FULL,
    "auditor": Sight.MASKED,
    "platform": Sight.ANONYMOUS,
    "admin": Sight.NONE,
}
ROLES = tuple(_PERMISSIONS)


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """All that the roles allow together; a name that is no role allows nothing."""
    return frozenset().union(*(_PERMISSIONS.get(role, frozenset()) for role in roles))


def sight_of(roles: Iterable[str]) -> Sight:
    """The widest sight among the roles."""
    return max((_SIGHT.get(role, Sight.NONE) for role in roles), default=Sight.NONE)


def roles_with(permission: Permission) -> list[str]:
    """The roles that allow it, in the table's order."""
    return [role for role, allowed in _PERMISSIONS.items() if permission in allowed]
