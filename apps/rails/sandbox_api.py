"""REST endpoints by which a sandbox plays the far side of a network; outside a sandbox there are none."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from apps.kernel.errors import NotFound
from apps.kernel.money import amount_json
from apps.rails.domain.ids import WIRE_ID_LENGTH_MAX
from apps.rails.sandbox import played
from dpms_site.clock import ADVANCE_SECONDS_MAX, require_sandbox
from dpms_site.rest.fields import Amount, Body, Day, Matching, OneOf, Text, WholeNumber, fault
from dpms_site.rest.views import RestView, answer

_WIRE_ID = r"[0-9A-Za-z_-]{1,35}"
_ANSWERS = ("RCVD", "PRES", "PDNG", "ACTC", "RJCT")


class WireId(Matching):
    def __init__(self, **options: Any) -> None:
        form = f"1 to {WIRE_ID_LENGTH_MAX} letters, digits, _ or -"
        super().__init__(_WIRE_ID, form=form, **options)


class Reason(Matching):
    """A reason code of ISO 20022."""

    def __init__(self, **options: Any) -> None:
        super().__init__("[A-Z0-9]{4}", form="an ISO 20022 code such as DUPL", **options)


class OursIn(Body):
    """A customer of this bank, as the network names one."""

    name = Text(max_length=140, required=False)
    alias = Matching(
        r"(email|phone):\S{1,254}", form="email:… or phone:…", max_length=260, required=False
    )
    account = Text(max_length=34, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"alias", "account"} & set(attrs):
            raise fault("field_required", "Give alias, account or both.")
        return attrs


class InjectedPaymentIn(Body):
    amount = Amount()
    creditor = OursIn()
    debtor_name = Text(max_length=140, required=False)
    reference = Text(max_length=35, required=False)
    end_to_end_id = WireId(required=False)


class InjectedRequestIn(Body):
    amount = Amount()
    debtor = OursIn()
    creditor_name = Text(max_length=140, required=False)
    execute_on = Day(required=False)
    reference = Text(max_length=35, required=False)
    end_to_end_id = WireId(required=False)


class InjectedRecallIn(Body):
    end_to_end_id = WireId()
    reason = Reason(required=False)


class InjectedCancellationIn(Body):
    reason = Reason(required=False)


class InjectedAnswerIn(Body):
    status = OneOf(*_ANSWERS)
    reason = Reason(required=False)


class NetworkAdvanceIn(Body):
    seconds = WholeNumber(least=1, most=ADVANCE_SECONDS_MAX)


class BroughtOut(serializers.Serializer[Any]):
    """What the simulator made; the bank's gateway hears of it a moment later."""

    message_id = serializers.CharField()
    end_to_end_id = serializers.CharField()


class RecallSentOut(serializers.Serializer[Any]):
    message_id = serializers.CharField()


class AnswerSentOut(serializers.Serializer[Any]):
    end_to_end_id = serializers.CharField()
    status = serializers.CharField()


class NetworkClockOut(serializers.Serializer[Any]):
    now = serializers.DateTimeField()


class PlayedView(RestView):
    """`door` is the simulator's, `shape` what it takes."""

    scopes = {"POST": "orders:write"}

    def play(
        self, network: str, door: str, shape: type[Body], *, status: int = 201
    ) -> HttpResponse:
        require_sandbox()
        content = {name: _plain(value) for name, value in self.body(shape).items()}
        return answer(played(network, door, content), status=status)


def _plain(value: Any) -> Any:
    """As JSON has it, and as the simulator reads it."""
    if hasattr(value, "amount_minor"):
        return amount_json(value.amount_minor, value.currency)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


def _request_door(end_to_end_id: str) -> str:
    if not re.fullmatch(_WIRE_ID, end_to_end_id, re.ASCII):
        raise NotFound("request_unknown", "The network knows no such request.")
    return f"requests/{end_to_end_id}"


class InjectedPaymentsView(PlayedView):
    @extend_schema(
        operation_id="sandbox_payments_create",
        summary="Sandbox: somebody at another bank pays a customer of ours",
        description="Sent again with the same `end_to_end_id`, it is refused: it happens once.",
        tags=["sandbox"],
        request=InjectedPaymentIn,
        responses={201: BroughtOut},
    )
    def post(self, _request: Request, network: str) -> HttpResponse:
        return self.play(network, "payments", InjectedPaymentIn)


class InjectedRequestsView(PlayedView):
    @extend_schema(
        operation_id="sandbox_requests_create",
        summary="Sandbox: somebody at another bank asks a customer of ours for money",
        tags=["sandbox"],
        request=InjectedRequestIn,
        responses={201: BroughtOut},
    )
    def post(self, _request: Request, network: str) -> HttpResponse:
        return self.play(network, "requests", InjectedRequestIn)


class InjectedRecallsView(PlayedView):
    @extend_schema(
        operation_id="sandbox_recalls_create",
        summary="Sandbox: the other bank wants back a payment that it sent",
        tags=["sandbox"],
        request=InjectedRecallIn,
        responses={201: RecallSentOut},
    )
    def post(self, _request: Request, network: str) -> HttpResponse:
        return self.play(network, "recalls", InjectedRecallIn)


class InjectedAnswersView(PlayedView):
    @extend_schema(
        operation_id="sandbox_answers_create",
        summary="Sandbox: the payer at another bank decides on a request of ours",
        description="ACTC promises, and pays; RJCT declines. The others only say how far it came.",
        tags=["sandbox"],
        request=InjectedAnswerIn,
        responses={200: AnswerSentOut},
    )
    def post(self, _request: Request, network: str, end_to_end_id: str) -> HttpResponse:
        door = f"{_request_door(end_to_end_id)}/answers"
        return self.play(network, door, InjectedAnswerIn, status=200)


class InjectedCancellationsView(PlayedView):
    @extend_schema(
        operation_id="sandbox_cancellations_create",
        summary="Sandbox: who asked a customer of ours for money takes the request back",
        tags=["sandbox"],
        request=InjectedCancellationIn,
        responses={201: RecallSentOut},
    )
    def post(self, _request: Request, network: str, end_to_end_id: str) -> HttpResponse:
        return self.play(
            network, f"{_request_door(end_to_end_id)}/cancellations", InjectedCancellationIn
        )


class NetworkClockAdvanceView(PlayedView):
    @extend_schema(
        operation_id="sandbox_network_clock_advance",
        summary="Sandbox: move a network's own time forward; what it owes by then it sends",
        description="The platform's time stays. Never moves back. Sent again, it moves again.",
        tags=["sandbox"],
        request=NetworkAdvanceIn,
        responses=NetworkClockOut,
    )
    def post(self, _request: Request, network: str) -> HttpResponse:
        return self.play(network, "clock/advance", NetworkAdvanceIn, status=200)
