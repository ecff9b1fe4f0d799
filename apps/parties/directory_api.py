"""The REST endpoint of the alias directory."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from apps.kernel.clock import wall_clock
from apps.kernel.errors import Invalid
from apps.parties import selectors, serializers
from apps.parties.directory import directory_lookup
from apps.profiles.domain.alias import KINDS, normalised
from dpms_site.rest import query
from dpms_site.rest.views import RestView, answer

_ANY = query.matching(r"(?s).{1,254}", "an e-mail address or phone number")


class DirectoryView(RestView):
    scopes = {"GET": "payees:read"}

    @extend_schema(
        operation_id="directory_read",
        summary="Which bank and account serve an alias; a network's answer is kept, and its age shown",
        tags=["directory"],
        parameters=[
            OpenApiParameter("kind", str, required=True, enum=KINDS),
            OpenApiParameter("value", str, required=True, description="e-mail address or number"),
        ],
        responses=serializers.ListingOut,
    )
    def get(self, request: Request) -> HttpResponse:
        asked = query.query_of(request, kind=query.one_of(frozenset(KINDS)), value=_ANY)
        missing = [name for name in ("kind", "value") if name not in asked]
        if missing:
            raise Invalid("query_invalid", f"Give the parameter {missing[0]}.")
        value = normalised(asked["kind"], asked["value"])
        listing = directory_lookup(asked["kind"], value)
        return answer(
            serializers.listing_json(
                listing,
                kind=asked["kind"],
                value=value,
                account_last4=selectors.account_last4(listing.account),
                now=wall_clock(),
            )
        )
