"""The console's pages …"""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pymongo.database import Database
from pymongo.errors import ServerSelectionTimeoutError

from apps.console import selectors
from apps.transactions.domain.order import Order
from dpms_site.mongodb import Document
from streaming.contracts.codec import storable
from tests.integration.console.builders import NOW, an_order, completed, moved
from tests.integration.console.people import browser_of, somebody

PASSWORD = "correct horse battery staple"
PAGES = ["/console/", "/console/live", "/console/orders", "/console/dead-letters"]
HOSTILE = "<script>alert(1)</script>\"'&\u202egnp.exe"


def write(database: Database[Document], *orders: Order) -> None:
    database["orders"].insert_many([storable(order) for order in orders])


def text_of(browser: Client, address: str, *, status: int = 200) -> str:
    """What a reader sees: tags out, entities resolved, blanks folded."""
    html = html_of(browser, address, status=status)
    body = re.sub(r"<svg.*?</svg>|<template.*?</template>|<head>.*?</head>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def html_of(browser: Client, address: str, *, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def order_ids(html: str) -> list[str]:
    return re.findall(r'data-id="(ord_[^"]+)"', html)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("address", [*PAGES, "/console/orders/ord_1", "/console/orders/ord_1/part"])
def test_send_a_visitor_to_the_login_and_back(address: str) -> None:
    answer = Client().get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/console/login/?next={address}"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("address", PAGES)
def test_are_refused_to_whoever_is_no_staff(address: str) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("eve"))

    assert "You may not see this" in text_of(stranger, address, status=403)


def test_let_staff_in_and_out(staff: User) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    browser = Client()
    form = {"username": staff.username, "password": PASSWORD, "next": "/console/live"}

    answer = browser.post("/console/login/", form)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/live")
    assert browser.get("/console/live").status_code == 200
    browser.post("/console/logout/")
    assert browser.get("/console/live").status_code == 302


def test_refuse_a_wrong_password_without_saying_which_part_is_wrong(staff: User) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    browser = Client()

    wrong = browser.post("/console/login/", {"username": staff.username, "password": "x"})
    unknown = browser.post("/console/login/", {"username": "nobody", "password": "x"})

    for answer in (wrong, unknown):
        assert answer.status_code == 200
        assert "do not fit together" in answer.content.decode()
    assert browser.get("/console/live").status_code == 302


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("address", [*PAGES, "/console/login/", "/console/nothing-here"])
def test_forbid_whatever_is_inline_or_from_elsewhere(address: str, browser: Client) -> None:
    answer = browser.get(address)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', html)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/console/", "No orders yet"),
        ("/console/live", "No payments yet"),
        ("/console/orders", "No orders yet"),
        ("/console/orders?status=HELD", "No order matches"),
        ("/console/orders?q=Rent", "No order matches"),
        ("/console/orders?cursor=1000.ord_1", "Nothing older"),
        ("/console/dead-letters", "No dead letters"),
    ],
)
def test_say_why_they_are_empty(address: str, words: str, browser: Client) -> None:
    assert words in text_of(browser, address)


@pytest.mark.parametrize(
    ("status", "words"),
    [("COMPLETED", "1 order matches, newest"), ("REJECTED", "2 orders match, newest")],
)
def test_say_how_many_match(
    status: str, words: str, browser: Client, database: Database[Document]
) -> None:
    write(database, completed(an_order()))
    write(database, *(moved(an_order(), "REJECTED", reason="AM04") for _ in range(2)))

    assert words in text_of(browser, f"/console/orders?status={status}")


@pytest.mark.parametrize("address", ["/console/", "/console/live", "/console/orders"])
def test_show_orders_newest_first_with_the_sentence(
    address: str, browser: Client, database: Database[Document]
) -> None:
    older = completed(an_order(amount_minor=123_456_789))
    newer = moved(an_order(now=NOW + timedelta(seconds=1)), "REJECTED", reason="AM04")
    write(database, older, newer)

    html = html_of(browser, address)

    assert order_ids(html)[:2] == [newer["_id"], older["_id"]]
    text = text_of(browser, address)
    assert "1,234,567.89" in text
    assert "Rejected: not enough funds. No money moved." in text
    assert "UTC" in text
    assert not re.search(r"\b(None|NaN|undefined)\b", text)


