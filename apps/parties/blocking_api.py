"""REST endpoints of the bank-wide list of blocked parties; for the bank's own systems."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.parties import blocking, selectors, serializers
from dpms_site.rest import query
from dpms_site.rest.pages import Position, page_answer, page_of
from dpms_site.rest.schema import PAGE_PARAMETERS, page_schema
from dpms_site.rest.views import RestView, answer, path_id

STATUSES = frozenset({"ACTIVE", "LIFTED"})


def _party_id(value: str) -> str:
    return path_id("blk", value, "blocked_party_not_found")


class BlockedPartiesView(RestView):
    scopes = {"GET": "blocked_parties:read", "POST": "blocked_parties:write"}

    @extend_schema(
        operation_id="blocked_parties_list",
        summary="Blocked parties, newest first",
        tags=["blocked parties"],
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("status", str, enum=sorted(STATUSES))],
        responses=page_schema(serializers.BlockedPartyOut),
    )
    def get(self, request: Request) -> HttpResponse:
        page = page_of(request, name="blocked_parties", status=query.one_of(STATUSES))
        return page_answer(
            request,
            page,
            selectors.blocked_parties_page(page),
            position=lambda row: Position(row.created_at, row.id),
            row_json=serializers.blocked_party_json,
        )

    @extend_schema(
        operation_id="blocked_parties_create",
        summary="Block an alias, an account or a name for every customer",
        tags=["blocked parties"],
        request=serializers.BlockedPartyIn,
        responses={201: serializers.BlockedPartyOut, 200: serializers.BlockedPartyOut},
    )
    def post(self, request: Request) -> HttpResponse:
        wanted = self.body(serializers.BlockedPartyIn)
        party, is_new = blocking.block_party(wanted=wanted, made=self.made(wanted["reason"]))
        return answer(
            serializers.blocked_party_json(party),
            status=201 if is_new else 200,
            headers={"Location": f"{request.path}/{party.id}"},
        )


class BlockedPartyView(RestView):
    scopes = {"GET": "blocked_parties:read"}

    @extend_schema(
        operation_id="blocked_parties_read",
        summary="One blocked party",
        tags=["blocked parties"],
        responses=serializers.BlockedPartyOut,
    )
    def get(self, request: Request, party_id: str) -> HttpResponse:
        query.query_of(request)
        party = selectors.blocked_party_by_id(_party_id(party_id))
        return answer(serializers.blocked_party_json(party))


class BlockLiftView(RestView):
    scopes = {"POST": "blocked_parties:write"}

    @extend_schema(
        operation_id="blocked_parties_lift",
        summary="Lift a block; suspended payees stay so until each is reinstated",
        tags=["blocked parties"],
        request=serializers.ReasonIn,
        responses=serializers.BlockedPartyOut,
    )
    def post(self, _request: Request, party_id: str) -> HttpResponse:
        party = blocking.lift_block(
            party_id=_party_id(party_id),
            made=self.made(self.body(serializers.ReasonIn)["reason"]),
        )
        return answer(serializers.blocked_party_json(party))
