"""The ledger's checker on a bank with every fate of orders of every kind: nothing to say, and each lost entry named."""

from collections import defaultdict
from typing import Any

from apps.ledger.domain.internal import parsed
from apps.transactions.domain.verify_money import use_of
from streaming.contracts.codec import storable
from tests.integration.sor.bank import Bank
from tests.support.core import NOW
from tests.support.fates import FATES


def _named(value: Any, was: str, order: str) -> Any:
    """The same with an id of the order's own, on the sub-accounts of a settle shard."""
    if isinstance(value, dict):
        return {name: _named(inner, was, order) for name, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, was, order) for inner in value]
    if isinstance(value, str):
        return value.replace(was, order).replace("_zelle_USD", "_zelle_USD_7")
    return value


def _lay_down(bank: Bank) -> list[str]:
    """Every fate once; answers the ids of the entries."""
    bank.enrols("ann", "bob", posted_minor=100_000)
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"posted": 0, "held": 0})
    entry_ids = []
    for number, fate in enumerate(FATES.values(), start=1):
        order, entries = fate()
        was, name = order["_id"], f"ord_{number:02}"
        order = _named(order, was, name)
        if order["kind"] == "return":
            order["caused_by"] = "ord_02"  # the send order that its network paid
        bank.db.orders.insert_one(storable(order))
        use = use_of(order)
        if use is not None:
            change = {"amount_minor": use.amount_minor, "count": 1}
            bank.db.limit_usage.update_one({"_id": use.id}, {"$inc": change}, upsert=True)
        for entry in _named(entries, was, name):
            bank.db.entries.insert_one(storable(entry))
            entry_ids.append(entry["_id"])
            for line in entry["lines"]:
                sums[line["account"]][line["layer"]] += line["amount_minor"]
    for account, of_account in sums.items():
        _add(bank, account, of_account)
    return entry_ids


def _add(bank: Bank, account: str, sums: dict[str, int]) -> None:
    fields = {"customer": None, "currency": "USD", "status": "OPEN", "opened_at": NOW}
    if account.startswith("acc_int_"):
        fields["purpose"] = parsed(account).purpose
    change = storable({f"{layer}_minor": amount for layer, amount in sums.items()})
    bank.db.accounts.update_one(
        {"_id": account}, {"$inc": change, "$setOnInsert": fields}, upsert=True
    )


def test_every_fate_of_every_kind_is_explained_and_each_lost_entry_named(bank: Bank) -> None:
    entry_ids = _lay_down(bank)

    assert bank.problems() == []

    for entry_id in entry_ids:
        lost = bank.db.entries.find_one_and_delete({"_id": entry_id})
        assert lost is not None
        found = {(problem.id, problem.rule) for problem in bank.problems()}
        assert (entry_id, "entry_missing") in found
        bank.db.entries.insert_one(lost)
