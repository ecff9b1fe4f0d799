"""The pages of customers and payees …"""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from pymongo.database import Database

from apps.access.roles import ROLES, Sight, sight_of
from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW, an_order, completed
from tests.integration.console.people import browser_of, somebody
from tests.integration.console.records import Records
from tests.integration.console.test_pages import HOSTILE, html_of, order_ids, text_of, write

SEEING = [role for role in ROLES if sight_of([role]) >= Sight.MASKED]


@pytest.fixture
def carla(database: Database[Document]) -> Client:  # noqa: ARG001 - the log is emptied after the test
    return browser_of(somebody("carla", "compliance"))


def ids(html: str) -> list[str]:
    return re.findall(r'<tr data-id="([^"]+)"', html)


def found(browser: Client, q: str) -> list[str]:
    answer = browser.get("/console/customers", {"q": q})
    assert answer.status_code == 200, answer.content[:500]
    return ids(answer.content.decode())


def test_list_customers_newest_first_and_the_other_way_round(
    browser: Client, records: Records
) -> None:
    older = records.customer(name="Ann Novak")
    newer = records.customer(name="Bob Okonkwo", now=NOW + timedelta(days=1))

    newest_first = html_of(browser, "/console/customers")
    oldest_first = html_of(browser, "/console/customers?sort=oldest")

    assert ids(newest_first) == [newer["_id"], older["_id"]]
    assert ids(oldest_first) == [older["_id"], newer["_id"]]
    assert "<title>2 customers - DPMS</title>" in newest_first
    assert "Bob Okonkwo" in newest_first


@pytest.mark.parametrize("sort", ["", "oldest"])
def test_page_without_loss_over_customers_of_one_instant(
    sort: str, browser: Client, records: Records
) -> None:
    written = sorted(records.customer()["_id"] for _ in range(120))

    shown, address = [], f"/console/customers?sort={sort}"
    for _ in range(3):
        html = html_of(browser, address)
        shown += ids(html)
        following = re.search(r'href="(\?[^"]+)" rel="next"', html)
        address = "/console/customers" + unescape(following[1]) if following else ""

    assert address == ""
    assert shown == (written if sort else written[::-1])


@pytest.mark.parametrize(
    "q", ["nova", "NOVAK", "ann nov", "novak ann", "o'ne", "the id", "the id's beginning"]
)
def test_find_a_customer_by_name_and_id(q: str, browser: Client, records: Records) -> None:
    wanted = records.customer(name="Ann O'Neil-Novak")
    records.customer(name="Bob Supernova", now=NOW + timedelta(days=1))
    asked = {"the id": wanted["_id"], "the id's beginning": wanted["_id"][:10]}

    assert found(browser, asked.get(q, q)) == [wanted["_id"]]


@pytest.mark.parametrize("q", ["$where", ".*", '{"$ne": null}', "(a+)+$", "[", "\\", "%00"])
def test_take_a_search_for_what_it_says(q: str, browser: Client, records: Records) -> None:
    records.customer()

    assert found(browser, q) == []


def test_filter_by_status_and_count_each(browser: Client, records: Records) -> None:
    suspended = records.customer(status="SUSPENDED")
    records.customer()
    records.customer(status="SOMETHING_NEW")

    html = html_of(browser, "/console/customers?status=SUSPENDED")

    assert ids(html) == [suspended["_id"]]
    for status, count in (("SUSPENDED", 1), ("ACTIVE", 1), ("PENDING", 0), ("SOMETHING_NEW", 1)):
        assert re.search(rf'data-count-of="{status}">{count}<', html)
    assert "<title>1 customer - DPMS</title>" in html


