"""What must hold of the ledger in every snapshot: the rules that `verify_ledger` checks, fed document by document."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.kernel.findings import Problem
from apps.ledger.domain.entry import Entry, Kind, capture, hold, transfer, void

_LAYERS = ("posted", "held")
# Of entries in a wrong currency so many are named for each account.
_SHOWN_MAX = 20
_BAD_DOCUMENT = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Expected:
    """An order as the ledger must show it: the kind of entry that each of its versions made."""

    order: str
    kinds: Mapping[int, Kind]
    debtor: str
    creditor: str | None
    currency: str
    amount_minor: int
    is_holding: bool


@dataclass(frozen=True)
class Use:
    """What one order counts in the limits of the day `id`."""

    id: str
    amount_minor: int


class Books:
    """Adds up entries, orders and uses; then accounts and usage are compared with the sums.

    Feed entries and orders first, accounts and usage after, `closing` last.
    """

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str], int] = defaultdict(int)
        # Of each account, by currency: how many lines, and the first entries they are in.
        self.currencies: dict[str, dict[str, tuple[int, list[str]]]] = defaultdict(dict)
        self.explained: dict[str, int] = defaultdict(int)
        self.uses: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.totals: dict[tuple[str, str], int] = defaultdict(int)

    def entry(self, entry: Mapping[str, Any]) -> list[Problem]:
        """Adds the entry's lines and tells what is wrong with it alone."""
        entry_id = str(entry.get("_id"))
        try:
            found = list(self._of_entry(entry))
        except _BAD_DOCUMENT as error:
            found = [("readable", f"{type(error).__name__}: {error}")]
        return [Problem(entry_id, rule, detail) for rule, detail in found]

    def _of_entry(self, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        sums = dict.fromkeys(_LAYERS, 0)
        for line in entry["lines"]:
            account, amount_minor = str(line["account"]), line["amount_minor"]
            if not isinstance(amount_minor, int) or isinstance(amount_minor, bool):
                yield "whole_amounts", f"a line of {account} is {amount_minor!r}"
                continue
            sums[line["layer"]] += amount_minor
            self.sums[account, line["layer"]] += amount_minor
            self._count_currency(account, entry)
        if len(entry["lines"]) < 2 or any(sums.values()):
            yield "entry_balanced", f"{len(entry['lines'])} lines sum to {sums}"
        expected = _id_of(entry)
        if entry["_id"] != expected:
            yield "entry_id", f"its cause makes the id {expected}"

    def _count_currency(self, account: str, entry: Mapping[str, Any]) -> None:
        of_account, currency = self.currencies[account], str(entry["currency"])
        number, entries = of_account.get(currency, (0, []))
        if len(entries) < _SHOWN_MAX:
            entries.append(str(entry["_id"]))
        of_account[currency] = number + 1, entries

    def _currency_of(self, account: str) -> str | None:
        """The currency of most of its lines."""
        found = self.currencies.get(account, {})
        return max(found, key=lambda currency: found[currency][0], default=None)

    def _of_currencies(self) -> Iterator[Problem]:
        for account, of_account in sorted(self.currencies.items()):
            currency = self._currency_of(account)
            for other in of_account.keys() - {currency}:
                for entry in of_account[other][1]:
                    detail = f"{account} has {currency}, the entry {other}"
                    yield Problem(entry, "one_currency", detail)

    def order(self, expected: Expected) -> None:
        """Counts what the order holds."""
        if expected.is_holding:
            self.explained[expected.debtor] += expected.amount_minor

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
        if account["customer"] is None:
            return
        if balances["held"] != explained:
            detail = f"{balances['held']} is held, its waiting orders explain {explained}"
            yield "held_is_explained", detail
        if balances["held"] < 0 or balances["posted"] - balances["held"] < 0:
            yield "not_below_zero", f"posted {balances['posted']}, held {balances['held']}"

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
        problems += [
            Problem(f"{currency} {layer}", "sums_to_zero", f"all accounts together have {total}")
            for (currency, layer), total in sorted(self.totals.items())
            if total != 0
        ]
        return problems


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
        elif not _same(entry, _entry(expected, kind, version, holds, entry)):
            detail = f"{entry.get('currency')} {entry.get('lines')}"
            problems.append(Problem(entry_id, "lines_fit_order", detail))
    return problems


def orphan(entry: Mapping[str, Any]) -> Problem:
    return Problem(str(entry.get("_id")), "order_exists", f"there is no order {entry.get('order')}")


def _id_of(entry: Mapping[str, Any]) -> str:
    if entry["kind"] == "opening":
        return f"{entry['lines'][0]['account']}:opening"
    return f"{entry['order']}:{entry['order_version']}"


def _holds_account_of(entries: Any) -> str:
    """The account that the order's hold was made on; freeing it elsewhere would be wrong."""
    for entry in entries:
        if entry.get("kind") == "hold":
            for line in entry.get("lines") or ():
                if str(line.get("account")).startswith("acc_int_holds_"):
                    return str(line["account"])
    return "acc_int_holds_?"


def _entry(
    expected: Expected, kind: Kind, version: int, holds: str, found: Mapping[str, Any]
) -> Entry:
    given: dict[str, Any] = {
        "order": expected.order,
        "version": version,
        "debtor": expected.debtor,
        "amount_minor": expected.amount_minor,
        "currency": expected.currency,
        "at": found.get("at"),
    }
    # Paid by the network when the order names no creditor of ours.
    creditor = expected.creditor or _settlement_account_of(found)
    if kind == "transfer":
        return transfer(**given, creditor=creditor)
    if kind == "capture":
        return capture(**given, creditor=creditor, holds=holds)
    return hold(**given, holds=holds) if kind == "hold" else void(**given, holds=holds)


def _settlement_account_of(entry: Mapping[str, Any]) -> str:
    for line in entry.get("lines") or ():
        if str(line.get("account")).startswith("acc_int_settlement_"):
            return str(line["account"])
    return "acc_int_settlement_?"


def _same(found: Mapping[str, Any], expected: Entry) -> bool:
    try:
        return found["currency"] == expected["currency"] and _lines(found) == _lines(expected)
    except _BAD_DOCUMENT:
        return False


def _lines(entry: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return sorted((line["account"], line["layer"], line["amount_minor"]) for line in entry["lines"])
