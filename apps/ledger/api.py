"""REST endpoints of accounts as they stand now."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.kernel.errors import Forbidden
from apps.ledger import selectors, serializers, services
from apps.ledger.closing import close_account
from apps.profiles.selectors import customer_by_id
from apps.profiles.serializers import ReasonIn
from dpms_site.clock import platform_clock
from dpms_site.mongodb import Document
from dpms_site.rest import query
from dpms_site.rest.idempotency import REPLAYED, idempotency_key
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import OPTIONAL_KEY, PAGE_PARAMETERS, page_schema
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
        parameters=[OPTIONAL_KEY],
        request=serializers.AccountIn,
        responses={201: serializers.AccountOut},
    )
    def post(self, _request: Request, customer_id: str) -> HttpResponse:
        wanted = self.body(serializers.AccountIn)
        if wanted["opening_minor"] is not None and not settings.SANDBOX:
            detail = "Only a sandbox opens accounts with money in them."
            raise Forbidden("sandbox_only", detail, "/opening_balance")
        customer = customer_by_id(path_id("cus", customer_id, "customer_not_found"))
        opened = services.open_account(
            customer_id=customer.id,
            kind=wanted["kind"],
            currency=wanted["currency"],
            opening_minor=wanted["opening_minor"] or 0,
            by=f"client:{self.client_id}",
            now=platform_clock(),
            key=self._key(),
        )
        headers = {"Location": f"/api/v1/accounts/{opened.document['_id']}"}
        return answer(
            serializers.account_json(opened.document),
            status=201,
            headers=headers | (REPLAYED if opened.is_replay else {}),
        )

    def _key(self) -> services.Key | None:
        raw = self.request.headers.get("Idempotency-Key")
        return services.Key(self.client_id, idempotency_key(raw)) if raw is not None else None


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


class ClosingView(RestView):
    scopes = {"POST": "accounts:write"}

    @extend_schema(
        operation_id="accounts_close",
        summary="Close an empty account for good; refused while orders are under way",
        tags=["accounts"],
        request=ReasonIn,
        responses=serializers.AccountOut,
    )
    def post(self, _request: Request, account_id: str) -> HttpResponse:
        asked = self.body(ReasonIn)
        account = close_account(
            account_id=path_id("acc", account_id, "account_not_found"),
            version=asked.get("version"),
            made=self.made(asked["reason"]),
        )
        return answer(serializers.account_json(account))


def _account(account_id: str) -> Document:
    return selectors.account_by_id(path_id("acc", account_id, "account_not_found"))