@pytest.mark.parametrize("address", ["/console/", "/console/live", "/console/orders"])
def test_show_hostile_names_as_text(
    address: str, browser: Client, database: Database[Document]
) -> None:
    write(database, an_order(payee_name=HOSTILE, reference=HOSTILE))

    html = html_of(browser, address)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in html


def test_show_an_order_with_hostile_words_as_text(
    browser: Client, database: Database[Document]
) -> None:
    order = an_order(payee_name=HOSTILE, reference=HOSTILE)
    write(database, order)

    html = html_of(browser, f"/console/orders/{order['_id']}")

    assert "<script>alert" not in html
    title = re.search(r"<title>(.*?)</title>", html, re.S)
    assert title is not None
    assert unescape(title.group(1)) == f"Received: 12.34 USD to {HOSTILE} - DPMS"


def test_count_what_they_list(browser: Client, database: Database[Document]) -> None:
    write(
        database,
        *[completed(an_order(now=NOW + timedelta(seconds=n))) for n in range(60)],
        moved(an_order(), "REJECTED", reason="AM14"),
    )

    first = browser.get("/console/orders?status=COMPLETED").content.decode()
    match = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert match is not None
    second = browser.get("/console/orders" + unescape(match.group(1))).content.decode()

    assert "<title>60 orders - DPMS</title>" in first
    shown = order_ids(first) + order_ids(second)
    assert (len(order_ids(first)), len(order_ids(second))) == (50, 10)
    assert len(set(shown)) == 60
    assert 'rel="next"' not in second


def test_page_without_loss_over_orders_of_one_instant(
    browser: Client, database: Database[Document]
) -> None:
    orders = [an_order() for _ in range(120)]
    write(database, *orders)

    shown, address = [], "/console/orders"
    for _ in range(3):
        html = html_of(browser, address)
        shown += order_ids(html)
        following = re.search(r'href="(\?[^"]+)" rel="next"', html)
        address = "/console/orders" + unescape(following.group(1)) if following else ""

    assert address == ""
    assert sorted(shown) == sorted(order["_id"] for order in orders)
    assert len(shown) == 120


@pytest.mark.parametrize("q", ["Rent 12", "cus_ann", "the id", "the first characters of the id"])
def test_find_an_order(q: str, browser: Client, database: Database[Document]) -> None:
    wanted = an_order(reference="Rent 12")
    other = an_order(reference="Rent 1")
    other["debtor"]["customer"] = "cus_other"
    write(database, wanted, other)
    asked = {"the id": wanted["_id"], "the first characters of the id": wanted["_id"][:12]}

    answer = browser.get("/console/orders", {"q": asked.get(q, q)})

    assert order_ids(answer.content.decode()) == [wanted["_id"]]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=1", "cursor=9999999999999999.a", "cursor=-1.a", "q=" + "x" * 201]
)
def test_say_what_is_wrong_with_an_address(query: str, browser: Client) -> None:
    assert "could not be shown" in text_of(browser, f"/console/orders?{query}", status=400)


@pytest.mark.parametrize("q", ["$where", "[$regex]", "ord_.*", "%00"])
def test_take_a_search_for_what_it_says(
    q: str, browser: Client, database: Database[Document]
) -> None:
    write(database, an_order())

    answer = browser.get("/console/orders", {"q": q, "status[$ne]": "x"})

    assert answer.status_code == 200
    assert order_ids(answer.content.decode()) == []


@pytest.mark.parametrize("q", ['{"$ne": null}', "colour:red", "status:", "amount>=ten"])
def test_say_which_term_of_a_filter_is_wrong(
    q: str, browser: Client, database: Database[Document]
) -> None:
    write(database, an_order())

    answer = browser.get("/console/orders", {"q": q})

    assert answer.status_code == 400
    assert q.split()[0] in unescape(answer.content.decode())
    assert order_ids(answer.content.decode()) == []


