"""REST endpoints of what an account went through: its entries, its balance at a past time, its statement."""

from datetime import datetime
from typing import Any, get_args

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.request import Request

from apps.kernel.clock import rfc3339
from apps.kernel.errors import Invalid
from apps.ledger import selectors, serializers, statements
from apps.ledger.domain.entry import Kind
from apps.ledger.domain.statement import Balance, is_provisional
from dpms_site.clock import platform_clock
from dpms_site.mongodb import Document
from dpms_site.rest import query
from dpms_site.rest.fields import id_pattern
from dpms_site.rest.pages import Page, Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id

_INSTANT_EXAMPLE = "a time such as 2026-01-31T00:00:00Z"
_PERIOD: dict[str, query.Reader] = {"from": query.instant, "to": query.instant}
_BOUNDS = (("from", "inclusive"), ("to", "exclusive"))
_KINDS = frozenset(get_args(Kind))


def _period_parameters(*, required: bool) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(name, OpenApiTypes.DATETIME, required=required, description=meaning)
        for name, meaning in _BOUNDS
    ]


class EntriesView(RestView):
    scopes = {"GET": "accounts:read"}

    @extend_schema(
        operation_id="entries_list",
        summary="An account's ledger lines, newest first",
        tags=["accounts"],
        parameters=[
            *PAGE_PARAMETERS,
            *_period_parameters(required=False),
            OpenApiParameter("kind", str, enum=sorted(_KINDS)),
            OpenApiParameter("order", str),
        ],
        responses=page_schema(serializers.EntryOut),
    )
    def get(self, request: Request, account_id: str) -> HttpResponse:
        account = _account(account_id)
        page = page_of(
            request,
            name=f"entries:{account_id}",
            kind=query.one_of(_KINDS),
            order=query.matching(id_pattern("ord"), "an order's id"),
            **_PERIOD,
        )
        _check_period(page)
        return page_answer(
            request,
            page,
            statements.entries_page(account["_id"], page),
            position=_position,
            row_json=lambda row: serializers.entry_json(row, account_id=account["_id"]),
        )


class BalanceView(RestView):
    scopes = {"GET": "accounts:read"}

    @extend_schema(
        operation_id="accounts_balance",
        summary="What stood on an account before a time, by every entry until then",
        tags=["accounts"],
        parameters=[
            OpenApiParameter("at", OpenApiTypes.DATETIME, required=True, description="exclusive")
        ],
        responses=serializers.BalanceAtOut,
    )
    def get(self, request: Request, account_id: str) -> HttpResponse:
        account = _account(account_id)
        values = query.query_of(request, at=query.instant)
        at = query.needed(values, "at", example=_INSTANT_EXAMPLE)
        balance = statements.balance_at(account["_id"], at)
        return answer(
            {
                "account": account["_id"],
                "at": rfc3339(at),
                **serializers.balance_json(balance, account["currency"]),
                "provisional": is_provisional(at, platform_clock()),
            }
        )


class StatementView(RestView):
    scopes = {"GET": "accounts:read"}

    @extend_schema(
        operation_id="accounts_statement",
        summary="An account's statement of a period, oldest entry first, each with the balance after it",
        tags=["accounts"],
        parameters=[*PAGE_PARAMETERS, *_period_parameters(required=True)],
        responses=serializers.StatementOut,
    )
    def get(self, request: Request, account_id: str) -> HttpResponse:
        account = _account(account_id)
        page = page_of(request, name=f"statement:{account_id}", **_PERIOD)
        since = query.needed(page.filters, "from", example=_INSTANT_EXAMPLE)
        until = query.needed(page.filters, "to", example=_INSTANT_EXAMPLE)
        _check_period(page)
        found = statements.statement(account["_id"], page, since=since, until=until)
        return page_answer(
            request,
            page,
            found.rows,
            position=lambda row: _position(row[0]),
            row_json=lambda row: _row(*row, account),
            head={
                "account": account["_id"],
                "currency": account["currency"],
                **_period_json(since, until),
                **serializers.statement_json(found, account["currency"]),
            },
        )


def _row(entry: Document, balance: Balance, account: Document) -> dict[str, Any]:
    return {
        **serializers.entry_json(entry, account_id=account["_id"]),
        "balance": serializers.balance_json(balance, account["currency"]),
    }


def _period_json(since: datetime, until: datetime) -> dict[str, Any]:
    provisional = is_provisional(until, platform_clock())
    return {"from": rfc3339(since), "to": rfc3339(until), "provisional": provisional}


def _check_period(page: Page) -> None:
    since, until = page.filters.get("from"), page.filters.get("to")
    if since is not None and until is not None and not since < until:
        raise Invalid("query_invalid", "The parameter from must be earlier than the parameter to.")


def _position(entry: Document) -> Position:
    return Position(entry["at"], entry["_id"])


def _account(account_id: str) -> Document:
    return selectors.account_by_id(path_id("acc", account_id, "account_not_found"))
