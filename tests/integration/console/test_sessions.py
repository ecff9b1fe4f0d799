"""Sessions of staff can be seen and ended; an ended one opens nothing, neither page nor socket."""

import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from pymongo.database import Database

from apps.access.models import StaffSession
from apps.access.sessions import SessionStore, handle_of
from apps.console.staff import signed_in
from apps.kernel.clock import wall_clock
from dpms_site.mongodb import Document
from tests.integration.console.people import browser_of, somebody
from tests.integration.console.test_pages import html_of, text_of
from tests.integration.console.test_signing_in import PASSWORD, log, sign_in
from tests.support.clock import frozen_at

PAGE = "/console/sessions"


@pytest.fixture
def otto(database: Database[Document]) -> User:  # noqa: ARG001 - the log is emptied after the test
    user = somebody("otto", "operator")
    user.set_password(PASSWORD)
    user.save()
    return user


def handle(browser: Client) -> str:
    return handle_of(browser.cookies["sessionid"].value)


def listed(browser: Client) -> list[str]:
    return re.findall(r'data-session="(\w+)"', html_of(browser, PAGE))


def is_out(browser: Client) -> bool:
    location = browser.get(PAGE).headers.get("Location", "")
    return bool(location.startswith("/console/login/"))


@pytest.mark.usefixtures("otto")
def test_show_when_from_where_and_with_what_they_began() -> None:
    start = wall_clock()
    browser = Client()
    with frozen_at(start):
        sign_in(browser, PASSWORD, HTTP_USER_AGENT="<b>Firefox</b> 140", REMOTE_ADDR="192.0.2.7")
    with frozen_at(start + timedelta(minutes=3)):
        text = text_of(browser, PAGE)

        assert "192.0.2.7" in text
        assert "<b>Firefox</b> 140" in text
        assert "just now" in text
        assert "this one" in text
    assert browser.cookies["sessionid"].value not in html_of(browser, PAGE)


def test_of_others_are_not_shown_to_everybody(otto: User) -> None:
    mine, other = browser_of(otto), browser_of(somebody("vera", "viewer"))

    assert listed(mine) == [handle(mine)]
    assert listed(other) == [handle(other)]


@pytest.mark.parametrize("role", ["compliance", "admin"])
def test_of_others_are_shown_to_who_may_see_them(role: str, otto: User) -> None:
    mine, overseer = browser_of(otto), browser_of(somebody("ann", role))

    assert set(listed(overseer)) == {handle(mine), handle(overseer)}
    assert "otto" in text_of(overseer, PAGE) or str(otto.pk) in text_of(overseer, PAGE)


@pytest.mark.usefixtures("database")
def test_of_visitors_are_no_sessions() -> None:
    StaffSession.objects.create(
        session_key="visitor",
        session_data="",
        expire_date=wall_clock() + timedelta(hours=1),
        handle=handle_of("visitor"),
        account="",
        started_at=wall_clock(),
        seen_at=wall_clock(),
    )
    admin = browser_of(somebody("ann", "admin"))

    assert listed(admin) == [handle(admin)]
    assert admin.post(f"{PAGE}/{handle_of('visitor')}/end").status_code == 404


def test_ended_one_opens_neither_page_nor_socket(otto: User, database: Database[Document]) -> None:
    here, there = browser_of(otto), browser_of(otto)
    session = SessionStore(there.cookies["sessionid"].value)
    assert async_to_sync(signed_in)(session) is not None

    answer = here.post(f"{PAGE}/{handle(there)}/end")

    assert answer.headers["Location"] == PAGE
    assert is_out(there)
    assert async_to_sync(signed_in)(session) is None
    assert not is_out(here)
    (row,) = database["access_log"].find({"action": "session_ended"})
    assert row["object"] == {"type": "session", "id": handle_of(session.session_key or "")}
    assert row["subject"]["id"] == "otto"


def test_ended_one_does_not_come_back_with_what_it_was_doing(otto: User) -> None:
    here, there = browser_of(otto), browser_of(otto)
    busy = SessionStore(there.cookies["sessionid"].value)
    busy["appearance"] = {"theme": "dark"}
    here.post(f"{PAGE}/{handle(there)}/end")

    with pytest.raises(UpdateError):
        busy.save()

    assert StaffSession.objects.count() == 1


def test_this_one_can_be_ended_too(otto: User) -> None:
    browser = browser_of(otto)

    answer = browser.post(f"{PAGE}/{handle(browser)}/end")

    assert answer.headers["Location"] == "/console/login/"
    assert is_out(browser)


def test_all_others_of_mine_end_at_once(otto: User, database: Database[Document]) -> None:
    here, *there = (browser_of(otto) for _ in range(3))
    stranger = browser_of(somebody("vera", "viewer"))

    here.post(f"{PAGE}/end-others")

    assert [is_out(browser) for browser in there] == [True, True]
    assert not is_out(here)
    assert not is_out(stranger)
    assert [row[0] for row in log(database)].count("session_ended") == 2


@pytest.mark.parametrize("role", ["viewer", "compliance"])
def test_of_others_end_only_by_who_may_end_them(
    role: str, otto: User, database: Database[Document]
) -> None:
    mine, other = browser_of(otto), browser_of(somebody("vera", role))

    answer = other.post(f"{PAGE}/{handle(mine)}/end")

    assert answer.status_code == 404
    assert not is_out(mine)
    assert "session_ended" not in [row[0] for row in log(database)]


def test_of_others_end_by_an_administrator(otto: User) -> None:
    mine, admin = browser_of(otto), browser_of(somebody("ann", "admin"))

    assert admin.post(f"{PAGE}/{handle(mine)}/end").status_code == 302

    assert is_out(mine)


def test_are_not_ended_by_a_link(otto: User) -> None:
    here, there = browser_of(otto), browser_of(otto)

    assert here.get(f"{PAGE}/{handle(there)}/end").status_code == 405
    assert Client(enforce_csrf_checks=True).post(f"{PAGE}/end-others").status_code == 403
    assert not is_out(there)


def test_say_when_they_were_last_seen(otto: User) -> None:
    start = wall_clock()
    with frozen_at(start):
        browser = browser_of(otto)
    with frozen_at(start + timedelta(minutes=5)):
        browser.get("/console/")

    assert StaffSession.objects.get().seen_at == start + timedelta(minutes=5)


@pytest.mark.usefixtures("otto")
def test_expired_ones_are_swept_at_the_next_login() -> None:
    start = wall_clock()
    with frozen_at(start - timedelta(hours=13)):
        sign_in(Client(), PASSWORD)

    with frozen_at(start):
        sign_in(Client(), PASSWORD)

    assert StaffSession.objects.count() == 1
