"""Every error is an RFC 9457 problem with the request's id."""

import pytest
from django.test import Client as BrowserClient

from dpms_site.problems import MEANINGS
from tests.support.builders import assert_problem
from tests.support.site_client import SiteClient


@pytest.mark.parametrize(
    "path",
    ["/api/v1/nothing", "/api/v1/orders/", "/api/v2/orders", "/oauth/nothing", "/health", "/%ff"],
)
def test_an_unknown_address(api: SiteClient, path: str) -> None:
    assert_problem(api.call("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/orders", "GET, HEAD, POST"),
        ("PUT", f"/api/v1/orders/ord_{'a' * 32}", "GET, HEAD"),
        ("OPTIONS", "/api/v1/orders", "GET, HEAD, POST"),
        ("BREW", "/api/v1/orders", "GET, HEAD, POST"),
        ("GET", "/oauth/token", "POST"),
    ],
)
def test_a_method_it_does_not_take(api: SiteClient, method: str, path: str, allowed: str) -> None:
    answer = api.call(method, path)

    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


def test_what_later_issues_bring_is_not_there_yet(api: SiteClient) -> None:
    assert_problem(api.call("GET", "/api/v1/webhooks"), 404, "not_found")


def test_a_host_it_does_not_answer_to(api: SiteClient) -> None:
    answer = api.call("GET", "/api/v1/orders", headers={"Host": "evil.example"})

    assert_problem(answer, 400, "request_malformed")


@pytest.mark.urls("tests.support.urls_with_defect")
def test_a_defect_of_the_platform(api: SiteClient) -> None:
    answer = api.call("GET", "/api/defect")

    problem = assert_problem(answer, 500, "internal_error")
    assert "secret" not in str(problem)


class TestTheDatabaseIsAway:
    @pytest.fixture(autouse=True)
    def _with_a_token(self, api: SiteClient, request: pytest.FixtureRequest) -> None:
        api.token()
        request.getfixturevalue("no_database")

    def test_a_read_can_be_tried_again(self, api: SiteClient) -> None:
        answer = api.call("GET", "/api/v1/orders")

        assert_problem(answer, 503, "temporarily_unavailable")
        assert answer.headers["retry-after"] == "1"

    def test_the_outcome_of_a_write_is_unknown(self, api: SiteClient) -> None:
        party = {"customer": f"cus_{'0' * 26}", "account": f"acc_{'0' * 26}"}
        order = {
            "kind": "send",
            "product": "zelle",
            "debtor": party,
            "payee": f"pay_{'0' * 26}",
            "amount": {"value": "1.00", "currency": "USD"},
        }

        answer = api.call("POST", "/api/v1/orders", order, key="k1")

        problem = assert_problem(answer, 503, "outcome_unknown")
        assert "same Idempotency-Key" in problem["detail"]


def test_the_request_id_is_the_callers_own_when_well_formed(api: SiteClient) -> None:
    own = api.call("GET", "/api/v1/orders", headers={"Request-Id": "my-trace.7"})
    odd = api.call("GET", "/api/v1/orders", headers={"Request-Id": "a b\u00e9"})
    none = api.call("GET", "/api/v1/orders")

    assert own.headers["request-id"] == "my-trace.7"
    assert odd.headers["request-id"].startswith("req_")
    assert none.headers["request-id"] != odd.headers["request-id"]


@pytest.mark.parametrize("code", ["", *sorted(MEANINGS)])
@pytest.mark.usefixtures("db")
def test_each_type_leads_to_a_page_that_explains_it(code: str) -> None:
    page = BrowserClient().get(f"/api/problems/{code}")

    assert page.status_code == 200
    assert (MEANINGS[code].title if code else "amount_malformed").split("…")[0].split("'")[
        0
    ] in page.content.decode()


def test_an_unknown_type_has_no_page(api: SiteClient) -> None:
    assert_problem(api.call("GET", "/api/problems/nothing"), 404, "not_found")
