"""The pages of accounts …"""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout

from apps.console import selectors_accounts
from apps.console.timeline import MINUS
from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW, an_order, completed
from tests.integration.console.records import HOLDS, Records, a_capture, a_hold, an_opening
from tests.integration.console.test_customer_pages import ids
from tests.integration.console.test_pages import html_of, order_ids, text_of, write


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def statement(html: str) -> list[list[str]]:
    """The cells of each entry: set aside, posted, balance after, available (or set aside) after; ? is a dash."""
    html = html.replace(MINUS, "-").replace("\N{EN DASH}", "?")
    rows = re.findall(r'<tr data-id="[^"]+".*?</tr>', html, re.S)
    return [re.findall(r'<td class="c-amount[^"]*">([^<]*)</td>', row) for row in rows]


@pytest.fixture
def ann(records: Records) -> str:
    """An account with 100.00, of which 30.00 were paid to Bea and 5.00 are set aside."""
    for internal in (HOLDS, "acc_int_funding_USD"):
        records.account(None, _id=internal)
    records.customer(_id="cus_ann", name="Ann Novak")
    records.account("cus_ann", _id="acc_ann", number_last4="4321")
    records.account("cus_bea", _id="acc_bea", number_last4="8765", now=NOW + timedelta(days=1))
    records.post(
        an_opening("acc_ann", 100_00),
        a_hold("ord_1", "acc_ann", 30_00, at=later(1)),
        a_capture("ord_1", "acc_ann", "acc_bea", 30_00, at=later(2)),
        a_hold("ord_2", "acc_ann", 5_00, at=later(3)),
    )
    return "acc_ann"


def test_say_with_each_entry_who_paid_whom(
    browser: Client, ann: str, database: Database[Document]
) -> None:
    write(database, {**an_order(), "_id": "ord_1"})

    text = text_of(browser, f"/console/accounts/{ann}")

    assert text.count("Ann Novak → to Bea Castillo") == 2
    assert text.count("Money set aside") == 2


def test_show_each_entry_with_the_balances_after_it(browser: Client, ann: str) -> None:
    html = html_of(browser, f"/console/accounts/{ann}")

    assert statement(html) == [
        ["+5.00", "", "70.00", "65.00"],
        ["-30.00", "-30.00", "70.00", "70.00"],
        ["+30.00", "", "100.00", "70.00"],
        ["", "+100.00", "100.00", "100.00"],
    ]
    assert 'href="/console/orders/ord_1"' in html
    text = text_of(browser, f"/console/accounts/{ann}")
    assert "65.00 USD available" in text
    assert "••••8765 posted, credit +30.00" in text
    assert "do not add up" not in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


def test_go_on_with_the_balances_on_older_pages(browser: Client, records: Records) -> None:
    """All in one millisecond: the order's version says what came first, also where "10" sorts before "9"."""
    records.account("cus_ann", _id="acc_ann")
    orders = [f"ord_{number}" for number in range(60)]
    records.post(
        *(a_capture(order, "acc_ann", "acc_bea", 1_00, version=10) for order in orders),
        *(a_hold(order, "acc_ann", 1_00, version=9) for order in orders),
        an_opening("acc_ann", 200_00),
    )

    posted, available, address = [], [], "/console/accounts/acc_ann"
    for _ in range(3):
        html = html_of(browser, address)
        posted += [cells[2] for cells in statement(html)]
        available += [cells[3] for cells in statement(html)]
        following = re.search(r'href="(\?[^"]+)" rel="next"', html)
        address = "/console/accounts/acc_ann" + unescape(following[1]) if following else ""

    assert address == ""
    assert posted == [f"{whole}.00" for whole in range(140, 200)] + ["200.00"] * 61
    assert available == ["140.00"] * 60 + [f"{whole}.00" for whole in range(140, 201)]
    assert "do not add up" not in html


