"""The second step of signing in: enrolled once, asked for ever after, and no code works twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client, override_settings
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pymongo.database import Database

from apps.access import second_step
from apps.access.second_step import CodeRefused
from apps.access.sessions import SessionStore
from apps.console.staff import Watcher, signed_in
from apps.kernel.clock import wall_clock
from dpms_site.mongodb import Document
from tests.integration.console.people import somebody
from tests.integration.console.test_signing_in import PASSWORD, log, sign_in
from tests.support.clock import frozen_at

NOW = datetime.fromisoformat("2026-11-22T12:00:05+00:00")
STEP = timedelta(seconds=30)
CODE = "/console/login/code"
ENROL = "/console/second-step"

required = override_settings(STAFF_TOTP="required")


@pytest.fixture
def otto(database: Database[Document]) -> User:  # noqa: ARG001 - the log is emptied after the test
    user = somebody("otto", "operator")
    user.set_password(PASSWORD)
    user.save()
    return user


def code_at(user: User, instant: datetime) -> str:
    """What the person's device shows at the instant."""
    device = TOTPDevice.objects.get(user=user)
    totp = TOTP(device.bin_key)
    totp.time = instant.timestamp()
    return f"{totp.token():06d}"


def enrolled(user: User) -> list[str]:
    """Sets the person's device up an hour ago; its recovery codes."""
    with frozen_at(NOW - timedelta(hours=1)):
        second_step.device_to_confirm(user)
        return second_step.confirm(user, code_at(user, wall_clock()), SessionStore())


def with_password() -> Client:
    browser = Client()
    assert sign_in(browser, PASSWORD).status_code == 302
    return browser


def give(browser: Client, code: str, **fields: str) -> Any:
    return browser.post(CODE, {"code": code, **fields})


def watcher_of(browser: Client) -> Watcher | None:
    """Whom a socket takes this browser for."""
    found: Watcher | None = async_to_sync(signed_in)(
        SessionStore(browser.cookies["sessionid"].value)
    )
    return found


@pytest.mark.usefixtures("otto")
def test_is_not_asked_of_who_has_not_set_it_up_where_it_is_optional() -> None:
    assert with_password().get("/console/").status_code == 200


@required
@pytest.mark.parametrize("address", ["/console/", "/console/orders", "/console/sessions"])
@pytest.mark.usefixtures("otto")
def test_opens_nothing_before_it_is_set_up_where_it_is_required(address: str) -> None:
    browser = with_password()

    answer = browser.get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(ENROL)
    assert browser.get(ENROL).status_code == 200
    assert watcher_of(browser) is None


@required
def test_is_set_up_by_the_first_code(otto: User, database: Database[Document]) -> None:
    browser = with_password()
    page = browser.get(ENROL).content.decode()
    secret = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    key_before = browser.cookies["sessionid"].value

    with frozen_at(NOW):
        answer = browser.post(ENROL, {"code": code_at(otto, NOW)})

    assert secret is not None
    assert f"secret={secret[1].replace(' ', '')}" in page
    codes = re.findall(r"data-recovery>([a-z0-9]{5}-[a-z0-9]{5})<", answer.content.decode())
    assert len(set(codes)) == 10
    assert answer.headers["Cache-Control"].endswith("private")
    assert browser.cookies["sessionid"].value != key_before
    assert browser.get("/console/").status_code == 200
    assert watcher_of(browser) == Watcher("otto", frozenset({"operator"}))
    assert [row[:2] for row in log(database)[:2]] == [("login", "otto"), ("totp_enrolled", "otto")]
    assert not any(
        code.replace("-", "") in str(list(StaticToken.objects.values())) for code in codes
    )


@required
def test_is_not_set_up_by_a_wrong_code(otto: User, database: Database[Document]) -> None:
    browser = with_password()
    browser.get(ENROL)

    answer = browser.post(ENROL, {"code": "000000"})

    assert "That code is wrong" in answer.content.decode()
    assert not TOTPDevice.objects.filter(user=otto, confirmed=True).exists()
    assert StaticToken.objects.count() == 0
    assert browser.get("/console/").status_code == 302
    assert log(database)[-1] == ("login_failed", "otto", "code_wrong")


def test_shows_secret_and_recovery_codes_never_again(otto: User) -> None:
    enrolled(otto)
    browser = with_password()
    with frozen_at(NOW):
        give(browser, code_at(otto, NOW))

    page = browser.get(ENROL).content.decode()

    assert "10 recovery codes left" in page
    assert "data-secret" not in page
    assert "data-recovery" not in page
    assert second_step.secret_of(TOTPDevice.objects.get(user=otto)) not in page


def test_wants_a_code_after_the_password(otto: User, database: Database[Document]) -> None:
    enrolled(otto)
    browser = Client()
    with frozen_at(NOW):
        asked = sign_in(browser, PASSWORD)
        refused = browser.get("/console/orders")
        key_before = browser.cookies["sessionid"].value
        before = watcher_of(browser)

        answer = give(browser, code_at(otto, NOW), next="/console/live")

        assert asked.headers["Location"].startswith(CODE)
        assert refused.headers["Location"] == f"{CODE}?next=%2Fconsole%2Forders"
        assert before is None
        assert answer.headers["Location"] == "/console/live"
        assert browser.cookies["sessionid"].value != key_before
        assert watcher_of(browser) == Watcher("otto", frozenset({"operator"}))
        assert browser.get("/console/live").status_code == 200
    assert [row[0] for row in log(database)] == ["login", "view"]


