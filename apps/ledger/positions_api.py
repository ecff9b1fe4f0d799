"""REST endpoint of the networks' positions; for the bank's own systems, so it has a scope of its own."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.request import Request

from apps.ledger import positions, serializers
from dpms_site.clock import platform_clock
from dpms_site.rest import query
from dpms_site.rest.views import RestView, answer

NETWORK_FORM = r"[a-z][a-z0-9-]{0,39}"


class PositionsView(RestView):
    scopes = {"GET": "ledger:read"}

    @extend_schema(
        operation_id="ledger_positions",
        summary="What the bank owes each network, or is owed, on a business day; above zero the bank owes",
        tags=["ledger"],
        parameters=[
            OpenApiParameter("date", OpenApiTypes.DATE, required=True),
            OpenApiParameter("network", str),
        ],
        responses=serializers.PositionsOut,
    )
    def get(self, request: Request) -> HttpResponse:
        network = query.matching(NETWORK_FORM, "a network's name such as zelle")
        values = query.query_of(request, date=query.day, network=network)
        day = query.needed(values, "date", example="a day such as 2026-01-31")
        found = positions.report(day, now=platform_clock(), network=values.get("network"))
        return answer(serializers.positions_json(found))
