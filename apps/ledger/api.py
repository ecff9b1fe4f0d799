"""REST endpoints of accounts and their ledger lines."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.kernel.errors import Forbidden
from apps.ledger import selectors, serializers, services
from apps.profiles.selectors import customer_by_id
from dpms_site.clock import platform_clock
from dpms_site.mongodb import Document
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id


class AccountsView(RestView):
    scopes = {"GET": "accounts:read", "POST": "accounts:write"}

    @extend_schema(
        operation_id="accounts_list",
        summary="A customer's accounts",
        tags=["accounts"],
        parameters=PAGE_PARAMETERS,
        responses=page_schema(serializers.AccountOut),
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        customer = customer_by_id(path_id("cus", customer_id, "customer_not_found"))
        page = page_of(request, name=f"accounts:{customer.id}")
        return page_answer(
            request,
            page,
            selectors.accounts_page(customer.id, page),
            position=lambda row: Position(row["opened_at"], row["_id"]),
            row_json=serializers.account_json,
        )

    @extend_schema(
        operation_id="accounts_create",
        summary="Open an account; an opening balance is play money and taken by a sandbox only",
        tags=["accounts"],
        request=serializers.AccountIn,
        responses={201: serializers.AccountOut},
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        wanted = self.body(serializers.AccountIn)
        if wanted["opening_minor"] is not None and not settings.SANDBOX:
            detail = "Only a sandbox opens accounts with money in them."
            raise Forbidden("sandbox_only", detail, "/opening_balance")
        customer = customer_by_id(path_id("cus", customer_id, "customer_not_found"))
        account = services.open_account(
            customer_id=customer.id,
            kind=wanted["kind"],
            currency=wanted["currency"],
            opening_minor=wanted["opening_minor"] or 0,
            by=f"client:{self.client_id}",
            now=platform_clock(),
        )
        return answer(
            serializers.account_json(account),
            status=201,
            headers={"Location": f"/api/v1/accounts/{account['_id']}"},
        )


class AccountView(RestView):
    scopes = {"GET": "accounts:read"}

    @extend_schema(
        operation_id="accounts_read",
        summary="One account with posted, held and available amounts",
        tags=["accounts"],
        responses=serializers.AccountOut,
    )
    def get(self, request: Request, account_id: str) -> HttpResponse:
        query.query_of(request)
        return answer(serializers.account_json(_account(account_id)))


class EntriesView(RestView):
    scopes = {"GET": "accounts:read"}

    @extend_schema(
        operation_id="entries_list",
        summary="An account's ledger lines, newest first",
        tags=["accounts"],
        parameters=PAGE_PARAMETERS,
        responses=page_schema(serializers.EntryOut),
    )
    def get(self, request: Request, account_id: str) -> HttpResponse:
        account = _account(account_id)
        page = page_of(request, name=f"entries:{account_id}")
        return page_answer(
            request,
            page,
            selectors.entries_page(account["_id"], page),
            position=lambda row: Position(row["at"], row["_id"]),
            row_json=lambda row: serializers.entry_json(row, account_id=account["_id"]),
        )


def _account(account_id: str) -> Document:
    return selectors.account_by_id(path_id("acc", account_id, "account_not_found"))
