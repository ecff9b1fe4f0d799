"""REST endpoints of customers' payees."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.parties import selectors, serializers, services
from apps.profiles.selectors import customer_by_id
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id


def _customer_id(value: str) -> str:
    return path_id("cus", value, "customer_not_found")


def _payee_id(value: str) -> str:
    return path_id("pay", value, "payee_not_found")


class PayeesView(RestView):
    scopes = {"GET": "payees:read", "POST": "payees:write"}

    @extend_schema(
        operation_id="payees_list",
        summary="A customer's payees that are not removed",
        tags=["payees"],
        parameters=PAGE_PARAMETERS,
        responses=page_schema(serializers.PayeeOut),
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        customer = customer_by_id(_customer_id(customer_id))
        page = page_of(request, name=f"payees:{customer.id}")
        return page_answer(
            request,
            page,
            selectors.payees_page(customer.id, page),
            position=lambda row: Position(row.payee.created_at, row.payee.id),
            row_json=serializers.payee_json,
        )

    @extend_schema(
        operation_id="payees_create",
        summary="Add a payee; its name is compared with the owner of the alias",
        tags=["payees"],
        request=serializers.PayeeIn,
        responses={201: serializers.PayeeOut},
    )
    def post(self, request: Request, customer_id: str) -> HttpResponse:
        known = services.add_payee(
            customer_id=_customer_id(customer_id),
            wanted=self.body(serializers.PayeeIn),
            made=self.made("added"),
        )
        return answer(
            serializers.payee_json(known),
            status=201,
            headers={"Location": f"{request.path}/{known.payee.id}"},
        )


class PayeeView(RestView):
    scopes = {"GET": "payees:read", "PATCH": "payees:write", "DELETE": "payees:write"}

    @extend_schema(
        operation_id="payees_read",
        summary="One payee",
        tags=["payees"],
        responses=serializers.PayeeOut,
    )
    def get(self, request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        query.query_of(request)
        payee = selectors.payee_of_customer(_customer_id(customer_id), _payee_id(payee_id))
        return answer(serializers.payee_json(selectors.known_payee(payee)))

    @extend_schema(
        operation_id="payees_change",
        summary="Change a payee's name or nickname; a new name is compared anew",
        tags=["payees"],
        request=serializers.PayeePatch,
        responses=serializers.PayeeOut,
    )
    def patch(self, _request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        known = services.rename_payee(
            customer_id=_customer_id(customer_id),
            payee_id=_payee_id(payee_id),
            wanted=self.body(serializers.PayeePatch),
            made=self.made("changed by the client"),
        )
        return answer(serializers.payee_json(known))

    @extend_schema(
        operation_id="payees_delete",
        summary="Remove a payee; refused while orders to it are under way",
        tags=["payees"],
        responses={204: None},
    )
    def delete(self, _request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        services.remove_payee(
            customer_id=_customer_id(customer_id),
            payee_id=_payee_id(payee_id),
            made=self.made("removed by the client"),
        )
        return HttpResponse(status=204)


class PayeeCheckView(RestView):
    scopes = {"POST": "payees:write"}

    @extend_schema(
        operation_id="payees_check",
        summary="Compare the payee's name with the owner of the alias again",
        tags=["payees"],
        request=None,
        responses=serializers.PayeeOut,
    )
    def post(self, _request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        known = services.check_payee(
            customer_id=_customer_id(customer_id),
            payee_id=_payee_id(payee_id),
            made=self.made("name checked again"),
        )
        return answer(serializers.payee_json(known))


class PayeeSuspensionView(RestView):
    """For the bank's own systems: a customer's app has no scope for it."""

    scopes = {"POST": "blocked_parties:write"}

    @extend_schema(
        operation_id="payees_suspend",
        summary="Suspend a payee: nothing is paid to it",
        tags=["payees"],
        request=serializers.ReasonIn,
        responses=serializers.PayeeOut,
    )
    def post(self, _request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        known = services.suspend_payee(
            customer_id=_customer_id(customer_id),
            payee_id=_payee_id(payee_id),
            made=self.made(self.body(serializers.ReasonIn)["reason"]),
        )
        return answer(serializers.payee_json(known))


class PayeeReinstatementView(RestView):
    """For the bank's own systems, like suspending."""

    scopes = {"POST": "blocked_parties:write"}

    @extend_schema(
        operation_id="payees_reinstate",
        summary="Reinstate a suspended payee; it is NEW again",
        tags=["payees"],
        request=serializers.ReasonIn,
        responses=serializers.PayeeOut,
    )
    def post(self, _request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        known = services.reinstate_payee(
            customer_id=_customer_id(customer_id),
            payee_id=_payee_id(payee_id),
            made=self.made(self.body(serializers.ReasonIn)["reason"]),
        )
        return answer(serializers.payee_json(known))
