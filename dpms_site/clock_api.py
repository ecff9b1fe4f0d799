"""REST endpoints of a sandbox's clock; outside a sandbox there is nothing at their addresses."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from apps.kernel.clock import rfc3339, wall_clock
from dpms_site import clock
from dpms_site.rest import query
from dpms_site.rest.fields import Body, WholeNumber
from dpms_site.rest.views import RestView, answer


class AdvanceIn(Body):
    seconds = WholeNumber(least=1, most=clock.ADVANCE_SECONDS_MAX)


class ClockOut(serializers.Serializer[Any]):
    """For the schema; `_clock` makes the answer."""

    now = serializers.DateTimeField()
    ahead_seconds = serializers.IntegerField()


class ClockView(RestView):
    scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="sandbox_clock_read",
        summary="Sandbox: the platform's time, and how far it is ahead of the wall clock",
        tags=["sandbox"],
        responses=ClockOut,
    )
    def get(self, request: Request) -> HttpResponse:
        clock.require_sandbox()
        query.query_of(request)
        return _clock()


class ClockAdvanceView(RestView):
    scopes = {"POST": "orders:write"}

    @extend_schema(
        operation_id="sandbox_clock_advance",
        summary="Sandbox: move the platform's time forward; what is due by then happens",
        description=(
            "Answers when every process has the new time, about a second later. Time never moves back. "
            "Sent again, it moves again."
        ),
        tags=["sandbox"],
        request=AdvanceIn,
        responses=ClockOut,
    )
    def post(self, _request: Request) -> HttpResponse:
        clock.require_sandbox()
        clock.advance(self.body(AdvanceIn)["seconds"], made=self.made("advanced by the client"))
        return _clock()


def _clock() -> HttpResponse:
    now = clock.platform_clock()
    ahead_seconds = round((now - wall_clock()).total_seconds())
    return answer({"now": rfc3339(now), "ahead_seconds": ahead_seconds})
