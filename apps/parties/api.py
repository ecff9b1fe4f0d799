"""REST endpoints of payees."""

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
            position=lambda row: Position(row.created_at, row.id),
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
        payee = services.add_payee(
            customer_id=_customer_id(customer_id),
            wanted=self.body(serializers.PayeeIn),
            made=self.made("added"),
        )
        return answer(
            serializers.payee_json(payee),
            status=201,
            headers={"Location": f"{request.path}/{payee.id}"},
        )


class PayeeView(RestView):
    scopes = {"GET": "payees:read", "DELETE": "payees:write"}

    @extend_schema(
        operation_id="payees_read",
        summary="One payee",
        tags=["payees"],
        responses=serializers.PayeeOut,
    )
    def get(self, request: Request, customer_id: str, payee_id: str) -> HttpResponse:
        query.query_of(request)
        payee = selectors.payee_of_customer(_customer_id(customer_id), _payee_id(payee_id))
        return answer(serializers.payee_json(payee))

    @extend_schema(
        operation_id="payees_delete",
        summary="Remove a payee",
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
