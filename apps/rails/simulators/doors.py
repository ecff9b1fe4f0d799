"""The simulator's HTTP side: what banks use (messages, directory, account links) and what sandboxes steer it with."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apps.kernel.errors import DomainError, Invalid, NotFound
from apps.rails.domain.micro_deposits import TRIES_MAX, Link, deposits_for, prove
from apps.rails.serving import Request, Response, problem
from apps.rails.simulators.control import Control
from apps.rails.simulators.far_side import served
from apps.rails.simulators.network import SimulatedNetwork

_SECRET = "sandbox"  # noqa: S105 - the deposits' amounts are readable in a sandbox anyway

Route = Callable[["Doors", Request], Response]


class Doors:
    """Routes requests; the first two parts of a path and the method choose."""

    def __init__(self, network: SimulatedNetwork, control: Control) -> None:
        self._network = network
        self._store = network.store
        self._control = control
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        key = (request.method, *request.path[: 2 if request.path[:1] == ("sandbox",) else 1])
        route = _ROUTES.get(key)
        if route is None:
            return problem(404, "not_found", "There is nothing here.")
        try:
            return route(self, request)
        except DomainError as error:
            status = 404 if isinstance(error, NotFound) else 422
            return problem(status, error.code, f"{error.pointer} {error.detail}".strip())
        except (ValueError, KeyError, TypeError, IndexError) as error:
            return problem(400, "malformed", f"{type(error).__name__}: {error}"[:200])

    def health(self, _: Request) -> Response:
        now = self._store.now().isoformat()
        return Response(200, {"network": self._network.name, "now": now})

    def messages(self, request: Request) -> Response:
        return self._network.take(request.body)

    def alias(self, request: Request) -> Response:
        if not self._network.far_side.network.has_directory:
            raise NotFound("not_offered", "This network has no directory.")
        alias = request.path[1]
        found = self._control.moved(alias) or served(alias)
        if found is None:
            raise NotFound("alias_unknown", "No bank of this network serves it.")
        content = {"alias": alias, "bank": found.bank, "bank_name": found.bank_name}
        return Response(200, content)

    def links(self, request: Request) -> Response:
        """Opens a link, or takes the amounts that somebody saw: /links and /links/{link}/proofs."""
        if not self._network.far_side.network.proves_accounts:
            raise NotFound("not_offered", "This network proves no accounts.")
        with self._lock, self._store.atomic():
            body = request.json()
            if len(request.path) == 3 and request.path[2] == "proofs":
                first, second = (int(each) for each in body["deposits_minor"])
                link = self._link(request.path[1])
                return self._saved(prove(link, (first, second), now=self._store.now()))
            name = str(body["link"])
            if self._store.link(name):
                return self._saved(self._link(name))
            deposits = deposits_for(name, secret=_SECRET)
            return self._saved(Link(name, deposits, self._store.now()))

    def _link(self, name: str) -> Link:
        found = self._store.link(name)
        if found is None:
            raise NotFound("link_unknown", "Nobody opened this link.")
        first, second = found["deposits_minor"]
        opened = datetime.fromisoformat(found["opened_at"]).astimezone(UTC)
        return Link(name, (first, second), opened, found["tries"], found["state"])

    def _saved(self, link: Link) -> Response:
        content = {
            "deposits_minor": list(link.deposits_minor),
            "opened_at": link.opened_at.isoformat(),
            "tries": link.tries,
            "state": link.state,
        }
        self._store.put_link(link.id, content)
        left = TRIES_MAX - link.tries
        return Response(200, {"link": link.id, "state": link.state, "tries_left": left})

    def deposits(self, request: Request) -> Response:
        """What the owner of the account reads on the statement."""
        deposits = self._link(request.path[2]).deposits_minor
        return Response(200, {"deposits_minor": list(deposits)})

    def advance(self, request: Request) -> Response:
        seconds = request.json()["seconds"]
        if type(seconds) is not int or seconds <= 0:
            raise Invalid("seconds_invalid", "Write a whole number above zero.", "/seconds")
        return Response(200, {"now": self._store.advance(seconds).isoformat()})

    def payments(self, request: Request) -> Response:
        return Response(201, self._control.payment(request.json()))

    def requests(self, request: Request) -> Response:
        if len(request.path) == 4 and request.path[3] == "cancellations":
            return Response(201, self._control.cancel_request(request.path[2], request.json()))
        if len(request.path) == 4:
            return Response(200, self._control.answer_request(request.path[2], request.json()))
        return Response(201, self._control.request(request.json()))

    def recalls(self, request: Request) -> Response:
        return Response(201, self._control.recall(request.json()))

    def enquiries(self, request: Request) -> Response:
        return Response(201, self._control.enquire(request.json()))

    def move_alias(self, request: Request) -> Response:
        return Response(200, self._control.move_alias(request.path[2], request.json()))

    def instructions(self, _: Request) -> Response:
        return Response(200, self._control.instructions())


_ROUTES: dict[tuple[Any, ...], Route] = {
    ("GET", "health"): Doors.health,
    ("POST", "messages"): Doors.messages,
    ("GET", "aliases"): Doors.alias,
    ("POST", "links"): Doors.links,
    ("GET", "sandbox", "links"): Doors.deposits,
    ("GET", "sandbox", "instructions"): Doors.instructions,
    ("POST", "sandbox", "clock"): Doors.advance,
    ("POST", "sandbox", "payments"): Doors.payments,
    ("POST", "sandbox", "requests"): Doors.requests,
    ("POST", "sandbox", "recalls"): Doors.recalls,
    ("POST", "sandbox", "enquiries"): Doors.enquiries,
    ("PUT", "sandbox", "aliases"): Doors.move_alias,
}
