"""REST endpoints of aliases: enrolment, the code that proves one, removal."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.profiles import aliases, selectors, serializers
from apps.profiles.models import Alias
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id


def _customer_id(value: str) -> str:
    return path_id("cus", value, "customer_not_found")


def _alias_id(value: str) -> str:
    return path_id("als", value, "alias_not_found")


def _position(row: Alias) -> Position:
    return Position(row.created_at, row.id)


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
        summary="Enrol an e-mail address or phone number; a code proves it, and with `move` takes it over",
        tags=["aliases"],
        request=serializers.AliasIn,
        responses={201: serializers.AliasOut},
    )
    def post(self, request: Request, customer_id: str) -> HttpResponse:
        wanted = self.body(serializers.AliasIn)
        alias, code = aliases.enrol_alias(
            customer_id=_customer_id(customer_id),
            kind=wanted["kind"],
            value=wanted["value"],
            account_id=wanted["account"],
            moves=wanted["move"],
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
        alias = selectors.alias_of_customer(_customer_id(customer_id), _alias_id(alias_id))
        return answer(serializers.alias_json(alias))

    @extend_schema(
        operation_id="aliases_delete",
        summary="Remove an alias",
        tags=["aliases"],
        responses={204: None},
    )
    def delete(self, _request: Request, customer_id: str, alias_id: str) -> HttpResponse:
        aliases.remove_alias(
            customer_id=_customer_id(customer_id),
            alias_id=_alias_id(alias_id),
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
        alias = aliases.verify_alias(
            alias_id=_alias_id(alias_id),
            code=self.body(serializers.CodeIn)["code"],
            made=self.made("code verified"),
        )
        return answer(serializers.alias_json(alias))