def test_takes_a_code_only_once(otto: User, database: Database[Document]) -> None:
    enrolled(otto)
    with frozen_at(NOW):
        code = code_at(otto, NOW)
        give(with_password(), code)
        again = with_password()

        answer = give(again, code)

        assert "wrong or was used already" in answer.content.decode()
        assert again.get("/console/").headers["Location"].startswith(CODE)
    assert log(database)[-1] == ("login_failed", "otto", "code_wrong")


@pytest.mark.parametrize(
    ("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_takes_codes_of_one_step_around_now(steps: int, is_right: bool, otto: User) -> None:
    enrolled(otto)
    browser = with_password()
    with frozen_at(NOW):
        answer = give(browser, code_at(otto, NOW + steps * STEP))

    assert (answer.status_code == 302) is is_right


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "\N{ARABIC-INDIC DIGIT ZERO}" * 6, "000000", "x" * 500, "-1"]
)
def test_takes_nothing_else_for_a_code(code: str, otto: User) -> None:
    enrolled(otto)
    browser = with_password()

    answer = give(browser, code)

    assert answer.status_code == 200
    assert browser.get("/console/").headers["Location"].startswith(CODE)


def test_slows_who_guesses(otto: User, database: Database[Document]) -> None:
    enrolled(otto)
    browser = with_password()
    with frozen_at(NOW):
        give(browser, "000000")

        hasty = give(browser, code_at(otto, NOW))

        assert hasty.status_code == 429
        assert "Too many tries" in hasty.content.decode()
        assert log(database)[-1] == ("login_failed", "otto", "too_soon")
    with frozen_at(NOW + timedelta(seconds=2)):
        assert give(browser, code_at(otto, NOW)).status_code == 302


def test_waits_longer_after_each_wrong_code(otto: User) -> None:
    enrolled(otto)
    now, waits = NOW, []
    for _ in range(6):
        with frozen_at(now), pytest.raises(CodeRefused) as refused:
            second_step.pass_with(otto, "000000", SessionStore())
        waits.append(refused.value.wait_seconds)
        now += timedelta(seconds=refused.value.wait_seconds)

    assert [wait // 2 * 2 for wait in waits[1:]] == [2, 4, 8, 16, 32]


def test_takes_one_of_many_tries_that_come_together(otto: User) -> None:
    enrolled(otto)
    code = code_at(otto, wall_clock())

    def attempt(_: int) -> bool:
        try:
            second_step.pass_with(otto, code, SessionStore())
        except CodeRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(attempt, range(8)))

    assert passed.count(True) == 1


def test_takes_each_recovery_code_once(otto: User) -> None:
    first, second, *_ = enrolled(otto)
    browser = with_password()

    answer = give(browser, first.upper())
    again = with_password()
    refused = give(again, first)

    assert answer.status_code == 302
    assert refused.status_code == 200
    with frozen_at(wall_clock() + timedelta(seconds=3)):
        assert give(again, second.replace("-", " ")).status_code == 302
    assert StaticToken.objects.count() == 8


def test_takes_no_recovery_code_of_somebody_else(otto: User) -> None:
    enrolled(otto)
    foreign = enrolled(somebody("vera", "viewer"))[0]
    browser = with_password()

    assert give(browser, foreign).status_code == 200
    assert StaticToken.objects.count() == 20


def test_is_wanted_of_sessions_that_were_open_before_it_was_set_up(otto: User) -> None:
    before = with_password()
    assert before.get("/console/").status_code == 200

    enrolled(otto)

    assert before.get("/console/").headers["Location"].startswith(CODE)
    assert watcher_of(before) is None


def test_wants_the_password_again_after_ten_minutes(otto: User) -> None:
    enrolled(otto)
    browser = Client()
    with frozen_at(NOW):
        sign_in(browser, PASSWORD)
    late = NOW + timedelta(minutes=10, seconds=1)
    with frozen_at(late):
        answer = give(browser, code_at(otto, late))

        assert answer.headers["Location"].startswith("/console/login/?next=")
        assert browser.get("/console/").headers["Location"].startswith("/console/login/?next=")


def test_leads_a_visitor_to_the_password() -> None:
    for address in (CODE, ENROL):
        assert Client().get(address).headers["Location"].startswith("/console/login/")


def test_is_reset_by_a_command_that_ends_the_sessions(otto: User) -> None:
    enrolled(otto)
    browser = with_password()
    with frozen_at(NOW):
        give(browser, code_at(otto, NOW))

    call_command("reset_second_step", "otto", verbosity=0)

    assert browser.get("/console/").headers["Location"].startswith("/console/login/?")
    assert TOTPDevice.objects.count() == StaticToken.objects.count() == 0


@pytest.mark.usefixtures("database")
def test_is_reset_for_nobody_who_is_not_there() -> None:
    with pytest.raises(CommandError):
        call_command("reset_second_step", "nobody", verbosity=0)