def test_show_dead_letters_with_their_bytes(database: Database[Document]) -> None:
    browser = browser_of(somebody("carla", "compliance"))
    letter = {"reason": "not_utf8", "detail": "byte 0", "flow": "bridge", "at": NOW}
    value = b"\xff<b>" + b"a" * 5_000
    database["dead_letters"].insert_one(
        {"_id": "dpms.cdc.orders:0:7", **letter, "key": None, "value": value}
    )

    html = html_of(browser, "/console/dead-letters")

    assert "\\xff&lt;b&gt;aaa" in html
    assert "a" * 2_500 not in html
    assert "<title>1 dead letter - DPMS</title>" in html


@pytest.mark.usefixtures("database")
def test_remember_theme_and_density(browser: Client) -> None:
    wanted = {"theme": "dark", "density": "compact", "next": "/console/live"}

    answer = browser.post("/console/appearance", wanted)
    browser.post("/console/appearance", {"theme": "<b>", "density": "tiny"})

    assert answer.headers["Location"] == "/console/live"
    assert 'data-theme="dark" data-density="compact"' in html_of(browser, "/console/live")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_never_send_anyone_elsewhere(address: str, browser: Client) -> None:
    answer = browser.post("/console/appearance", {"theme": "dark", "next": address})

    assert answer.headers["Location"] == "/console/"


@pytest.mark.usefixtures("database")
def test_say_that_the_database_is_away(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise ServerSelectionTimeoutError("no primary")

    monkeypatch.setattr(selectors, "newest_rows", away)

    answer = browser.get("/console/live")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "The database does not answer" in answer.content.decode()
    assert answer.headers["Request-Id"] in answer.content.decode()


@pytest.mark.parametrize("address", ["/console/live", "/console/orders"])
def test_say_to_platform_staff_why_fields_are_empty(
    address: str, database: Database[Document]
) -> None:
    write(database, an_order(payee_name="Bea Castillo"))

    text = text_of(browser_of(somebody("petra", "platform")), address)

    assert "Your role sees that payments move, not whose they are" in text
    assert "Bea Castillo" not in text


@pytest.mark.parametrize("address", ["/console/", "/console/live", "/console/orders"])
def test_name_who_pays_whom(address: str, browser: Client, database: Database[Document]) -> None:
    database["customers"].insert_one({"_id": "cus_ann", "name": "Ann Novak"})
    write(database, an_order())

    html = html_of(browser, address)

    assert 'title="Ann Novak → Bea Castillo"' in html
    assert "cus_ann" not in html


def test_turn_the_list_of_orders_round(browser: Client, database: Database[Document]) -> None:
    older, newer = an_order(), an_order(now=NOW + timedelta(seconds=1))
    write(database, older, newer)

    html = html_of(browser, "/console/orders?sort=oldest")

    assert order_ids(html) == [older["_id"], newer["_id"]]
    assert 'data-cursor="oldest"' in html
    assert "oldest first" in html
    assert "could not be shown" in text_of(browser, "/console/orders?sort=amount", status=400)


@pytest.mark.parametrize("address", ["/console/live", "/console/orders"])
def test_filter_by_the_address_and_count_what_matches(
    address: str, browser: Client, database: Database[Document]
) -> None:
    held, dear = moved(an_order(), "HELD"), moved(an_order(amount_minor=99_900), "HELD")
    write(database, held, dear, completed(an_order(amount_minor=99_900)))

    html = html_of(browser, f"{address}?q=status:HELD+amount%3E%3D100")

    assert order_ids(html) == [dear["_id"]]
    assert re.search(r'data-count-of="HELD">1<', html)
    assert re.search(r'data-count-of="COMPLETED">1<', html)
    assert re.search(r'aria-current="true"[^>]*>(?:(?!</a>).)*Held', html, re.S)


def test_take_the_status_of_an_older_link_as_a_term(
    browser: Client, database: Database[Document]
) -> None:
    held = moved(an_order(reference="Rent 12"), "HELD")
    write(database, held, an_order(reference="Rent 12"))

    html = html_of(browser, "/console/orders?status=HELD&q=Rent+12")

    assert order_ids(html) == [held["_id"]]
    assert 'value="Rent 12 status:HELD"' in html
