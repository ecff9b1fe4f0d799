"""Every page of the console opens for the roles that may open it, and for nobody else."""

import re
from typing import NamedTuple

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pymongo.database import Database

from apps.access.roles import ROLES, Permission, Sight, permissions_of, sight_of
from apps.console.urls import urlpatterns
from dpms_site.mongodb import Document
from tests.integration.console.builders import NOW, an_order
from tests.integration.console.people import browser_of, somebody
from tests.integration.console.records import Records
from tests.integration.console.test_pages import html_of, text_of, write
from tests.support.rails import a_transfer


class Door(NamedTuple):
    """What a page asks for: a permission (None: any staff) and how much of a payment one must be allowed to see."""

    permission: Permission | None = None
    sight: Sight = Sight.NONE
    method: str = "get"
    answer: int = 200


ORDERS = Door(Permission.SEE_ORDERS, Sight.ANONYMOUS)
CUSTOMERS = Door(Permission.SEE_CUSTOMERS, Sight.MASKED)
ORDER = Door(Permission.SEE_ORDERS, Sight.MASKED)
# Written by hand on purpose: a route that is not here fails the test, one that asks for less fails too.
GUARDED: dict[str, Door] = {
    "overview": Door(Permission.SEE_OVERVIEW),
    "overview-part": Door(Permission.SEE_OVERVIEW),
    "live": ORDERS,
    "orders": ORDERS,
    "feed": ORDERS,
    "order": ORDER,
    "order-part": ORDER,
    "requests": ORDER,
    "messages": ORDER,
    "message": ORDER,
    "customers": CUSTOMERS,
    "find-customers": Door(Permission.SEE_CUSTOMERS, Sight.MASKED, method="post", answer=302),
    "customer": CUSTOMERS,
    "payees": CUSTOMERS,
    "payee": CUSTOMERS,
    "accounts": CUSTOMERS,
    "account": CUSTOMERS,
    "account-orders": CUSTOMERS,
    "order-audit": Door(Permission.SEE_AUDIT),
    "audit": Door(Permission.SEE_AUDIT),
    "dead-letters": Door(Permission.SEE_DEAD_LETTERS),
    "access-log": Door(Permission.SEE_ACCESS_LOG),
    "sessions": Door(),
    "end-session": Door(method="post", answer=404),
    "end-other-sessions": Door(method="post", answer=302),
    "appearance": Door(method="post", answer=302),
}
# These decide for themselves: they are where people sign in and out.
UNGUARDED = {"login", "login-code", "second-step", "logout"}
SECRETS = ("Bea Castillo", "Ann Novak", "12.34", "bea@example.com", "cus_ann", "acc_ann")


@pytest.fixture
def order_id(database: Database[Document]) -> str:
    order = an_order()
    write(database, order)
    records = Records(database)
    records.customer(_id="cus_ann", name="Ann Novak", email="bea@example.com")
    records.payee("cus_ann", _id="pay_bea")
    records.account("cus_ann", _id="acc_ann")
    records.sent(a_transfer(message_id="1"), order=order["_id"])
    database["dead_letters"].insert_one(
        {
            "_id": "dpms.cdc.orders:0:7",
            "reason": "not_an_order",
            "detail": "amount 12.34",
            "flow": "bridge",
            "at": NOW,
            "key": None,
            "value": b'{"payee_name": "Bea Castillo", "alias_key": "email:bea@example.com"}',
        }
    )
    order_id: str = order["_id"]
    return order_id


def address_of(name: str, order_id: str) -> str:
    arguments = {
        "order": [order_id],
        "order-part": [order_id],
        "order-audit": [order_id],
        "end-session": ["0" * 24],
        "message": ["msg_1"],
        "customer": ["cus_ann"],
        "payees": ["cus_ann"],
        "payee": ["pay_bea"],
        "account": ["acc_ann"],
        "account-orders": ["acc_ann"],
    }
    return reverse(f"console:{name}", args=arguments.get(name, []))


def test_table_names_every_route() -> None:
    routes = {pattern.name for pattern in urlpatterns}

    assert len(routes) == len(urlpatterns)
    assert routes == set(GUARDED) | UNGUARDED


