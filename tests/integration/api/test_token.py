"""POST /oauth/token."""

import base64
from datetime import timedelta

import jwt
import pytest
from django.conf import settings

from apps.kernel.clock import wall_clock
from devstack.client import Answer
from tests.support.builders import SECRET, an_api_client, assert_problem
from tests.support.clock import frozen_at
from tests.support.site_client import SiteClient

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _ask(api: SiteClient, form: bytes, *, basic: str | None = f"cli_tests:{SECRET}") -> Answer:
    headers = dict(FORM)
    if basic is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
    return api.exchange("POST", "/oauth/token", form, headers)


def test_gives_a_token_that_opens_the_api_for_an_hour_or_more(api: SiteClient) -> None:
    answer = _ask(api, b"grant_type=client_credentials")

    assert answer.status == 200
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["expires_in"] >= 3600
    assert "orders:write" in answer.body["scope"].split()
    assert answer.headers["cache-control"] == "no-store"
    assert _list_orders(api, answer.body["access_token"]).status == 200


def test_takes_the_credentials_in_the_form_too(api: SiteClient) -> None:
    form = f"grant_type=client_credentials&client_id=cli_tests&client_secret={SECRET}"

    answer = _ask(api, form.encode(), basic=None)

    assert answer.status == 200


def test_narrows_the_scopes_to_those_asked_for(api: SiteClient) -> None:
    answer = _ask(api, b"grant_type=client_credentials&scope=orders:read")

    assert answer.body["scope"] == "orders:read"


@pytest.mark.parametrize(
    ("form", "basic", "status", "code"),
    [
        (b"grant_type=client_credentials", "cli_tests:wrong", 401, "invalid_client"),
        (b"grant_type=client_credentials", "nobody:wrong", 401, "invalid_client"),
        (b"grant_type=client_credentials", None, 401, "invalid_client"),
        (b"grant_type=password", f"cli_tests:{SECRET}", 400, "unsupported_grant_type"),
        (b"", f"cli_tests:{SECRET}", 400, "invalid_request"),
        (
            b"grant_type=client_credentials&grant_type=x",
            f"cli_tests:{SECRET}",
            400,
            "invalid_request",
        ),
        (b"grant_type=\xff", f"cli_tests:{SECRET}", 400, "invalid_request"),
        (
            b"grant_type=client_credentials&scope=ledger:write",
            f"cli_tests:{SECRET}",
            400,
            "invalid_scope",
        ),
    ],
)
def test_refuses(api: SiteClient, form: bytes, basic: str | None, status: int, code: str) -> None:
    answer = _ask(api, form, basic=basic)

    problem = assert_problem(answer, status, code)
    assert problem["error"] == code


def test_refuses_a_json_body(api: SiteClient) -> None:
    body = b'{"grant_type": "client_credentials"}'

    answer = api.exchange("POST", "/oauth/token", body, {"Content-Type": "application/json"})

    assert_problem(answer, 400, "invalid_request")


def test_a_token_ends(api: SiteClient) -> None:
    with frozen_at(wall_clock() - timedelta(hours=2)):
        token = _ask(api, b"grant_type=client_credentials").body["access_token"]

    answer = _list_orders(api, token)

    assert_problem(answer, 401, "token_invalid")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def _claims() -> dict[str, object]:
    now = wall_clock()
    return {
        "iss": "dpms",
        "aud": "dpms",
        "sub": "cli_tests",
        "scope": "orders:read",
        "iat": now,
        "exp": now + timedelta(hours=1),
    }


@pytest.mark.parametrize(
    ("claims", "key", "algorithm", "kind"),
    [
        ({}, "another-key-of-at-least-32-characters", "HS256", "at+jwt"),
        ({}, None, "none", "at+jwt"),
        ({}, settings.SECRET_KEY, "HS512", "at+jwt"),
        ({"aud": "another"}, settings.SECRET_KEY, "HS256", "at+jwt"),
        ({"iss": "another"}, settings.SECRET_KEY, "HS256", "at+jwt"),
        ({}, settings.SECRET_KEY, "HS256", "JWT"),
    ],
)
def test_refuses_a_token_it_did_not_make(
    api: SiteClient, claims: dict[str, object], key: str | None, algorithm: str, kind: str
) -> None:
    token = jwt.encode({**_claims(), **claims}, key, algorithm=algorithm, headers={"typ": kind})

    answer = _list_orders(api, token)

    assert_problem(answer, 401, "token_invalid")


def test_takes_the_form_of_token_it_makes(api: SiteClient) -> None:
    """The case beside the refusals: they are refused for their one difference."""
    token = jwt.encode(_claims(), settings.SECRET_KEY, algorithm="HS256", headers={"typ": "at+jwt"})

    answer = _list_orders(api, token)

    assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/customers", "customers:read"),
        ("POST", "/api/v1/customers", "customers:write"),
        ("POST", "/api/v1/orders", "orders:write"),
        ("POST", "/api/v1/orders/batch", "orders:write"),
        ("GET", "/api/v1/orders", "orders:read"),
        ("GET", "/api/v1/accounts/acc_x", "accounts:read"),
        ("POST", "/api/v1/customers/cus_x/payees", "payees:write"),
    ],
)
@pytest.mark.usefixtures("api")
def test_refuses_what_the_token_has_no_scope_for(method: str, path: str, scope: str) -> None:
    others = tuple(other for other in ("orders:read", "customers:read") if other != scope)
    narrow = an_api_client("cli_narrow", scopes=others)

    answer = narrow.call(method, path, {} if method == "POST" else None)

    assert_problem(answer, 403, "scope_missing")


def test_refuses_a_request_without_a_token(api: SiteClient) -> None:
    answer = api.exchange("GET", "/api/v1/orders", None, {})

    assert_problem(answer, 401, "token_missing")


def _list_orders(api: SiteClient, token: str) -> Answer:
    return api.exchange("GET", "/api/v1/orders", None, {"Authorization": f"Bearer {token}"})
