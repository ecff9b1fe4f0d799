"""What tests of the API start from: a client with a token, an order's body, and what a refusal must look like."""

import copy
from typing import Any

from apps.access import roles, services
from apps.kernel.clock import wall_clock
from devstack.client import Answer, Document
from dpms_site.problems import MEANINGS
from tests.support.site_client import SiteClient

SECRET = "a-secret-of-the-tests"


def an_api_client(
    client_id: str = "cli_tests", *, scopes: tuple[str, ...] = roles.SCOPES
) -> SiteClient:
    """A registered client with these scopes; it fetches its token at its first call."""
    services.register_client(
        client_id=client_id,
        client_secret=SECRET,
        scopes=scopes,
        token_seconds=3600,
        now=wall_clock(),
    )
    return SiteClient(client_id=client_id, client_secret=SECRET)


def with_field(body: Document, pointer: str, value: Any) -> Document:
    """A copy of `body` with one field replaced, named by a path such as "amount/value"."""
    changed = copy.deepcopy(body)
    *path, name = pointer.split("/")
    place = changed
    for step in path:
        place = place[step]
    place[name] = value
    return changed


def without_field(body: Document, pointer: str) -> Document:
    changed = copy.deepcopy(body)
    *path, name = pointer.split("/")
    place = changed
    for step in path:
        place = place[step]
    del place[name]
    return changed


def assert_problem(answer: Answer, status: int, code: str, pointer: str | None = None) -> Document:
    """The answer is this RFC 9457 problem, complete and documented; with `pointer`, about that field."""
    problem: Document = answer.body
    assert (answer.status, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) >= {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["request-id"]
    assert problem["type"] == f"/api/problems/{code}"
    assert code in MEANINGS
    if pointer is not None:
        assert [error["pointer"] for error in problem["errors"]] == [pointer], problem
    return problem