@pytest.mark.parametrize("name", list(GUARDED))
@pytest.mark.parametrize("role", [*ROLES, "no-such-role"])
def test_opens_for_exactly_the_roles_that_may(role: str, name: str, order_id: str) -> None:
    door = GUARDED[name]
    browser = browser_of(somebody("sam", role))
    may = door.permission is None or door.permission in permissions_of([role])
    may = may and sight_of([role]) >= door.sight

    answer = getattr(browser, door.method)(address_of(name, order_id))

    assert answer.status_code == (door.answer if may else 403)
    if not may:
        assert not any(secret in answer.content.decode() for secret in SECRETS)


@pytest.mark.parametrize("name", list(GUARDED))
def test_opens_for_no_visitor(name: str, order_id: str) -> None:
    door = GUARDED[name]
    address = address_of(name, order_id)

    answer = getattr(Client(), door.method)(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/console/login/")


@pytest.mark.parametrize("name", list(GUARDED))
def test_opens_for_nobody_who_is_no_staff(name: str, order_id: str) -> None:
    door = GUARDED[name]
    stranger = User.objects.create_user("eve")
    stranger.groups.set([Group.objects.create(name=role) for role in ROLES])

    answer = getattr(browser_of(stranger), door.method)(address_of(name, order_id))

    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["platform", "admin"])
@pytest.mark.parametrize("name", list(GUARDED))
def test_shows_no_customer_to_who_runs_the_machine(name: str, role: str, order_id: str) -> None:
    door = GUARDED[name]
    browser = browser_of(somebody("sam", role))

    answer = getattr(browser, door.method)(address_of(name, order_id))

    shown = answer.content.decode()
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize("part", ["", "/part"])
@pytest.mark.parametrize("role", ROLES)
def test_shows_contact_points_on_an_order_only_at_full_sight(
    role: str, part: str, database: Database[Document]
) -> None:
    order = an_order(payee_name="Bea (bea@example.com)", reference="for BEA@example.com")
    order["memo"] = "ask bea@example.com"
    write(database, order)

    html = browser_of(somebody("sam", role)).get(f"/console/orders/{order['_id']}{part}").content

    assert (b"bea@example.com" in html.lower()) is (sight_of([role]) is Sight.FULL)
    assert ("b•••@example.com".encode() in html) is (sight_of([role]) is Sight.MASKED)


@pytest.mark.usefixtures("order_id")
def test_says_which_permission_is_missing_and_who_has_it() -> None:
    text = text_of(browser_of(somebody("vera", "viewer")), "/console/access-log", status=403)

    assert "It needs the permission access_log.see" in text
    assert "these roles have: compliance, auditor." in text
    assert "You are vera" in text
    assert "An administrator gives roles" in text


@pytest.mark.parametrize("role", ROLES)
def test_navigation_leads_only_where_one_may_go(role: str, order_id: str) -> None:
    browser = browser_of(somebody("sam", role))
    expected = {
        address_of(name, order_id)
        for name in (
            "overview",
            "live",
            "orders",
            "requests",
            "messages",
            "customers",
            "accounts",
            "audit",
            "dead-letters",
            "access-log",
            "sessions",
        )
        if _may(role, name)
    }

    html = html_of(browser, "/console/sessions")

    navigation = html[html.index("<nav") : html.index("</nav>")]
    assert set(re.findall(r'<a href="([^"]+)"', navigation)) == expected
    assert all(browser.get(address).status_code == 200 for address in expected)


def _may(role: str, name: str) -> bool:
    door = GUARDED[name]
    allowed = door.permission is None or door.permission in permissions_of([role])
    return allowed and sight_of([role]) >= door.sight


@pytest.mark.usefixtures("order_id")
def test_change_of_role_holds_from_the_next_request_on() -> None:
    user = somebody("otto", "operator")
    browser = browser_of(user)
    assert browser.get("/console/orders").status_code == 200

    user.groups.set([Group.objects.create(name="admin")])

    assert browser.get("/console/orders").status_code == 403


@pytest.mark.usefixtures("order_id")
def test_disabled_person_is_out_at_the_next_request() -> None:
    user = somebody("otto", "operator")
    browser = browser_of(user)

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert browser.get("/console/orders").headers["Location"].startswith("/console/login/")


@pytest.mark.usefixtures("db")
def test_command_makes_every_role_and_again_changes_nothing() -> None:
    call_command("ensure_roles", verbosity=0)
    call_command("ensure_roles", verbosity=0)

    assert sorted(Group.objects.values_list("name", flat=True)) == sorted(ROLES)
