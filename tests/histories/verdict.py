"""What must hold when a history has come to rest: the rules of the project's checkers, and the far sides' own books."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from apps.kernel.findings import Problem
from apps.ledger.domain.internal import PREFIX, parsed
from apps.ledger.domain.verify import Books, fit, orphan
from apps.rails.domain.verify import Exchange
from apps.rails.simulators.bank_side import TAKEN
from apps.transactions.domain.outgoing import end_to_end_id_of
from apps.transactions.domain.verify import problems_of
from apps.transactions.domain.verify_links import Links
from apps.transactions.domain.verify_money import expected_of, limit_problem_of, use_of
from apps.transactions.domain.verify_requests import Requests
from apps.transactions.products.registry import PRODUCTS
from tests.histories.far_side import Row
from tests.histories.store import Document

if TYPE_CHECKING:
    from tests.histories.history import History

_NETWORKS = {name: product.network for name, product in PRODUCTS.items()}
_PAYS = (("send", "COMPLETED"), ("receive", "POSTED"))


def problems_of_the_end(history: "History") -> list[Problem]:
    """Every rule that the history broke, on its way or at its end."""
    return [
        *history.store.problems,
        *_orders(history),
        *_ledger(history),
        *_requests_and_commands(history),
        *_paid_requests(history),
        *_networks(history),
        *_letters(history),
    ]


def _orders(history: "History") -> Iterator[Problem]:
    links = Links()
    for order in history.store.orders.values():
        yield from problems_of(order, all_final=True)
        problem = limit_problem_of(order)
        if problem is not None:
            yield problem
        links.keep(order)
    yield from links.closing()


def _ledger(history: "History") -> Iterator[Problem]:
    """Each order left exactly the entries of its history; balances are sums, money is conserved, no hold is left."""
    store, books = history.store, Books()
    entries: dict[str, list[Document]] = defaultdict(list)
    for entry in store.entries.values():
        yield from books.entry(entry)
        entries[entry["order"]].append(entry)
    entries.pop(None, None)  # type: ignore[call-overload]  # opening balances are no order's
    for order in store.orders.values():
        expected = expected_of(order, _NETWORKS)
        yield from fit(expected, entries.pop(order["_id"], []))
        books.order(expected)
        use = use_of(order)
        if use is not None:
            books.use(use)
    for left in entries.values():
        yield from map(orphan, left)
    for account in store.accounts.values():
        yield from books.account(account)
    for usage in store.limit_usage.values():
        yield from books.usage(usage)
    yield from books.closing()


def _requests_and_commands(history: "History") -> Iterator[Problem]:
    store, requests = history.store, Requests()
    for order in store.orders.values():
        yield from requests.order(order)
    for case in store.cases.values():
        yield from requests.case(case)
    for command_id, command in store.commands.items():
        outcome = store.outcomes.get(command_id)
        if outcome is None:
            yield Problem(command_id, "all_answered", f"{command['type']} waits")
        yield from requests.command(command, outcome)
    for outcome_id, outcome in store.outcomes.items():
        if outcome_id not in store.commands:
            yield from requests.command(None, outcome)
    yield from requests.closing()


def _paid_requests(history: "History") -> Iterator[Problem]:
    """A request is PAID exactly when a payment of it is, unless it was over before the money came."""
    paid: dict[str, list[Document]] = defaultdict(list)
    for order in history.store.orders.values():
        if (order["kind"], order["status"]) in _PAYS and "caused_by" in order:
            paid[order["caused_by"]].append(order)
    for order in history.store.orders.values():
        if order["kind"] != "request" or "shares" in order:
            continue
        payments = paid[order["_id"]]
        if len(payments) > 1:
            yield Problem(
                order["_id"], "paid_once", f"{[each['_id'] for each in payments]} paid it"
            )
        in_time = any(each["updated_at"] < order["updated_at"] for each in payments)
        if in_time if order["status"] != "PAID" else not payments:
            detail = f"it is {order['status']} and {len(payments)} payments of it are made"
            yield Problem(order["_id"], "paid_when_paid", detail)


def _networks(history: "History") -> Iterator[Problem]:
    """What each network counts of each payment is what stands on its settlement accounts, or people know why not."""
    store, exchange = history.store, Exchange()
    for message in store.rail_messages.values():
        yield from exchange.message(message)
    moved, explained = _moved(history), _explained(history)
    for network in history.networks.values():
        for about, rule, detail in network.problems:
            yield Problem(about, rule, detail)
        for end_to_end_id, row in network.payments.items():
            key = (network.name, end_to_end_id)
            told = explained.get(key, set())
            theirs = row.taken_minor - row.returned_minor
            ours = moved.pop(key, 0)
            if (theirs if row.is_ours else -theirs) != ours and not told:
                detail = f"{network.name} counts {theirs} (ours: {row.is_ours}), we moved {ours}"
                yield Problem(end_to_end_id, "settled_alike", detail)
            yield from _cases(end_to_end_id, row, told)
            if "RJCT" in row.said and row.said & TAKEN and row.returned_minor == 0:
                yield Problem(end_to_end_id, "one_answer", f"we said {sorted(row.said)}")
    for (name, end_to_end_id), amount_minor in moved.items():
        if amount_minor:
            yield Problem(end_to_end_id, "settled_alike", f"{name} knows nothing of {amount_minor}")


def _moved(history: "History") -> dict[tuple[str, str], int]:
    """By network and end-to-end id: what orders moved on settlement accounts."""
    moved: dict[tuple[str, str], int] = defaultdict(int)
    orders = history.store.orders
    for entry in history.store.entries.values():
        for line in entry["lines"]:
            if line["account"].startswith(f"{PREFIX}settlement"):
                order = orders[entry["order"]]
                network = parsed(line["account"]).network or ""
                moved[network, end_to_end_id_of(order)] += line["amount_minor"]  # type: ignore[arg-type]
    return moved


def _explained(history: "History") -> dict[tuple[str, str], set[str]]:
    """By network and end-to-end id: the cases that people have of it."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for case in history.store.cases.values():
        order = history.store.orders[case["order"]]
        if case["kind"] != "dispute":
            key = (_NETWORKS[order["product"]], end_to_end_id_of(order))  # type: ignore[arg-type]
            found[key].add(case["kind"])
    return found


def _cases(end_to_end_id: str, row: Row, told: set[str]) -> Iterator[Problem]:
    """People are asked exactly when a network contradicted itself or gave back what it never got."""
    if not row.is_ours:
        return
    is_odd = row.returned_minor > row.taken_minor
    if row.lied and not told:
        yield Problem(end_to_end_id, "contradiction_is_told", "both answers came and nobody knows")
    if told and not (row.lied or is_odd):
        detail = (
            f"{sorted(told)}, though {row.taken_minor} was paid and {row.returned_minor} came back"
        )
        yield Problem(end_to_end_id, "case_has_a_reason", detail)


def _letters(history: "History") -> Iterator[Problem]:
    for letter_id, letter in history.store.dead_letters.items():
        yield Problem(letter_id, "no_dead_letter", f"{letter['reason']}: {letter['detail']}")