@pytest.mark.parametrize("q", ["ann@example.com", "ANN@example.com ", "(202) 555-0123"])
def test_find_a_customer_by_a_contact_point_that_is_theirs_or_their_alias(
    q: str, carla: Client, records: Records, database: Database[Document]
) -> None:
    own = records.customer(email="ann@example.com", phone="+12025550123")
    alias_of = records.customer()
    kept = "ann@example.com" if "@" in q else "+12025550123"

    one = carla.post("/console/customers/find", {"q": q})
    records.alias(alias_of["_id"], kept)
    two = carla.post("/console/customers/find", {"q": q})

    assert one.headers["Location"] == f"/console/customers/{own['_id']}"
    assert set(ids(two.content.decode())) == {own["_id"], alias_of["_id"]}
    logged = [row["query"]["q"] for row in database["access_log"].find({"action": "search"})]
    assert len(logged) == 2
    assert not any(kept in text.lower() or q in text for text in logged)


def test_do_not_find_by_an_alias_that_was_removed(carla: Client, records: Records) -> None:
    records.alias(records.customer()["_id"], "ann@example.com", status="REMOVED")

    answer = carla.post("/console/customers/find", {"q": "ann@example.com"})

    assert "No customer matches" in answer.content.decode()


def test_send_every_other_search_to_the_list(carla: Client) -> None:
    answer = carla.post("/console/customers/find", {"q": "Ann & Co", "status": "ACTIVE"})

    assert answer.headers["Location"] == "/console/customers?q=Ann+%26+Co&status=ACTIVE"


@pytest.mark.parametrize("role", [role for role in SEEING if sight_of([role]) < Sight.FULL])
def test_let_nobody_search_by_what_they_are_not_shown(role: str, records: Records) -> None:
    records.customer(email="ann@example.com", name="Ann Novak")

    answer = browser_of(somebody("sam", role)).post(
        "/console/customers/find", {"q": "ann@example.com"}
    )

    assert answer.status_code == 400
    assert "cannot search by them" in answer.content.decode()
    assert "Novak" not in answer.content.decode()


def test_keep_contact_points_out_of_address_lines(
    carla: Client, records: Records, database: Database[Document]
) -> None:
    records.customer(email="ann@example.com")

    answer = carla.get("/console/customers", {"q": "ann@example.com"})

    assert answer.status_code == 400
    assert "do not belong in an address line" in answer.content.decode()
    (row,) = database["access_log"].find()
    assert row["query"] == {"q": "a•••@example.com"}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "query", ["cursor=x", "sort=name", "q=" + "x" * 201, "status=" + "x" * 201]
)
def test_say_what_is_wrong_with_an_address(query: str, browser: Client) -> None:
    assert "could not be shown" in text_of(browser, f"/console/customers?{query}", status=400)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/console/customers", "No customers yet"),
        ("/console/customers?q=zoe", "No customer matches"),
        ("/console/customers?cursor=1000.cus_1", "Nothing further"),
    ],
)
def test_say_why_they_are_empty(address: str, words: str, browser: Client) -> None:
    assert words in text_of(browser, address)


@pytest.mark.parametrize("role", SEEING)
def test_show_of_a_profile_what_the_role_may_see(role: str, records: Records) -> None:
    customer = records.customer(
        name="Ann (ann@example.com)", email="ann@example.com", phone="+12025550123"
    )
    records.alias(customer["_id"], "work@example.org")
    records.payee(customer["_id"], name="Bea bea@example.com")
    browser = browser_of(somebody("sam", role))

    texts = "".join(
        html_of(browser, f"/console/customers{path}").lower()
        for path in ("", f"/{customer['_id']}", f"/{customer['_id']}/payees")
    )

    full = sight_of([role]) is Sight.FULL
    for secret in ("ann@example.com", "work@example.org", "bea@example.com", "+12025550123"):
        assert (secret in texts) is full, secret
    for withheld in ("1990-05-17", "1 elm street"):
        assert (withheld in texts) is full, withheld
    assert ("a•••@example.com" in texts) is not full
    assert "springfield" in texts


