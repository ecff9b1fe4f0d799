"""REST endpoints of schedules: payments on a date to come, once or again and again."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.kernel.errors import Conflict, Invalid
from apps.profiles.selectors import customer_by_id
from apps.transactions.scheduling import selectors, serializers, services
from apps.transactions.serializers import idempotency_key, submission_of
from apps.transactions.submission import Requester
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import IDEMPOTENCY_KEY, PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id


def _customer_id(value: str) -> str:
    return path_id("cus", value, "customer_not_found")


def _schedule_id(value: str) -> str:
    return path_id("sch", value, "schedule_not_found")


class SchedulesView(RestView):
    scopes = {"GET": "orders:read", "POST": "orders:write"}

    @extend_schema(
        operation_id="schedules_list",
        summary="A customer's schedules, newest first",
        tags=["schedules"],
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("status", str)],
        responses=page_schema(serializers.ScheduleOut),
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        customer = customer_by_id(_customer_id(customer_id))
        page = page_of(
            request,
            name=f"schedules:{customer.id}",
            status=query.one_of(serializers.STATUSES),
        )
        return page_answer(
            request,
            page,
            selectors.schedules_page(customer.id, page),
            position=lambda row: Position(row.created_at, row.id),
            row_json=serializers.schedule_json,
        )

    @extend_schema(
        operation_id="schedules_create",
        summary="Pay on a date to come, once or again and again",
        description=(
            "Each payment becomes an order on its day at 06:00 Eastern time, by the same rules as one sent then. "
            "A day on which banks are closed is moved as `roll` says."
        ),
        tags=["schedules"],
        parameters=[IDEMPOTENCY_KEY],
        request=serializers.ScheduleIn,
        responses={201: serializers.ScheduleOut},
    )
    def post(self, request: Request, customer_id: str) -> HttpResponse:
        key = idempotency_key(self.request.headers.get("Idempotency-Key"))
        wanted = self.body(serializers.ScheduleIn)
        if wanted["debtor"]["customer"] != customer_by_id(_customer_id(customer_id)).id:
            detail = "Name the customer whose address this is."
            raise Invalid("customer_mismatch", detail, "/debtor/customer")
        set_up = services.set_up(
            submission_of(wanted, key),
            serializers.plan_of(wanted),
            requester=Requester(client=self.client_id, request_id=self.request_id),
            made=self.made("set up"),
        )
        headers = {"Location": f"{request.path}/{set_up.schedule.id}"}
        if set_up.is_replay:
            headers["Idempotency-Replayed"] = "true"
        return answer(serializers.schedule_json(set_up.schedule), status=201, headers=headers)


class ScheduleView(RestView):
    scopes = {"GET": "orders:read", "PATCH": "orders:write", "DELETE": "orders:write"}

    @extend_schema(
        operation_id="schedules_read",
        summary="One schedule, its next payment and what became of the last",
        tags=["schedules"],
        responses=serializers.ScheduleOut,
    )
    def get(self, request: Request, customer_id: str, schedule_id: str) -> HttpResponse:
        query.query_of(request)
        found = selectors.schedule_of_customer(_customer_id(customer_id), _schedule_id(schedule_id))
        return answer(serializers.schedule_json(found))

    @extend_schema(
        operation_id="schedules_change",
        summary="Pause or resume a schedule",
        description="Resumed, it goes on with the first payment that is not past.",
        tags=["schedules"],
        request=serializers.ScheduleChangeIn,
        responses=serializers.ScheduleOut,
    )
    def patch(self, _request: Request, customer_id: str, schedule_id: str) -> HttpResponse:
        wanted = self.body(serializers.ScheduleChangeIn)
        found = selectors.schedule_of_customer(_customer_id(customer_id), _schedule_id(schedule_id))
        if found.version != wanted["version"]:
            detail = f"It is at version {found.version}; read it again."
            raise Conflict("version_conflict", detail, "/version")
        if wanted["status"] == "PAUSED":
            changed = services.pause(found, self.made("paused by the client"))
        else:
            changed = services.resume(found, self.made("resumed by the client"))
        return answer(serializers.schedule_json(changed))

    @extend_schema(
        operation_id="schedules_delete",
        summary="Cancel a schedule; it stays readable",
        tags=["schedules"],
        responses={204: None},
    )
    def delete(self, _request: Request, customer_id: str, schedule_id: str) -> HttpResponse:
        services.cancel(
            customer_id=_customer_id(customer_id),
            schedule_id=_schedule_id(schedule_id),
            made=self.made("cancelled by the client"),
        )
        return HttpResponse(status=204)
