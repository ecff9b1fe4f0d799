"""The bank's own accounts: what each is for, and the one form of their ids.

| purpose | what lies there | a network's | sub-accounts per settle shard |
| --- | --- | --- | --- |
| `funding` | where opening balances come from | no | no |
| `holds` | the other side of money set aside | no | yes |
| `settlement` | what the bank owes a network (above zero) or is owed by it | yes | yes |
| `suspense` | money that came in and may not be credited yet | yes | yes |
| `unclaimed` | money whose owner cannot be paid | yes | yes |
| `fees` | what the bank earned | yes | yes |

Sub-accounts keep shards from meeting on one hot document; only their sum means something to people.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

Purpose = Literal["funding", "holds", "settlement", "suspense", "unclaimed", "fees"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
NETWORK_PURPOSES = frozenset({"settlement", "suspense", "unclaimed", "fees"})

PREFIX = "acc_int_"
_OF_NETWORK = re.compile(
    r"acc_int_(settlement|suspense|unclaimed|fees)_([a-z][a-z0-9-]*)_([A-Z]{3})(?:_(\d{1,4}))?",
    re.ASCII,
)
_OF_BANK = re.compile(r"acc_int_(?:(holds)_([A-Z]{3})_(\d{1,4})|(funding)_([A-Z]{3}))", re.ASCII)


@dataclass(frozen=True)
class InternalAccount:
    """One account of the bank's own; `network` is a rail such as `zelle`, None where the purpose knows no network.

    `shard` None is the account that is not divided: `funding`, and the settlement accounts of earlier builds.
    """

    purpose: Purpose
    currency: str
    network: str | None = None
    shard: int | None = None

    @property
    def id(self) -> str:
        """`acc_int_<purpose>[_<network>]_<currency>[_<shard>]`. Raises ValueError when `parsed` could not read it."""
        parts = (self.purpose, self.network, self.currency, self.shard)
        made = PREFIX + "_".join(str(part) for part in parts if part is not None)
        if parsed(made) != self:
            raise ValueError(f"{made} is no account of the bank's own")
        return made


def parsed(account_id: str) -> InternalAccount:
    """What the id says. Raises ValueError when it is not the id of an account of the bank's own."""
    if found := _OF_NETWORK.fullmatch(account_id):
        purpose, network, currency, shard = found.groups()
        return InternalAccount(_purpose(purpose), currency, network, int(shard) if shard else None)
    if found := _OF_BANK.fullmatch(account_id):
        if found[1]:
            return InternalAccount("holds", found[2], None, int(found[3]))
        return InternalAccount("funding", found[5])
    raise ValueError(f"{account_id!r} is no account of the bank's own")


# A few hundred ids are all there are, and each is asked for with every order.
@lru_cache(maxsize=4096)
def internal_account(
    purpose: Purpose, *, currency: str, network: str | None = None, shard: int | None = None
) -> str:
    """The id of the account; the same words make the same id in every process. Raises ValueError on a bad one."""
    return InternalAccount(purpose, currency, network, shard).id


def purpose_of(account_id: str) -> str | None:
    """The purpose that the id names; None for a customer's account and for what is no such id."""
    try:
        return parsed(account_id).purpose if account_id.startswith(PREFIX) else None
    except ValueError:
        return None


def _purpose(text: str) -> Purpose:
    for purpose in PURPOSES:
        if purpose == text:
            return purpose
    raise ValueError(f"{text!r} is no purpose")