def test_tell_of_a_customer_what_belongs_to_them(
    browser: Client, records: Records, database: Database[Document]
) -> None:
    customer = records.customer(name="Ann Novak")
    account = records.account(customer["_id"], posted_minor=123_456, held_minor=56)
    records.alias(customer["_id"], "ann@example.com")
    records.payee(customer["_id"])
    sent, other = completed(an_order()), an_order()
    sent["debtor"]["customer"] = sent["route"]["customer"] = customer["_id"]
    write(database, sent, other)

    html = html_of(browser, f"/console/customers/{customer['_id']}")
    text = text_of(browser, f"/console/customers/{customer['_id']}")

    assert order_ids(html) == [sent["_id"]]
    assert f'href="/console/accounts/{account["_id"]}"' in html
    assert f'href="/console/orders?q=customer%3A{customer["_id"]}"' in html
    assert "1,234.00 USD available" in text
    assert "1,234.56 posted, 0.56 set aside" in text
    assert "1 payee" in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


def test_list_the_payees_of_one_customer_with_where_money_goes(
    browser: Client, records: Records
) -> None:
    customer = records.customer()["_id"]
    iban = records.payee(customer, alias=None, iban="DE89370400440532013000", trust="SUSPENDED")
    bank = {"routing_number": "021000021", "account_last4": "8899"}
    account = records.payee(
        customer, alias=None, account=bank, status="REMOVED", now=NOW - timedelta(days=1)
    )
    records.payee(records.customer()["_id"])

    html = html_of(browser, f"/console/customers/{customer}/payees")
    text = text_of(browser, f"/console/customers/{customer}/payees")

    assert ids(html) == [iban["_id"], account["_id"]]
    assert "IBAN DE89 •••• 3000" in text
    assert "370400440532013000" not in html
    assert "Account 021000021 ••••8899" in text
    assert "Suspended Close match" in text
    active = html_of(browser, f"/console/customers/{customer}/payees?status=ACTIVE")
    assert ids(active) == [iban["_id"]]


def test_show_a_payee_with_the_orders_to_it(
    browser: Client, records: Records, database: Database[Document]
) -> None:
    customer = records.customer(name="Ann Novak")
    payee = records.payee(customer["_id"])
    to_it, to_another, of_another = an_order(), an_order(), an_order()
    for order in (to_it, to_another):
        order["debtor"]["customer"] = order["route"]["customer"] = customer["_id"]
    to_it["payee"] = of_another["payee"] = payee["_id"]
    write(database, to_it, to_another, of_another)

    html = html_of(browser, f"/console/payees/{payee['_id']}")

    assert order_ids(html) == [to_it["_id"]]
    assert "Ann Novak" in html
    assert re.search(r'href="/console/customers" aria-current="page"', html)


@pytest.mark.parametrize("what", ["customers", "payees"])
def test_show_hostile_words_as_text(what: str, browser: Client, records: Records) -> None:
    customer = records.customer(name=HOSTILE, reference=HOSTILE, reason=HOSTILE)
    payee = records.payee(customer["_id"], name=HOSTILE)
    one = customer if what == "customers" else payee

    for address in ("/console/customers", f"/console/{what}/{one['_id']}"):
        html = html_of(browser, address)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("record", ["customers/cus_x", "customers/cus_x/payees", "payees/%3Cb%3E"])
def test_say_that_there_is_no_such_record(record: str, browser: Client) -> None:
    assert "There is nothing at this address" in text_of(browser, f"/console/{record}", status=404)


def test_lead_from_an_order_to_those_it_names(
    browser: Client, database: Database[Document]
) -> None:
    order = completed(an_order())
    order["creditor"] = {"customer": "cus_bea", "account": "acc_bea"}
    write(database, order)

    html = html_of(browser, f"/console/orders/{order['_id']}")

    for place in ("customers/cus_ann", "accounts/acc_ann", "customers/cus_bea", "accounts/acc_bea"):
        assert f'href="/console/{place}"' in html
    assert 'href="/console/payees/pay_bea"' in html
