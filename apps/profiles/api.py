"""REST endpoints of customers and aliases."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.profiles import selectors, serializers, services
from apps.profiles.models import Alias, Customer
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id

STATUSES = frozenset({"PENDING", "ACTIVE", "SUSPENDED", "UNENROLLING", "UNENROLLED"})


def _customer_id(value: str) -> str:
    return path_id("cus", value, "customer_not_found")


def _position(row: Customer | Alias) -> Position:
    return Position(row.created_at, row.id)


class CustomersView(RestView):
    scopes = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(
        operation_id="customers_list",
        summary="Customers, newest first",
        tags=["customers"],
        parameters=PAGE_PARAMETERS,
        responses=page_schema(serializers.CustomerOut),
    )
    def get(self, request: Request) -> HttpResponse:
        page = page_of(request, name="customers", status=query.one_of(STATUSES))
        rows = selectors.customers_page(page)
        return page_answer(
            request, page, rows, position=_position, row_json=serializers.customer_json
        )

    @extend_schema(
        operation_id="customers_create",
        summary="Enrol a customer",
        tags=["customers"],
        request=serializers.CustomerIn,
        responses={201: serializers.CustomerOut},
    )
    def post(self, request: Request) -> HttpResponse:
        enrolment = self.body(serializers.CustomerIn)
        customer = services.enrol_customer(enrolment, made=self.made("enrolled"))
        return answer(
            serializers.customer_json(customer),
            status=201,
            headers={"Location": f"{request.path}/{customer.id}"},
        )


class CustomerView(RestView):
    scopes = {"GET": "customers:read"}

    @extend_schema(
        operation_id="customers_read",
        summary="One customer",
        tags=["customers"],
        responses=serializers.CustomerOut,
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        query.query_of(request)
        customer = selectors.customer_by_id(_customer_id(customer_id))
        return answer(serializers.customer_json(customer))


class AliasesView(RestView):
    scopes = {"GET": "customers:read", "POST": "customers:write"}

    @extend_schema(
        operation_id="aliases_list",
        summary="A customer's aliases that are not removed",
        tags=["aliases"],
        parameters=PAGE_PARAMETERS,
        responses=page_schema(serializers.AliasOut),
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        customer = selectors.customer_by_id(_customer_id(customer_id))
        page = page_of(request, name=f"aliases:{customer.id}")
        rows = selectors.aliases_page(customer.id, page)
        return page_answer(request, page, rows, position=_position, row_json=serializers.alias_json)

    @extend_schema(
        operation_id="aliases_create",
        summary="Enrol an e-mail address or phone number; a code proves it",
        tags=["aliases"],
        request=serializers.AliasIn,
        responses={201: serializers.AliasOut},
    )
    def post(self, request: Request, customer_id: str) -> HttpResponse:
        wanted = self.body(serializers.AliasIn)
        alias, code = services.enrol_alias(
            customer_id=_customer_id(customer_id),
            kind=wanted["kind"],
            value=wanted["value"],
            account_id=wanted["account"],
            made=self.made("enrolled"),
        )
        body = serializers.alias_json(alias)
        if settings.SANDBOX:
            body["sandbox_code"] = code
        return answer(body, status=201, headers={"Location": f"{request.path}/{alias.id}"})


class AliasView(RestView):
    scopes = {"GET": "customers:read", "DELETE": "customers:write"}

    @extend_schema(
        operation_id="aliases_read",
        summary="One alias",
        tags=["aliases"],
        responses=serializers.AliasOut,
    )
    def get(self, request: Request, customer_id: str, alias_id: str) -> HttpResponse:
        query.query_of(request)
        alias_id = path_id("als", alias_id, "alias_not_found")
        alias = selectors.alias_of_customer(_customer_id(customer_id), alias_id)
        return answer(serializers.alias_json(alias))

    @extend_schema(
        operation_id="aliases_delete",
        summary="Remove an alias",
        tags=["aliases"],
        responses={204: None},
    )
    def delete(self, _request: Request, customer_id: str, alias_id: str) -> HttpResponse:
        services.remove_alias(
            customer_id=_customer_id(customer_id),
            alias_id=path_id("als", alias_id, "alias_not_found"),
            made=self.made("removed by the client"),
        )
        return HttpResponse(status=204)


class AliasVerificationView(RestView):
    scopes = {"POST": "customers:write"}

    @extend_schema(
        operation_id="aliases_verify",
        summary="Prove an alias with its code",
        tags=["aliases"],
        request=serializers.CodeIn,
        responses=serializers.AliasOut,
    )
    def post(self, _request: Request, alias_id: str) -> HttpResponse:
        alias = services.verify_alias(
            alias_id=path_id("als", alias_id, "alias_not_found"),
            code=self.body(serializers.CodeIn)["code"],
            made=self.made("code verified"),
        )
        return answer(serializers.alias_json(alias))
