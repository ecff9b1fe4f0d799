"""A filter of orders decides the same in MongoDB and over a row of the feed."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from apps.console import selectors
from apps.console.filter import parsed
from apps.console.rows import stored_row
from apps.kernel.money import MINOR_DIGITS
from apps.transactions.domain.order import Order
from dpms_site.mongodb import Document
from streaming.contracts.codec import storable
from tests.integration.console.builders import NOW

CUSTOMERS = ["cus_ann", "cus_bea", "cus_ann2"]
KINDS = ["send", "receive", "request", "return"]
STATUSES = ["RECEIVED", "HELD", "COMPLETED", "REJECTED"]
REFERENCES = ["Rent", "rent", "Rent 12", "status:HELD", "ord_1", ""]
CURRENCIES = [*MINOR_DIGITS, "ZZZ"]


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    status = draw(st.sampled_from(STATUSES))
    creditor = draw(st.none() | st.sampled_from(CUSTOMERS))
    kind = draw(st.sampled_from(KINDS))
    someone = st.none() | st.sampled_from(CUSTOMERS)
    ours = {"customer": draw(st.sampled_from(CUSTOMERS)), "account": "acc_3"}
    for_them = {"route": {"customer": ours["customer"]}}
    told: dict[str, dict[str, Any]] = {
        "send": {"debtor": ours, **for_them},
        "receive": {"debtor_name": "Carl", "route": {"customer": draw(someone)}},
        "request": {"payer": draw(someone), "account": None},
        "return": {
            "account": ours,
            "direction": draw(st.sampled_from(["inward", "outward"])),
            **for_them,
        },
    }
    if kind == "return":
        creditor = ours["customer"] if told["return"]["direction"] == "inward" else None
    return {
        "kind": kind,
        **told[kind],
        "product": draw(st.sampled_from(["zelle", "wire"])),
        "creditor": creditor and {"customer": creditor, "account": "acc_2"},
        "payee_name": "Bea",
        "alias_key": "email:bea@example.com",
        "amount_minor": draw(st.integers(0, 3_000) | st.just(10**15)),
        "currency": draw(st.sampled_from(CURRENCIES)),
        "reference": draw(st.none() | st.sampled_from(REFERENCES)),
        "status": status,
        "iso_status": "PDNG",
        "reason": None,
        "final": status in ("COMPLETED", "REJECTED"),
        "version": 1,
        "history": [{"status": "OTHER", "reason": None}],
        "created_at": NOW + timedelta(milliseconds=draw(st.integers(0, 3))),
        "updated_at": NOW,
    }


def several(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(strategy, min_size=1, max_size=3).map(",".join)


amounts = st.one_of(
    st.integers(0, 40).map(str),
    st.decimals(0, 31, places=2).map(str),
    st.decimals(0, 4, places=3).map(str),
)
terms = st.one_of(
    st.builds("{}status:{}".format, st.sampled_from(["", "-"]), several(st.sampled_from(STATUSES))),
    st.builds("{}kind:{}".format, st.sampled_from(["", "-"]), several(st.sampled_from(KINDS))),
    st.builds("{}product:{}".format, st.sampled_from(["", "-"]), st.sampled_from(["zelle", "x"])),
    st.builds("{}currency:{}".format, st.sampled_from(["", "-"]), st.sampled_from(CURRENCIES)),
    st.builds("{}customer:{}".format, st.sampled_from(["", "-"]), st.sampled_from(CUSTOMERS)),
    st.builds("{}is:{}".format, st.sampled_from(["", "-"]), st.sampled_from(["open", "final"])),
    st.builds("amount{}{}".format, st.sampled_from([">=", "<="]), amounts),
    st.integers(0, 12).map("ord_{}".format),
    st.sampled_from(REFERENCES).map('"{}"'.format),
    st.sampled_from(["Rent", "12", "cus_bea"]),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=st.lists(orders(), max_size=12), asked=st.lists(terms, max_size=3).map(" ".join))
def test_lists_exactly_the_orders_whose_rows_it_holds_for(
    found: list[dict[str, Any]], asked: str, database: Database[Document]
) -> None:
    database["orders"].delete_many({})
    bank: list[Order] = [{"_id": f"ord_{n}", **order} for n, order in enumerate(found)]  # type: ignore[typeddict-item]
    if bank:
        database["orders"].insert_many([storable(order) for order in bank])
    wanted = {order["_id"] for order in bank if parsed(asked).holds(stored_row(order))}

    listed = database["orders"].find(parsed(asked).query, {"_id": 1})

    assert {order["_id"] for order in listed} == wanted
    assert selectors.count(parsed(asked)) == len(wanted)
