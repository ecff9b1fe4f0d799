"""REST endpoints of orders and commands."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiTypes,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework.request import Request

from apps.access.roles import SCOPES
from apps.kernel.errors import Invalid
from apps.transactions import orders_out, selectors, serializers, services
from apps.transactions.batch import Result, accept_items
from apps.transactions.domain.lifecycle import LIFECYCLES, STATUS_NAMES
from apps.transactions.feed import feed_page, has_news, position_of
from apps.transactions.products.registry import PRODUCTS
from apps.transactions.requesting import accept_request
from apps.transactions.requests_in import RequestIn, is_request, request_submission_of
from apps.transactions.submission import Requester
from dpms_site.clock import platform_clock
from dpms_site.errors import described, problem_json
from dpms_site.mongodb import Document
from dpms_site.rest import query
from dpms_site.rest.fields import id_pattern
from dpms_site.rest.pages import Page, Position, page_answer, page_of
from dpms_site.rest.schema import IDEMPOTENCY_KEY, PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id
from dpms_site.rest.waiting import WAIT_SECONDS_MAX, wait_for

_SIDES = ("debtor", "creditor", "payer")
_FILTERS = {
    "kind": query.one_of(LIFECYCLES),
    "status": query.one_of(frozenset(STATUS_NAMES)),
    "product": query.one_of(PRODUCTS),
    "customer": query.matching(id_pattern("cus"), "a customer's id"),
    "party": query.one_of(frozenset(_SIDES)),
    "caused_by": query.matching(id_pattern("ord"), "an order's id"),
    "created_from": query.instant,
    "created_to": query.instant,
}


class OrderView(RestView):
    @property
    def requester(self) -> Requester:
        return Requester(client=self.client_id, request_id=self.request_id)

    @property
    def key_header(self) -> str | None:
        header: str | None = self.request.headers.get("Idempotency-Key")
        return header


def _order(order_id: str) -> Document:
    return selectors.order_by_id(path_id("ord", order_id, "order_not_found"))


class OrdersView(OrderView):
    scopes = {"GET": "orders:read", "POST": "orders:write"}

    @extend_schema(
        operation_id="orders_list",
        summary="Orders, newest first",
        tags=["orders"],
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("kind", str, enum=list(LIFECYCLES)),
            OpenApiParameter("status", str),
            OpenApiParameter("product", str),
            OpenApiParameter("customer", str, description="on any side"),
            OpenApiParameter(
                "party",
                str,
                enum=_SIDES,
                description="the customer's side: pays, is paid or asks for money, is asked for it",
            ),
            OpenApiParameter("caused_by", str, description="the order that caused them"),
            OpenApiParameter("created_from", OpenApiTypes.DATETIME, description="inclusive"),
            OpenApiParameter("created_to", OpenApiTypes.DATETIME, description="exclusive"),
        ],
        responses=page_schema(orders_out.OrderOut),
    )
    def get(self, request: Request) -> HttpResponse:
        page: Page = page_of(request, name="orders", **_FILTERS)
        if "party" in page.filters and "customer" not in page.filters:
            raise Invalid("query_invalid", "The parameter party needs customer beside it.")
        return page_answer(
            request,
            page,
            selectors.orders_page(page),
            position=lambda row: Position(row["created_at"], row["_id"]),
            row_json=orders_out.order_json,
        )

    @extend_schema(
        operation_id="orders_create",
        summary="Send money, or ask for it",
        description=(
            "**send**: at once, or on the day `execute_on` (a date in Eastern time, at most 366 days ahead): the order "
            "is then SCHEDULED until that day begins, and limits and funds are looked at on it.\n\n"
            "**request**: asks one `payer` (by name and alias), a `payee` of the customer's, or several by `shares`, "
            "which must add up to the amount: then every payer has a request of their own, `caused_by` this one. It "
            "ends at `expires_at`; left out, or at most, when the product's period is over."
        ),
        tags=["orders"],
        parameters=[IDEMPOTENCY_KEY],
        request=PolymorphicProxySerializer(
            component_name="NewOrder",
            serializers={"send": serializers.OrderIn, "request": RequestIn},
            resource_type_field_name="kind",
        ),
        responses={201: orders_out.OrderOut},
    )
    def post(self, request: Request) -> HttpResponse:
        key = serializers.idempotency_key(self.key_header)
        made: dict[str, Any] = {"requester": self.requester, "now": platform_clock()}
        if is_request(request.data):
            asked = request_submission_of(self.body(RequestIn), key)
            accepted = accept_request(asked, **made)
        else:
            submission = serializers.submission_of(self.body(serializers.OrderIn), key)
            accepted = services.accept_order(submission, **made)
        headers = {"Location": f"/api/v1/orders/{accepted.document['_id']}"}
        if accepted.is_replay:
            headers["Idempotency-Replayed"] = "true"
        return answer(orders_out.order_json(accepted.document), status=201, headers=headers)


class OrderBatchView(OrderView):
    scopes = {"POST": "orders:write"}

    @extend_schema(
        operation_id="orders_create_batch",
        summary="Up to 1,000 orders, each with its own result",
        description="Payments and requests; each item is what `POST /orders` takes, with its `idempotency_key`.",
        tags=["orders"],
        request=serializers.BatchIn,
        responses={207: OpenApiTypes.OBJECT},
    )
    def post(self, _request: Request) -> HttpResponse:
        items = self.body(serializers.BatchIn)["orders"]
        results = accept_items(items, requester=self.requester, now=platform_clock())
        told = [self._result(result, place) for place, result in enumerate(results)]
        return answer({"results": told}, status=207)

    def _result(self, result: Result, place: int) -> dict[str, Any]:
        if not isinstance(result, services.Accepted):
            return self._refused(result, place)
        told = {"status": 201, "order": orders_out.order_json(result.document)}
        return told | {"idempotency_replayed": True} if result.is_replay else told

    def _refused(self, error: Exception, place: int) -> dict[str, Any]:
        facts = described(error, method="POST")
        assert facts is not None  # noqa: S101  (only refusals come here)
        problem = problem_json(
            path=f"{self.request.path}#/orders/{place}", request_id=self.request_id, **facts
        )
        return {"status": problem["status"], "problem": problem}


class OrderDetailView(RestView):
    scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="orders_read",
        summary="One order as it stands",
        tags=["orders"],
        responses=orders_out.OrderOut,
    )
    def get(self, request: Request, order_id: str) -> HttpResponse:
        query.query_of(request)
        return answer(orders_out.order_json(_order(order_id)))


class OrderEventsView(RestView):
    scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="orders_events",
        summary="An order's history, oldest first",
        tags=["orders"],
        responses=page_schema(orders_out.EventOut),
    )
    def get(self, request: Request, order_id: str) -> HttpResponse:
        query.query_of(request)
        events = orders_out.events_json(_order(order_id))
        return answer({"data": events, "next": None, "has_more": False})


class OrderCommandsView(OrderView):
    scopes = {"POST": "orders:write"}

    @extend_schema(
        operation_id="commands_create",
        summary="Ask something of an order, such as to cancel it",
        description=(
            "A send order knows `cancel` and `dispute`; a request `cancel` of the one who asks, and `present`, "
            "`accept` and `decline` of the payer. What staff alone may ask is refused with `command_not_yours`."
        ),
        tags=["commands"],
        parameters=[IDEMPOTENCY_KEY],
        request=serializers.CommandIn,
        responses={202: serializers.CommandOut},
    )
    def post(self, _request: Request, order_id: str) -> HttpResponse:
        wanted = self.body(serializers.CommandIn)
        key = self.key_header
        command, is_replay = services.request_command(
            order=path_id("ord", order_id, "order_not_found"),
            command=wanted["type"],
            reason=wanted["reason"],
            actor=None,
            requester=self.requester,
            idempotency_key=None if key is None else serializers.idempotency_key(key),
            now=platform_clock(),
        )
        headers = {"Location": f"/api/v1/commands/{command['_id']}"}
        if is_replay:
            headers["Idempotency-Replayed"] = "true"
        return answer(serializers.command_json(command, None), status=202, headers=headers)


class CommandView(RestView):
    scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="commands_read",
        summary="A command and what became of it",
        tags=["commands"],
        responses=serializers.CommandOut,
    )
    def get(self, request: Request, command_id: str) -> HttpResponse:
        query.query_of(request)
        command, outcome = selectors.command_by_id(path_id("cmd", command_id, "command_not_found"))
        return answer(serializers.command_json(command, outcome))


class FeedView(RestView):
    scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="feed_read",
        summary="What happened to orders, in one numbered sequence",
        description=(
            "Every change of an order once, oldest first; numbers rise, and with other clients' orders between "
            "yours they leave some out. Keep `next` and send it as `after`: nothing is lost and nothing comes twice. "
            "Events are kept for 30 days; a position that is kept no longer is answered with 410 "
            "`feed_position_gone`. A client that holds every scope sees the orders of all clients."
        ),
        tags=["orders"],
        parameters=[
            OpenApiParameter("after", str, description="`next` of the answer before"),
            OpenApiParameter("limit", int, description="1 to 200, 50 when left out"),
            OpenApiParameter(
                "wait", int, description="seconds to wait for an event when there is none, 0 to 25"
            ),
        ],
        responses=page_schema(serializers.FeedEventOut),
    )
    def get(self, request: Request) -> HttpResponse:
        values = query.query_of(
            request,
            after=position_of,
            limit=query.limit,
            wait=query.whole_number(0, WAIT_SECONDS_MAX),
        )
        # As with GET /orders, the bank's own system sees all; it is the client that may do everything.
        caller: Any = request.user
        client = None if caller.scopes >= set(SCOPES) else self.client_id
        limit = values.get("limit", query.LIMIT_DEFAULT)
        page = feed_page(values.get("after"), limit=limit, client=client)
        body = {
            "data": [serializers.feed_event_json(event) for event in page.events],
            "next": str(page.next),
            "has_more": page.has_more,
        }
        answered = answer(body)
        if not page.events and values.get("wait"):
            wait_for(answered, lambda: has_news(page.next, client=client), seconds=values["wait"])
        return answered
