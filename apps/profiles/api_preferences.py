"""REST endpoints of a customer's preferences."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.profiles import selectors, services
from apps.profiles.serializers_preferences import (
    PreferencesIn,
    PreferencesOut,
    preferences_json,
    storable,
)
from dpms_site.rest import query
from dpms_site.rest.views import RestView, answer, path_id


def _customer_id(value: str) -> str:
    return path_id("cus", value, "customer_not_found")


class PreferencesView(RestView):
    scopes = {"GET": "customers:read", "PUT": "customers:write"}

    @extend_schema(
        operation_id="preferences_read",
        summary="A customer's preferences, with the default wherever nothing was said",
        tags=["customers"],
        responses=PreferencesOut,
    )
    def get(self, request: Request, customer_id: str) -> HttpResponse:
        query.query_of(request)
        customer = selectors.customer_by_id(_customer_id(customer_id))
        return answer(preferences_json(customer))

    @extend_schema(
        operation_id="preferences_replace",
        summary="Replace all preferences; what is left out has its default again",
        tags=["customers"],
        request=PreferencesIn,
        responses=PreferencesOut,
    )
    def put(self, _request: Request, customer_id: str) -> HttpResponse:
        wanted = self.body(PreferencesIn)
        customer = services.set_preferences(
            customer_id=_customer_id(customer_id),
            version=wanted.pop("version", None),
            wanted=storable(wanted),
            made=self.made("preferences replaced"),
        )
        return answer(preferences_json(customer))
