"""A client of the public REST API: what the demo traffic, the tests and the benchmarks pay with."""

import base64
import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

Document = dict[str, Any]

# The server closes a connection that is idle for 5 s; one that rested longer than this is not trusted.
_REUSE_SECONDS = 2.0
# Busy, failing for the moment, or without its database: the same request may succeed later.
_TRY_AGAIN = {429, 500, 502, 503, 504}


class NoAnswer(Exception):
    """Nothing came back: the request may or may not have been done, so its outcome is indefinite."""


class Unreachable(NoAnswer):
    """Nobody listened, so certainly nothing was done."""


class Unexpected(Exception):
    """The API answered, but not what was asked for; the message holds its problem document."""

    def __init__(self, asked: str, answer: "Answer") -> None:
        super().__init__(f"{asked} answered {answer.status}: {answer.body}")
        self.answer = answer


@dataclass(frozen=True)
class Answer:
    """One HTTP answer with its JSON body (or text, when it is not JSON) and headers by lower-case name."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def may_pass_later(self) -> bool:
        return self.status in _TRY_AGAIN

    @property
    def is_indefinite(self) -> bool:
        """Whether what was asked may or may not have been done."""
        told = self.body.get("code") if isinstance(self.body, dict) else None
        return self.status in (500, 504) or told == "outcome_unknown"


@dataclass(frozen=True)
class Customer:
    """A customer who can pay: one open account, and the e-mail address that is their alias."""

    id: str
    account: str
    name: str
    email: str


class _Connection(http.client.HTTPConnection):
    """Closes its socket when the thread that used it ends."""

    def __del__(self) -> None:
        self.close()


class Client:
    """Calls of `/api/v1` by their names. Threads may share one client; each keeps its own connection."""

    def __init__(
        self, *, web: str, client_id: str, client_secret: str, timeout_seconds: float = 15
    ) -> None:
        address = urlsplit(web)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 80
        self._timeout_seconds = timeout_seconds
        self._basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._local = threading.local()
        self._token = ""
        self._token_until = 0.0

    @classmethod
    def of(cls, status: Mapping[str, Any], *, timeout_seconds: float = 15) -> Self:
        """A client of the stack that `python -m devstack status --json` describes."""
        credentials = status["credentials"]
        return cls(
            web=status["web"],
            client_id=credentials["client_id"],
            client_secret=credentials["client_secret"],
            timeout_seconds=timeout_seconds,
        )

    # One exchange

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with a token, tried once. `bytes` are sent as they are, anything else as JSON."""
        sent = {"Authorization": f"Bearer {self.token()}", **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self.exchange(method, path, content, sent)

    def exchange(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """One request as it stands, without a token."""
        connection = self._connection()
        try:
            connection.request(method, path, body=content, headers=dict(headers))
            response = connection.getresponse()
            raw = response.read()
        except ConnectionRefusedError as error:
            self._drop()
            raise Unreachable(f"{method} {path}: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            raise NoAnswer(f"{method} {path}: {error!r}") from error
        self._local.used_at = time.monotonic()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, _parsed(raw), named)

    def token(self) -> str:
        """An access token, renewed a minute before it ends."""
        if time.monotonic() >= self._token_until:
            form = urlencode({"grant_type": "client_credentials"}).encode()
            headers = {
                "Authorization": f"Basic {self._basic}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            answer = self.exchange("POST", "/oauth/token", form, headers)
            body = _expect(answer, 200, "POST /oauth/token")
            self._token = body["access_token"]
            self._token_until = time.monotonic() + float(body["expires_in"]) - 60
        return self._token

    def _connection(self) -> _Connection:
        known: _Connection | None = getattr(self._local, "connection", None)
        if known is not None and time.monotonic() - self._local.used_at < _REUSE_SECONDS:
            return known
        self._drop()
        fresh = _Connection(self._host, self._port, timeout=self._timeout_seconds)
        self._local.connection, self._local.used_at = fresh, time.monotonic()
        return fresh

    def _drop(self) -> None:
        known = getattr(self._local, "connection", None)
        if known is not None:
            known.close()
            self._local.connection = None

    # What the API offers, by name; each raises Unexpected unless the answer is the good one

    def get(self, path: str) -> Document:
        return _expect(self.call("GET", path), 200, f"GET {path}")

    def post(self, path: str, body: Document, *, status: int = 201) -> Document:
        return _expect(self.call("POST", path, body, key=str(uuid.uuid4())), status, f"POST {path}")

    def enrol(self, *, name: str, email: str, phone: str) -> str:
        person = {"kind": "person", "name": name, "email": email, "phone": phone}
        return str(self.post("/api/v1/customers", {**person, "terms_version": "2026-01"})["id"])

    def open_account(self, customer: str, *, opening_balance: str) -> str:
        account = {"currency": "USD", "kind": "checking", "opening_balance": opening_balance}
        return str(self.post(f"/api/v1/customers/{customer}/accounts", account)["id"])

    def close_account(self, account: str, *, reason: str) -> Document:
        """For good; it must be empty, with no order under way."""
        body = {"reason": reason}
        return self.post(f"/api/v1/accounts/{account}/close", body, status=200)

    def activate_alias(self, customer: str, *, email: str, account: str) -> str:
        """Register the address and prove it with the sandbox's readable code."""
        wanted = {"kind": "email", "value": email, "account": account}
        alias = self.post(f"/api/v1/customers/{customer}/aliases", wanted)
        proof = {"code": alias["sandbox_code"]}
        self.post(f"/api/v1/aliases/{alias['id']}/verify", proof, status=200)
        return str(alias["id"])

    def add_payee(self, customer: str, *, name: str, email: str) -> str:
        alias = {"kind": "email", "value": email}
        # A request whose answer was lost is sent again, and may then be the second of its kind.
        payee = {"name": name, "alias": alias, "allow_duplicate": True}
        return str(self.post(f"/api/v1/customers/{customer}/payees", payee)["id"])

    def add_bank_payee(
        self, customer: str, *, name: str, routing_number: str, account_number: str
    ) -> str:
        """A payee with an account at another bank."""
        account = {"routing_number": routing_number, "account_number": account_number}
        payee = {"name": name, "account": account, "allow_duplicate": True}
        return str(self.post(f"/api/v1/customers/{customer}/payees", payee)["id"])

    def suspend(self, customer: str, *, reason: str) -> Document:
        body = {"reason": reason}
        return self.post(f"/api/v1/customers/{customer}/suspend", body, status=200)

    def block_name(self, name: str, *, reason: str) -> Document:
        """From now on nobody of this name is paid, or pays, without a person having looked."""
        return self.post("/api/v1/blocked-parties", {"name": name, "reason": reason})

    def enrol_payer(
        self, *, name: str, email: str, phone: str, opening_balance: str = "1000.00"
    ) -> Customer:
        """A customer with an account and an active alias: able to pay and to be paid."""
        customer = self.enrol(name=name, email=email, phone=phone)
        account = self.open_account(customer, opening_balance=opening_balance)
        self.activate_alias(customer, email=email, account=account)
        return Customer(customer, account, name, email)

    def account(self, account: str) -> Document:
        return self.get(f"/api/v1/accounts/{account}")

    def order(self, order: str) -> Document:
        return self.get(f"/api/v1/orders/{order}")

    def events(self, order: str) -> list[Document]:
        return list(self.get(f"/api/v1/orders/{order}/events")["data"])

    def orders(self, **filters: str) -> Iterator[Document]:
        """All orders that the filters of `GET /orders` leave, newest first."""
        cursor: str | None = None
        while True:
            asked = filters | {"limit": "200"} | ({"cursor": cursor} if cursor else {})
            page = self.get(f"/api/v1/orders?{urlencode(asked)}")
            yield from page["data"]
            cursor = page["next"]
            if cursor is None:
                return

    def messages(self, order: str) -> list[Document]:
        """What was said with a network about the order, oldest first."""
        return list(self.get(f"/api/v1/orders/{order}/messages")["data"])

    def send(self, body: Document, *, key: str | None = None) -> Document:
        """Accept one order, of whatever kind; raises Unexpected when it is refused."""
        answer = self.call("POST", "/api/v1/orders", body, key=key or str(uuid.uuid4()))
        return _expect(answer, 201, "POST /api/v1/orders")

    def schedule(self, body: Document) -> Document:
        """A payment on a date to come, once or again and again: a send order's fields, when first, and how often."""
        wanted = {name: value for name, value in body.items() if name != "kind"}
        customer = body["debtor"]["customer"]
        return self.post(f"/api/v1/customers/{customer}/schedules", wanted)

    def cancel(self, order: str, *, reason: str) -> Document:
        return self.command(order, "cancel", reason=reason)

    def command(self, order: str, type_: str, *, reason: str) -> Document:
        """What a customer asks of an order, or the payer of a request."""
        command = {"type": type_, "reason": reason}
        return self.post(f"/api/v1/orders/{order}/commands", command, status=202)

    def play(self, network: str, door: str, body: Document, *, status: int = 201) -> Document:
        """What the far side of a sandbox's network does: `payments`, `requests`, `recalls`, `requests/…/answers`."""
        return self.post(f"/api/v1/sandbox/networks/{network}/{door}", body, status=status)

    def clock(self) -> Document:
        """The platform's time, and how far a sandbox moved it."""
        return self.get("/api/v1/sandbox/clock")

    def advance_clock(self, *, seconds: int) -> Document:
        """Moves a sandbox's time forward; what is due by then happens."""
        return self.post("/api/v1/sandbox/clock/advance", {"seconds": seconds}, status=200)

    # Waiting

    def wait_status(self, order: str, *statuses: str, seconds: float = 30) -> Document:
        return _poll(
            lambda: self.order(order),
            lambda found: found["status"] in statuses,
            seconds,
        )

    def wait_final(self, order: str, *, seconds: float = 30, every: float = 0.02) -> Document:
        """The order once it is final; asked for once in `every` seconds. Raises TimeoutError after `seconds`."""
        return _poll(
            lambda: self.order(order), lambda found: bool(found["final"]), seconds, every=every
        )

    def wait_command(self, command: str, *, seconds: float = 30) -> Document:
        """The command once it is APPLIED or REFUSED."""
        return _poll(
            lambda: self.get(f"/api/v1/commands/{command}"),
            lambda found: found["state"] != "PENDING",
            seconds,
        )


def request_body(
    requester: Customer,
    amount: str,
    *,
    payer: tuple[str, str] | None = None,
    shares: Sequence[tuple[str, str, str]] = (),
    reference: str | None = None,
    memo: str | None = None,
    expires_at: str | None = None,
) -> Document:
    """A request in US dollars: of one payer (name, e-mail), or a split into shares (name, e-mail, amount)."""
    said = {"reference": reference, "memo": memo, "expires_at": expires_at}
    body: Document = {
        "kind": "request",
        "product": "zelle",
        "creditor": {"customer": requester.id, "account": requester.account},
        "amount": {"value": amount, "currency": "USD"},
        **{name: value for name, value in said.items() if value is not None},
    }
    if payer is not None:
        body["payer"] = _named(*payer)
    else:
        body["shares"] = [
            {**_named(name, email), "amount": {"value": part, "currency": "USD"}}
            for name, email, part in shares
        ]
    return body


def _named(name: str, email: str) -> Document:
    return {"name": name, "alias": {"kind": "email", "value": email}}


def order_body(
    payer: Customer,
    payee: str,
    amount: str,
    *,
    reference: str | None = None,
    memo: str | None = None,
    execute_on: str | None = None,
) -> Document:
    """A Zelle-like send in US dollars, as `POST /api/v1/orders` takes it."""
    body: Document = {
        "kind": "send",
        "product": "zelle",
        "debtor": {"customer": payer.id, "account": payer.account},
        "payee": payee,
        "amount": {"value": amount, "currency": "USD"},
    }
    if reference is not None:
        body["reference"] = reference
    if memo is not None:
        body["memo"] = memo
    if execute_on is not None:
        body["execute_on"] = execute_on
    return body


def _poll(
    read: Callable[[], Document],
    is_done: Callable[[Document], bool],
    seconds: float,
    *,
    every: float = 0.02,
) -> Document:
    deadline = time.monotonic() + seconds
    while True:
        found = read()
        if is_done(found):
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"still after {seconds} s: {found}")
        time.sleep(every)


def _expect(answer: Answer, status: int, asked: str) -> Document:
    if answer.status != status:
        raise Unexpected(asked, answer)
    body: Document = answer.body
    return body


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")
