"""An adapter for networks that take messages by POST and answer by POST to the gateway's inbox, as ours here do."""

import http.client
import json
from typing import Any
from urllib.parse import quote, urlsplit

from apps.rails.networks.adapter import (
    Answer,
    LinkState,
    Network,
    NotOffered,
    Served,
    Unreachable,
)

TIMEOUT_SECONDS = 10.0
# These say "not now" and not "never": 408 and 429 as RFC 9110 and RFC 6585 have them.
_NOT_NOW = frozenset({408, 429})


class HttpNetwork:
    """One network at one address. Not for several threads at once: it keeps its connection.

    `timeout_seconds` is for connecting and for each answer, one after the other.
    """

    def __init__(
        self, network: Network, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self.network = network
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=timeout_seconds
        )

    def send(self, xml: str) -> Answer:
        status, text = self.ask("POST", "/messages", xml.encode(), "application/xml")
        return Answer(is_taken=status < 300, http_status=status, text=text)

    def look_up(self, alias: str) -> Served | None:
        if not self.network.has_directory:
            raise NotOffered(f"{self.network.name} has no directory of aliases")
        status, text = self.ask("GET", f"/aliases/{quote(alias, safe='')}")
        if status == 404:
            return None
        found = _object(status, text)
        return Served(alias=alias, bank=found["bank"], bank_name=found["bank_name"])

    def open_link(self, link: str, *, routing_number: str, account_number: str) -> LinkState:
        body = {"link": link, "routing_number": routing_number, "account_number": account_number}
        return self._link("/links", body)

    def prove_link(self, link: str, deposits_minor: tuple[int, int]) -> LinkState:
        path = f"/links/{quote(link, safe='')}/proofs"
        return self._link(path, {"deposits_minor": list(deposits_minor)})

    def _link(self, path: str, body: dict[str, Any]) -> LinkState:
        if not self.network.proves_accounts:
            raise NotOffered(f"{self.network.name} proves no accounts")
        found = _object(*self.ask("POST", path, json.dumps(body).encode()))
        return LinkState(found["link"], found["state"], found["tries_left"])

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, str]:
        """Status and text of what it answers. Raises Unreachable, also when it says "not now"."""
        try:
            self._connection.request(method, path, body, {"content-type": kind})
            answer = self._connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unreachable(f"{self.network.name}: {type(error).__name__}") from error
        if answer.status >= 500 or answer.status in _NOT_NOW:
            raise Unreachable(f"{self.network.name} answers {answer.status}")
        return answer.status, text

    def close(self) -> None:
        self._connection.close()


def _object(status: int, text: str) -> dict[str, Any]:
    if status >= 300:
        raise Unreachable(f"it answers {status} where it should know")
    found: dict[str, Any] = json.loads(text)
    return found
