"""What an order, as its history tells, must have left in the ledger: the checkers' own table, apart from the entries'.

A line is an account, a layer and a signed amount. Of the bank's own accounts an order tells the purpose, and the
network where it has one; which sub-account it was is told by the entry alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.ledger.domain.entry import Kind
from apps.ledger.domain.internal import PREFIX

Line = tuple[str, str, int]
HOLDS = f"{PREFIX}holds_"

# Who gives (-1) and who takes (+1) in each layer, by kind of entry; `fee` is no order's yet.
_SIDES: dict[str, tuple[Line, ...]] = {
    "receipt": (("settlement", "posted", -1), ("creditor", "posted", 1)),
    "suspense": (("settlement", "posted", -1), ("suspense", "posted", 1)),
    "release": (("suspense", "posted", -1), ("released", "posted", 1)),
    "return_out": (("returned", "posted", -1), ("settlement", "posted", 1)),
    "return_in": (("settlement", "posted", -1), ("owner", "posted", 1)),
}
# Those of a hold and its end, and of what passes without one, which `lines_of` writes out.
_PLAIN = frozenset({"hold", "void", "capture", "transfer"})


@dataclass(frozen=True)
class Expected:
    """An order as the ledger must show it: the kind of entry that each of its versions made.

    `debtor` and `creditor` are accounts of ours, else None: the network's, or unclaimed money. With `network` given its
    entries must be on that network's accounts; None is any network.
    """

    order: str
    kinds: Mapping[int, Kind]
    debtor: str | None
    creditor: str | None
    currency: str
    amount_minor: int
    is_holding: bool
    network: str | None = None


def lines_of(expected: Expected, version: int) -> list[Line]:
    """The lines of the entry that this version made. Raises KeyError when no order makes such an entry."""
    amount_minor, kind = expected.amount_minor, expected.kinds[version]
    if kind in _PLAIN:  # nearly all there are: three times as fast by themselves
        debtor, sign = expected.debtor or "", 1 if kind == "hold" else -1
        if kind == "transfer":
            paid = expected.creditor or _account(expected, "paid", version)
            return [(debtor, "posted", -amount_minor), (paid, "posted", amount_minor)]
        lines = [
            (debtor, "held", sign * amount_minor),
            (HOLDS, "held", -sign * amount_minor),
        ]
        if kind == "capture":
            paid = expected.creditor or _account(expected, "paid", version)
            lines += [(debtor, "posted", -amount_minor), (paid, "posted", amount_minor)]
        return lines
    return [
        (_account(expected, role, version), layer, sign * amount_minor)
        for role, layer, sign in _SIDES[kind]
    ]


def moves_own_money(expected: Expected) -> bool:
    """Whether the order may have changed what is posted on the bank's own accounts."""
    return expected.creditor is None or not _PLAIN.issuperset(expected.kinds.values())


def told(account: str, *, with_network: bool) -> str:
    """As much of a line's account as an order tells: all of a customer's, purpose and network of the bank's own."""
    if not account.startswith(PREFIX):
        return account
    purpose, _, rest = account[len(PREFIX) :].partition("_")
    if purpose == "holds" or not with_network:
        return f"{PREFIX}{purpose}_"
    return f"{PREFIX}{purpose}_{rest.partition('_')[0]}"


def _account(expected: Expected, role: str, version: int) -> str:
    if role == "owner" and expected.debtor is not None:
        return expected.debtor
    if role in ("creditor", "paid", "released") and expected.creditor is not None:
        return expected.creditor
    if role == "returned":
        role = "suspense" if _is_suspended(expected, version) else "creditor"
        return _account(expected, role, version)
    purpose = {"paid": "settlement", "released": "unclaimed", "owner": "unclaimed"}.get(role, role)
    return f"{PREFIX}{purpose}_{expected.network or ''}"


def _is_suspended(expected: Expected, version: int) -> bool:
    """Whether the order's money was in suspense just before this version."""
    earlier = [expected.kinds[at] for at in sorted(expected.kinds) if at < version]
    return "suspense" in earlier and "release" not in earlier
