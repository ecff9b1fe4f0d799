"""Signing in: wrong passwords lock, whoever they name, and every outcome is in the access log."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from pymongo.database import Database

from apps.access.models import StaffSession
from apps.access.sessions import handle_of
from apps.kernel.clock import wall_clock
from dpms_site.mongodb import Document
from tests.integration.console.people import somebody
from tests.support.clock import frozen_at

PASSWORD = "correct horse battery staple"
FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
LOG_FIELDS = {
    *("_id", "at", "subject", "roles", "action", "object", "query", "result", "reason"),
    *("request_id", "address", "session"),
}


@pytest.fixture
def otto(database: Database[Document]) -> User:  # noqa: ARG001 - the log is emptied after the test
    user = somebody("otto", "operator")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(browser: Client, password: str, *, username: str = "otto", **headers: Any) -> Any:
    form = {"username": username, "password": password}
    return browser.post("/console/login/", form, **headers)


def log(database: Database[Document]) -> list[tuple[str, str, str | None]]:
    """What, whose and why, oldest first."""
    rows = database["access_log"].find(sort=[("$natural", 1)])
    return [(row["action"], row["subject"]["id"], row["reason"]) for row in rows]


@pytest.mark.usefixtures("otto")
def test_begins_a_session_with_a_key_of_its_own(database: Database[Document]) -> None:
    browser = Client()
    browser.get("/console/login/")
    browser.cookies["sessionid"] = "k" * 32  # what somebody else planted

    answer = sign_in(browser, PASSWORD, HTTP_USER_AGENT="Firefox 140")

    assert answer.status_code == 302
    key = browser.cookies["sessionid"].value
    assert key != "k" * 32
    (row,) = database["access_log"].find()
    assert set(row) == LOG_FIELDS
    assert row["subject"] == {"kind": "staff", "id": "otto"}
    assert (row["action"], row["result"], row["roles"]) == ("login", "allowed", ["operator"])
    assert (row["address"], row["session"]) == ("127.0.0.1", handle_of(key))
    session = StaffSession.objects.get()
    assert (session.username, session.browser) == ("otto", "Firefox 140")
    assert key not in str(row)


@pytest.mark.usefixtures("otto")
def test_writes_a_wrong_password_down_without_the_password(database: Database[Document]) -> None:
    sign_in(Client(), "my-real-password-elsewhere")

    (row,) = database["access_log"].find()
    assert (row["action"], row["result"]) == ("login_failed", "denied")
    assert row["subject"] == {"kind": "visitor", "id": "otto"}
    assert "my-real-password-elsewhere" not in str(row)
    assert "my-real-password-elsewhere" not in str(list(database["axes_accessattempt"].find()))


@pytest.mark.usefixtures("database")
def test_writes_a_typed_name_fit_for_a_log(database: Database[Document]) -> None:
    sign_in(Client(), "x", username="eve\r\nlogin ok\u202e" + "e" * 300)

    (row,) = database["access_log"].find()
    assert row["subject"]["id"].startswith("eve\\r\\nlogin ok\\u202eeee")
    assert len(row["subject"]["id"]) == 150


@pytest.mark.parametrize("username", ["otto", "nobody"])
def test_fifth_wrong_password_locks(
    username: str, otto: User, database: Database[Document]
) -> None:
    answers = [sign_in(Client(), "x", username=username) for _ in range(FAILURES)]
    right = sign_in(Client(), PASSWORD, username=username)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert right.headers["Retry-After"] == "900"
    assert "locked for 15 minutes" in right.content.decode()
    assert username not in right.content.decode()
    assert "sessionid" not in right.cookies
    assert log(database) == [
        *[("login_failed", username, "password_wrong")] * (FAILURES - 1),
        *[("locked_out", username, "too_many_failures")] * 2,
    ]
    assert otto.pk


@pytest.mark.usefixtures("otto")
def test_lock_says_the_same_of_whom_there_is_and_whom_not() -> None:
    for username in ("otto", "nobody"):
        for _ in range(FAILURES):
            sign_in(Client(), "x", username=username)

    known, unknown = (sign_in(Client(), "x", username=name) for name in ("otto", "nobody"))

    assert known.content == unknown.content


@pytest.mark.usefixtures("otto")
def test_lock_ends_after_fifteen_minutes_however_often_one_tries() -> None:
    start = wall_clock()
    with frozen_at(start):
        for _ in range(FAILURES):
            sign_in(Client(), "x")
    with frozen_at(start + LOCKED_FOR - timedelta(seconds=2)):
        assert sign_in(Client(), PASSWORD).status_code == 429

    with frozen_at(start + LOCKED_FOR + timedelta(seconds=1)):
        assert sign_in(Client(), PASSWORD).status_code == 302


@pytest.mark.usefixtures("otto")
def test_right_password_forgets_the_wrong_ones() -> None:
    for _ in range(2):
        for _ in range(FAILURES - 1):
            assert sign_in(Client(), "x").status_code == 200
        assert sign_in(Client(), PASSWORD).status_code == 302


@pytest.mark.usefixtures("otto")
def test_lock_holds_whatever_the_browser_and_the_forwarding_header_say() -> None:
    for number in range(FAILURES):
        sign_in(
            Client(),
            "x",
            HTTP_USER_AGENT=f"browser {number}",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )

    answer = sign_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99")

    assert answer.status_code == 429


@pytest.mark.usefixtures("otto")
def test_lock_of_one_address_leaves_the_person_free_at_another() -> None:
    for _ in range(FAILURES):
        sign_in(Client(), "x", REMOTE_ADDR="198.51.100.7")

    assert sign_in(Client(), PASSWORD, REMOTE_ADDR="198.51.100.8").status_code == 302


def test_refuses_who_is_no_staff_in_the_words_of_a_wrong_password(
    otto: User, database: Database[Document]
) -> None:
    wrong = sign_in(Client(), "x")
    User.objects.filter(pk=otto.pk).update(is_staff=False)

    answer = sign_in(Client(), PASSWORD)

    assert answer.status_code == wrong.status_code == 200
    assert "do not fit together" in answer.content.decode()
    assert "sessionid" not in answer.cookies
    assert [row[0] for row in log(database)] == ["login_failed", "login_failed"]


def test_signing_out_ends_the_session(otto: User, database: Database[Document]) -> None:
    browser = Client()
    sign_in(browser, PASSWORD)
    key = browser.cookies["sessionid"].value
    thief = Client()
    thief.cookies["sessionid"] = key

    browser.post("/console/logout/")

    assert thief.get("/console/").status_code == 302
    assert StaffSession.objects.count() == 0
    assert log(database) == [("login", "otto", None), ("logout", "otto", None)]
    rows = list(database["access_log"].find())
    assert [row["session"] for row in rows] == [handle_of(key)] * 2
    assert otto.pk


@pytest.mark.usefixtures("otto")
def test_session_ends_twelve_hours_after_it_began_however_busy() -> None:
    start = wall_clock()
    browser = Client()
    with frozen_at(start):
        sign_in(browser, PASSWORD)
    with frozen_at(start + timedelta(hours=11, minutes=59)):
        browser.post("/console/appearance", {"theme": "dark"})  # writes the session
        assert browser.get("/console/").status_code == 200

    with frozen_at(start + timedelta(hours=12, seconds=1)):
        assert browser.get("/console/").status_code == 302


@pytest.mark.usefixtures("otto")
def test_lock_comes_out_of_a_burst_of_wrong_passwords_too() -> None:
    def attempt(_: int) -> int:
        try:
            return int(sign_in(Client(), "x").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(attempt, range(16)))

    assert answers <= {200, 429}
    assert sign_in(Client(), PASSWORD).status_code == 429
