"""The access log: one row for each look, none for its refreshes, and no look without a row."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pymongo.database import Database

from dpms_site.mongodb import Document
from tests.integration.console.builders import an_order
from tests.integration.console.people import browser_of, somebody
from tests.integration.console.records import Records
from tests.integration.console.test_pages import html_of, text_of, write
from tests.integration.console.test_second_step import enrolled, give, with_password
from tests.integration.console.test_signing_in import PASSWORD, sign_in
from tests.support.rails import a_transfer

NAME = "Bea Castillo"
# Address, action, object, query: of every page that shows something.
LOOKS: list[tuple[str, str, tuple[str, str], dict[str, str] | None]] = [
    ("/console/", "view", ("page", "overview"), None),
    ("/console/part", "view", ("page", "overview"), None),
    ("/console/live", "view", ("page", "live"), None),
    ("/console/live?q=cus_ann", "search", ("page", "live"), {"q": "cus_ann"}),
    ("/console/feed", "view", ("page", "live"), None),
    ("/console/feed?q=cus_ann", "search", ("page", "live"), {"q": "cus_ann"}),
    ("/console/orders", "view", ("page", "orders"), None),
    ("/console/orders?q=cus_ann", "search", ("page", "orders"), {"q": "cus_ann"}),
    ("/console/orders?status=HELD", "search", ("page", "orders"), {"status": "HELD"}),
    ("/console/orders/ORDER", "view", ("order", "ORDER"), None),
    ("/console/orders/ORDER/part", "view", ("order", "ORDER"), None),
    ("/console/requests", "view", ("page", "requests"), None),
    ("/console/requests?q=Rent", "search", ("page", "requests"), {"q": "Rent"}),
    ("/console/messages", "view", ("page", "messages"), None),
    ("/console/messages?type=pacs.008", "search", ("page", "messages"), {"type": "pacs.008"}),
    ("/console/messages/msg_1", "view", ("message", "msg_1"), None),
    ("/console/customers", "view", ("page", "customers"), None),
    ("/console/customers?q=bea", "search", ("page", "customers"), {"q": "bea"}),
    ("/console/customers/cus_bea", "view", ("customer", "cus_bea"), None),
    ("/console/customers/cus_bea/payees", "view", ("customer", "cus_bea"), {"part": "payees"}),
    ("/console/payees/pay_bea", "view", ("payee", "pay_bea"), None),
    ("/console/accounts", "view", ("page", "accounts"), None),
    ("/console/accounts?q=4321", "search", ("page", "accounts"), {"q": "4321"}),
    ("/console/accounts/acc_bea", "view", ("account", "acc_bea"), None),
    ("/console/accounts/acc_bea/orders", "view", ("account", "acc_bea"), {"part": "orders"}),
    ("/console/orders/ORDER/audit", "view", ("order", "ORDER"), None),
    ("/console/audit", "view", ("page", "audit"), None),
    ("/console/audit?entity=cus_ann", "search", ("page", "audit"), {"entity": "cus_ann"}),
    ("/console/dead-letters", "search", ("page", "dead-letters"), None),
    ("/console/sessions", "view", ("page", "sessions"), None),
    ("/console/access-log", "view", ("page", "access-log"), None),
    ("/console/access-log?person=eve", "search", ("page", "access-log"), {"person": "eve"}),
]


@pytest.fixture
def order_id(database: Database[Document]) -> str:
    order = an_order(payee_name=NAME)
    write(database, order)
    records = Records(database)
    records.customer(_id="cus_bea", name=NAME)
    records.payee("cus_bea", _id="pay_bea", name=NAME)
    records.account("cus_bea", _id="acc_bea")
    records.sent(a_transfer(message_id="1"), order=order["_id"])
    order_id: str = order["_id"]
    return order_id


@pytest.fixture
def carla(database: Database[Document]) -> Client:  # noqa: ARG001 - the log is emptied after the test
    """A browser of somebody who may open every page."""
    return browser_of(somebody("carla", "compliance"))


@pytest.fixture
def unwritable(database: Database[Document]) -> Iterator[None]:
    """Inserts into the log fail, and nothing else does."""
    admin, log = database.client.admin, f"{database.name}.access_log"
    admin.command(
        "configureFailPoint",
        "failCommand",
        mode="alwaysOn",
        data={"failCommands": ["insert"], "namespace": log, "errorCode": 13},
    )
    yield
    admin.command("configureFailPoint", "failCommand", mode="off")


def rows(database: Database[Document]) -> list[dict[str, Any]]:
    return list(database["access_log"].find(sort=[("$natural", 1)]))


@pytest.mark.parametrize(("address", "action", "looked_at", "query"), LOOKS)
def test_has_one_row_for_a_look(
    address: str,
    action: str,
    looked_at: tuple[str, str],
    query: dict[str, str] | None,
    carla: Client,
    order_id: str,
    database: Database[Document],
) -> None:
    answer = carla.get(address.replace("ORDER", order_id))

    assert answer.status_code == 200
    (row,) = rows(database)
    kind, name = looked_at
    assert row["object"] == {"type": kind, "id": name.replace("ORDER", order_id)}
    assert (row["action"], row["query"]) == (action, query)
    assert (row["result"], row["reason"]) == ("allowed", None)
    assert row["subject"] == {"kind": "staff", "id": "carla"}
    assert row["roles"] == ["compliance"]
    assert row["request_id"] == answer.headers["Request-Id"]


@pytest.mark.parametrize(("address", "action", "looked_at", "query"), LOOKS)
@pytest.mark.usefixtures("unwritable")
def test_refuses_a_look_that_it_cannot_keep(
    address: str,
    action: str,  # noqa: ARG001
    looked_at: tuple[str, str],  # noqa: ARG001
    query: dict[str, str] | None,  # noqa: ARG001
    carla: Client,
    order_id: str,
    database: Database[Document],
) -> None:
    answer = carla.get(address.replace("ORDER", order_id))

    assert answer.status_code == 503
    assert NAME not in answer.content.decode()
    assert "cannot be shown now" in answer.content.decode()
    assert rows(database) == []


@pytest.mark.parametrize("page", ["/console/", "/console/orders/ORDER"])
def test_has_no_row_for_refreshes_of_what_was_shown(
    page: str, carla: Client, order_id: str, database: Database[Document]
) -> None:
    address = page.replace("ORDER", order_id)
    part = f"{address.rstrip('/')}/part"
    carla.get(address)

    assert [carla.get(part).status_code for _ in range(3)] == [200, 200, 200]

    assert len(rows(database)) == 1


def test_has_no_row_for_refills_of_the_same_feed(
    carla: Client, database: Database[Document]
) -> None:
    carla.get("/console/live?q=cus_ann")
    for q in ("cus_ann", "cus_ann", "cus_bob", "cus_bob"):
        assert carla.get(f"/console/feed?q={q}").status_code == 200

    assert [row["query"] for row in rows(database)] == [{"q": "cus_ann"}, {"q": "cus_bob"}]


def test_has_a_row_for_a_part_that_the_session_was_not_shown(
    order_id: str, database: Database[Document]
) -> None:
    user = somebody("carla", "compliance")
    here, there = browser_of(user), browser_of(user)
    here.get(f"/console/orders/{order_id}")

    there.get(f"/console/orders/{order_id}/part")

    assert len({row["session"] for row in rows(database)}) == 2


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/console/orders/ord_none", 404),
        ("/console/orders?cursor=x", 400),
        ("/console/customers/cus_none", 404),
        ("/console/payees/pay_none", 404),
        ("/console/accounts/acc_none", 404),
        ("/console/customers?cursor=x", 400),
    ],
)
def test_has_a_row_for_a_look_that_found_nothing(
    address: str, status: int, carla: Client, database: Database[Document]
) -> None:
    assert carla.get(address).status_code == status

    (row,) = rows(database)
    assert (row["result"], row["reason"]) == ("failed", f"status_{status}")


def test_has_a_row_for_a_refusal(order_id: str, database: Database[Document]) -> None:
    admin = browser_of(somebody("ann", "admin"))

    assert admin.get(f"/console/orders/{order_id}").status_code == 403

    (row,) = rows(database)
    assert (row["action"], row["result"], row["reason"]) == ("denied", "denied", "orders.see")
    assert row["object"] == {"type": "address", "id": f"/console/orders/{order_id}"}
    assert row["subject"]["id"] == "ann"


@pytest.mark.parametrize(
    "address", ["/console/", "/console/orders", "/console/login/", "/console/nothing-here"]
)
def test_has_no_row_for_a_visitor_who_was_shown_nothing(
    address: str, database: Database[Document]
) -> None:
    Client().get(address)

    assert rows(database) == []


def test_has_no_row_for_the_look_of_the_pages(carla: Client, database: Database[Document]) -> None:
    carla.post("/console/appearance", {"theme": "dark"})

    assert rows(database) == []


def _staff_with_password() -> Any:
    user = somebody("otto", "operator")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.usefixtures("unwritable")
def test_refuses_a_login_that_it_cannot_keep() -> None:
    _staff_with_password()
    browser = Client()

    right, wrong = sign_in(browser, PASSWORD), sign_in(Client(), "x")

    assert (right.status_code, wrong.status_code) == (503, 503)
    assert browser.get("/console/").headers["Location"].startswith("/console/login/")


def test_refuses_a_second_step_that_it_cannot_keep(
    database: Database[Document], request: pytest.FixtureRequest
) -> None:
    code = enrolled(_staff_with_password())[0]
    browser = with_password()
    request.getfixturevalue("unwritable")

    answer = give(browser, code)

    assert answer.status_code == 503
    assert browser.get("/console/").headers["Location"].startswith("/console/login/")
    assert rows(database) == []


@pytest.mark.usefixtures("unwritable")
def test_lets_people_out_even_when_it_cannot_be_kept(carla: Client) -> None:
    assert carla.post("/console/logout/").status_code == 503

    assert carla.get("/console/").status_code == 302


@pytest.mark.usefixtures("database")
def test_says_so_on_a_locked_login_too(request: pytest.FixtureRequest) -> None:
    _staff_with_password()
    for _ in range(5):
        sign_in(Client(), "x")
    request.getfixturevalue("unwritable")

    assert sign_in(Client(), "x").status_code == 503


def test_page_lists_newest_first(carla: Client, order_id: str) -> None:
    carla.get(f"/console/orders/{order_id}")
    carla.get("/console/orders?q=<script>")

    html = html_of(carla, "/console/access-log")

    assert html.index("&lt;script&gt;") < html.index(f"?object={order_id}")
    assert "<script>" not in html
    assert "carla" in html


def test_page_finds_by_person_and_object(carla: Client, order_id: str) -> None:
    other = browser_of(somebody("otto", "operator"))
    for browser in (carla, other):
        browser.get(f"/console/orders/{order_id}")
        browser.get("/console/live")

    by_person = entries(carla, "?person=otto")
    by_object = entries(carla, f"?object={order_id}")
    by_both = entries(carla, f"?person=otto&object={order_id}")

    assert (len(by_person), len(by_object), len(by_both)) == (2, 2, 1)
    assert set(by_both) == set(by_person) & set(by_object)


def test_pages_go_back_without_loss(carla: Client, database: Database[Document]) -> None:
    for _ in range(120):
        carla.get("/console/live")
    first = {row["_id"] for row in rows(database)}

    shown, query = [], "?object=live"
    for _ in range(3):
        html = html_of(carla, f"/console/access-log{query}")
        shown += re.findall(r'data-entry="(\w+)"', html)
        following = re.search(r'href="(\?[^"]+)" rel="next"', html)
        query = unescape(following[1]) if following else ""

    assert query == ""
    assert len(shown) == 120
    assert shown == sorted(first, reverse=True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No entries yet"),
        ("?person=nobody", "No entry matches"),
        ("?cursor=1000.acl_1", "Nothing older"),
    ],
)
def test_page_says_why_it_is_empty(query: str, words: str, carla: Client) -> None:
    assert words in text_of(carla, f"/console/access-log{query}")


@pytest.mark.parametrize("cursor", ["x", "1", "99999999999999999.a", "-1.a"])
def test_page_says_what_is_wrong_with_an_address(cursor: str, carla: Client) -> None:
    text = text_of(carla, f"/console/access-log?cursor={cursor}", status=400)

    assert "could not be shown" in text


@pytest.mark.parametrize("field", ["person", "object"])
def test_page_takes_a_filter_for_what_it_says(field: str, carla: Client) -> None:
    carla.get("/console/live")

    for hostile in ('{"$ne": null}', "[$ne]", ".*", "%00"):
        assert entries(carla, f"?{field}={hostile}&{field}[$ne]=x") == []


def entries(browser: Client, query: str) -> list[str]:
    return re.findall(r'data-entry="(\w+)"', html_of(browser, f"/console/access-log{query}"))
