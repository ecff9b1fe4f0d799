"""The public API's client on Django's test client: the same calls as against a running stack, without a server."""

from collections.abc import Mapping
from typing import Any

import django.test

from devstack.client import Answer, Client, _parsed


class SiteClient(Client):
    """Every request passes all middleware; an error of the platform is its answer, not an exception."""

    def __init__(self, *, client_id: str, client_secret: str) -> None:
        super().__init__(web="http://testserver", client_id=client_id, client_secret=client_secret)

    def exchange(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        site = django.test.Client(raise_request_exception=False, enforce_csrf_checks=True)
        rest = {name: value for name, value in headers.items() if name != "Content-Type"}
        response: Any = site.generic(
            method,
            path,
            data=content or b"",
            content_type=headers.get("Content-Type", "application/json"),
            headers=rest,
        )
        named = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, _parsed(response.content), named)