def test_say_that_entries_do_not_add_up(
    browser: Client, ann: str, database: Database[Document]
) -> None:
    database["accounts"].update_one({"_id": ann}, {"$inc": {"posted_minor": 1}})

    assert "The entries do not add up" in text_of(browser, f"/console/accounts/{ann}")


def test_leave_balances_out_that_nobody_can_tell_in_time(
    browser: Client, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object) -> None:
        raise ExecutionTimeout("too slow")

    monkeypatch.setattr(selectors_accounts, "_sums_up_to", too_slow)

    html = html_of(browser, f"/console/accounts/{ann}")

    assert statement(html)[0] == ["+5.00", "", "?", "?"]
    assert "could not be told in time" in html


@pytest.mark.usefixtures("ann")
def test_show_the_other_side_from_the_banks_own_account(browser: Client) -> None:
    html = html_of(browser, f"/console/accounts/{HOLDS}")

    assert statement(html) == [
        ["-5.00", "", "0.00", "-5.00"],
        ["+30.00", "", "0.00", "0.00"],
        ["-30.00", "", "0.00", "-30.00"],
    ]
    assert "available" not in text_of(browser, f"/console/accounts/{HOLDS}")
    assert browser.get(f"/console/accounts/{HOLDS}/orders").status_code == 404


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["acc_bea", HOLDS, "acc_int_funding_USD", "acc_ann"]),
        ("sort=oldest", ["acc_ann", "acc_int_funding_USD", HOLDS, "acc_bea"]),
        ("q=4321", ["acc_ann"]),
        ("q=cus_ann", ["acc_ann"]),
        ("q=acc_int_", [HOLDS, "acc_int_funding_USD"]),
        ("kind=internal", [HOLDS, "acc_int_funding_USD"]),
        ("status=CLOSED", []),
    ],
)
def test_list_accounts(query: str, found: list[str], browser: Client) -> None:
    html = html_of(browser, f"/console/accounts?{query}")

    assert ids(html) == found
    assert ("Ann Novak" in html) is ("acc_ann" in found)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("query", ["cursor=x", "sort=x", "kind=gold", "q=Ann", 'q={"$ne":1}'])
def test_say_what_is_wrong_with_an_address(query: str, browser: Client) -> None:
    assert "could not be shown" in text_of(browser, f"/console/accounts?{query}", status=400)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No accounts yet"),
        ("q=4321", "No account matches"),
        ("cursor=1000.acc_1", "Nothing further"),
    ],
)
def test_say_why_they_are_empty(query: str, words: str, browser: Client) -> None:
    assert words in text_of(browser, f"/console/accounts?{query}")


@pytest.mark.usefixtures("ann")
def test_list_the_orders_that_pay_from_an_account_or_into_it(
    browser: Client, database: Database[Document]
) -> None:
    out, into, elsewhere = an_order(), completed(an_order(now=NOW - timedelta(days=1))), an_order()
    into["debtor"] = {"customer": "cus_zoe", "account": "acc_zoe"}
    into["creditor"] = {"customer": "cus_ann", "account": "acc_ann"}
    elsewhere["debtor"] = {"customer": "cus_ann", "account": "acc_other"}
    write(database, out, into, elsewhere)

    html = html_of(browser, "/console/accounts/acc_ann/orders")

    assert order_ids(html) == [out["_id"], into["_id"]]
    assert "Ann Novak" in html


def test_of_a_closed_account_say_when_and_why(browser: Client, records: Records) -> None:
    closed = {"at": later(5), "reason": "moves abroad", "request_id": "req_1"}
    records.account("cus_cy", _id="acc_cy", status="CLOSED", version=2, closed=closed)

    one = text_of(browser, "/console/accounts/acc_cy")
    listed = ids(html_of(browser, "/console/accounts?status=CLOSED"))

    assert re.search("Closed .* : moves abroad", one), one
    assert listed == ["acc_cy"]
