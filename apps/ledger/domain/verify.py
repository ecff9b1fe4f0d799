"""What must hold of the ledger in every snapshot: the rules that `verify_ledger` checks, fed document by document."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.kernel.findings import Problem
from apps.ledger.domain.expected import HOLDS, Line, lines_of, moves_own_money, told
from apps.ledger.domain.expected import Expected as Expected  # where who feeds the books finds it
from apps.ledger.domain.internal import PREFIX, parsed, purpose_of

_LAYERS = ("posted", "held")
# Of entries in a wrong currency so many are named for each account.
_SHOWN_MAX = 20
# What stands there must be what orders say: money owed to networks, and money that nobody has yet.
_EXPLAINED = ("settlement", "suspense", "unclaimed")
_BAD_DOCUMENT = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Use:
    """What one order counts in the limits of the day `id`."""

    id: str
    amount_minor: int


@dataclass(slots=True)
class _Seen:
    """Lines of one account in one currency: how many, and the first entries they are in."""

    lines: int = 0
    entries: list[str] = field(default_factory=list)


class Books:
    """Adds up entries, orders and uses; then accounts and usage are compared with the sums.

    Feed entries and orders first, accounts and usage after, `closing` last.
    """

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str], int] = defaultdict(int)
        # Of each account, by currency: how many lines, and the first entries they are in.
        self.currencies: dict[str, dict[str, _Seen]] = defaultdict(dict)
        self.explained: dict[str, int] = defaultdict(int)
        self.uses: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.totals: dict[tuple[str, str], int] = defaultdict(int)
        # Of the bank's own accounts, by currency and purpose: what orders say, and what stands there.
        self.due: dict[tuple[str, str], int] = defaultdict(int)
        self.own: dict[tuple[str, str], int] = defaultdict(int)

    def entry(self, entry: Mapping[str, Any]) -> list[Problem]:
        """Adds the entry's lines and tells what is wrong with it alone."""
        entry_id = str(entry.get("_id"))
        try:
            found = list(self._of_entry(entry))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(entry_id, rule, detail) for rule, detail in found]

    def _of_entry(self, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        sums = {"posted": 0, "held": 0}
        currency = str(entry["currency"])
        for line in entry["lines"]:
            account, amount_minor, layer = str(line["account"]), line["amount_minor"], line["layer"]
            if type(amount_minor) is bool or not isinstance(amount_minor, int):
                yield "whole_amounts", f"a line of {account} is {amount_minor!r}"
                continue
            sums[layer] += amount_minor
            self.sums[account, layer] += amount_minor
            seen = self.currencies[account].get(currency)
            if seen is None:
                seen = self.currencies[account][currency] = _Seen()
            seen.lines += 1
            if seen.lines <= _SHOWN_MAX:
                seen.entries.append(str(entry["_id"]))
        if len(entry["lines"]) < 2 or sums["posted"] or sums["held"]:
            yield "entry_balanced", f"{len(entry['lines'])} lines sum to {sums}"
        expected = _id_of(entry)
        if entry["_id"] != expected:
            yield "entry_id", f"its cause makes the id {expected}"

    def _currency_of(self, account: str) -> str | None:
        """The currency of most of its lines."""
        found = self.currencies.get(account, {})
        return max(found, key=lambda currency: found[currency].lines, default=None)

    def _of_currencies(self) -> Iterator[Problem]:
        for account, of_account in sorted(self.currencies.items()):
            currency = self._currency_of(account)
            for other in of_account.keys() - {currency}:
                for entry in of_account[other].entries:
                    detail = f"{account} has {currency}, the entry {other}"
                    yield Problem(entry, "one_currency", detail)

    def order(self, expected: Expected) -> None:
        """Counts what the order holds, and what it moved on the bank's own accounts."""
        if expected.is_holding:
            self.explained[expected.debtor or ""] += expected.amount_minor
        if moves_own_money(expected):
            for version in expected.kinds:
                self._count_due(expected, version)

    def _count_due(self, expected: Expected, version: int) -> None:
        for account, layer, amount_minor in lines_of(expected, version):
            if layer == "posted" and account.startswith(PREFIX):
                purpose = account[len(PREFIX) :].partition("_")[0]
                self.due[str(expected.currency), purpose] += amount_minor

    def use(self, use: Use) -> None:
        used = self.uses[use.id]
        used[0] += use.amount_minor
        used[1] += 1

    def account(self, account: Mapping[str, Any]) -> list[Problem]:
        account_id = str(account.get("_id"))
        try:
            found = list(self._of_account(account))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(account_id, rule, detail) for rule, detail in found]

    def _of_account(self, account: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        account_id, balances = account["_id"], {}
        for layer in _LAYERS:
            balance = balances[layer] = account[f"{layer}_minor"]
            self.totals[str(account["currency"]), layer] += balance
            expected = self.sums.pop((account_id, layer), 0)
            if type(balance) is bool or not isinstance(balance, int) or balance != expected:
                yield f"{layer}_is_sum_of_lines", f"it is {balance!r}, the lines sum to {expected}"
        currency = self._currency_of(account_id)
        if currency not in (None, account["currency"]):
            yield "one_currency", f"it is in {account['currency']}, its entries in {currency}"
        explained = self.explained.pop(account_id, 0)
        yield from self._of_purpose(account)
        if account["customer"] is None:
            return
        if balances["held"] != explained:
            detail = f"{balances['held']} is held, its waiting orders explain {explained}"
            yield "held_is_explained", detail
        if balances["held"] < 0 or balances["posted"] - balances["held"] < 0:
            yield "not_below_zero", f"posted {balances['posted']}, held {balances['held']}"

    def _of_purpose(self, account: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """An account of the bank's own is what its id says, and no customer has one."""
        account_id, purpose = account["_id"], account.get("purpose")
        if account["customer"] is not None:
            if account_id.startswith(PREFIX) or purpose is not None:
                yield "own_purpose", f"{account['customer']} has it, its purpose is {purpose!r}"
            return
        named = parsed(account_id) if purpose_of(account_id) else None
        if named is None or (named.purpose, named.currency) != (purpose, account["currency"]):
            yield "own_purpose", f"its purpose is {purpose!r}, its currency {account['currency']}"
        if purpose in _EXPLAINED:
            self.own[str(account["currency"]), purpose] += account["posted_minor"]

    def usage(self, usage: Mapping[str, Any]) -> list[Problem]:
        used = (usage.get("amount_minor"), usage.get("count"))
        amount_minor, count = self.uses.pop(str(usage.get("_id")), [0, 0])
        if used == (amount_minor, count):
            return []
        detail = f"{used[0]} in {used[1]} orders, but orders say {amount_minor} in {count}"
        return [Problem(str(usage.get("_id")), "usage_is_orders", detail)]

    def closing(self) -> list[Problem]:
        """What remains when every account and usage was seen, and the sum over all accounts."""
        problems = [
            Problem(account_id, "account_exists", f"lines of {layer} sum to {total}")
            for (account_id, layer), total in sorted(self.sums.items())
            if total != 0  # an internal account is made when its sum is first other than zero
        ]
        problems += self._of_currencies()
        problems += [
            Problem(account_id, "account_exists", f"orders hold {held} of it")
            for account_id, held in sorted(self.explained.items())
        ]
        problems += [
            Problem(use_id, "usage_is_orders", f"nothing, but orders say {amount} in {count}")
            for use_id, (amount, count) in sorted(self.uses.items())
        ]
        problems += self._of_own()
        problems += [
            Problem(f"{currency} {layer}", "sums_to_zero", f"all accounts together have {total}")
            for (currency, layer), total in sorted(self.totals.items())
            if total != 0
        ]
        return problems

    def _of_own(self) -> Iterator[Problem]:
        """Together the networks' positions, suspense and unclaimed money are what orders say, in each currency."""
        for currency, purpose in sorted({*self.due, *self.own}):
            stands, due = self.own[currency, purpose], self.due[currency, purpose]
            if purpose in _EXPLAINED and stands != due:
                detail = f"the accounts have {stands}, orders explain {due}"
                yield Problem(f"{currency} {purpose}", "own_is_explained", detail)


def fit(expected: Expected, entries: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Whether the entries of one order are exactly those that its history makes: no more, no fewer, line by line."""
    problems = []
    found: dict[int, Mapping[str, Any]] = {
        entry.get("order_version", 0): entry for entry in entries
    }
    if len(found) != len(entries):
        versions = sorted(str(entry.get("order_version")) for entry in entries)
        problems.append(Problem(expected.order, "one_entry_a_version", f"versions {versions}"))
    holds = _holds_account_of(found.values())
    for version in sorted({*expected.kinds, *found}, key=str):
        entry, kind = found.get(version), expected.kinds.get(version)
        entry_id = f"{expected.order}:{version}"
        if entry is None:
            problems.append(Problem(entry_id, "entry_missing", f"the order has a {kind} there"))
        elif kind is None or entry.get("kind") != kind:
            detail = f"a {entry.get('kind')} where the order has {kind or 'nothing'}"
            problems.append(Problem(entry_id, "entry_fits_history", detail))
        elif not _same(entry, expected, version, holds):
            detail = f"{entry.get('currency')} {entry.get('lines')}"
            problems.append(Problem(entry_id, "lines_fit_order", detail))
    return problems


def orphan(entry: Mapping[str, Any]) -> Problem:
    return Problem(str(entry.get("_id")), "order_exists", f"there is no order {entry.get('order')}")


def _id_of(entry: Mapping[str, Any]) -> str:
    if entry["kind"] == "opening":
        return f"{entry['lines'][0]['account']}:opening"
    made = f"{entry['order']}:{entry['order_version']}"
    return f"{made}:fee" if entry["kind"] == "fee" else made


def _holds_account_of(entries: Any) -> str:
    """The account that the order's hold was made on; freeing it elsewhere would be wrong."""
    for entry in entries:
        if entry.get("kind") == "hold":
            for line in entry.get("lines") or ():
                if str(line.get("account")).startswith(HOLDS):
                    return str(line["account"])
    return f"{HOLDS}?"


def _same(found: Mapping[str, Any], expected: Expected, version: int, holds: str) -> bool:
    try:
        lines = sorted(lines_of(expected, version))
        with_network = expected.network is not None
        return found["currency"] == expected.currency and lines == _told(found, holds, with_network)
    except _BAD_DOCUMENT:
        return False


def _told(entry: Mapping[str, Any], holds: str, with_network: bool) -> list[Line]:
    """Its lines, as much of them as an order tells; a hold elsewhere than on `holds` stays as it is."""
    return sorted(
        (
            told(account, with_network=with_network)
            if account == holds or not account.startswith(HOLDS)
            else account,
            line["layer"],
            line["amount_minor"],
        )
        for line in entry["lines"]
        for account in (line["account"],)
    )
