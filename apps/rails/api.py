"""REST endpoint of the messages that networks and this bank exchanged about an order."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from apps.kernel.clock import rfc3339
from apps.rails.selectors import Exchanged, messages_about
from apps.transactions.selectors import order_by_id
from dpms_site.rest import query
from dpms_site.rest.schema import page_schema
from dpms_site.rest.views import RestView, answer, path_id


class NetworkMessageOut(serializers.Serializer[Any]):
    """For the schema; `message_json` makes the answer."""

    id = serializers.CharField()
    direction = serializers.ChoiceField(choices=["out", "in"])
    network = serializers.CharField()
    type = serializers.CharField(help_text="of ISO 20022, such as pacs.008")
    message_id = serializers.CharField()
    end_to_end_id = serializers.CharField()
    status = serializers.ChoiceField(
        choices=["WAITING", "TAKEN", "REFUSED", "ARRIVED"],
        help_text="on the wire: out WAITING until the network has TAKEN or REFUSED it, in ARRIVED",
    )
    says = serializers.CharField(allow_null=True, help_text="its ISO 20022 status or answer")
    reason = serializers.CharField(allow_null=True, help_text="its ISO 20022 reason code")
    at = serializers.DateTimeField()


def message_json(exchanged: Exchanged) -> dict[str, Any]:
    """Names, account numbers and the XML stay out of it."""
    message, fields = exchanged.message, exchanged.message["fields"]
    return {
        "id": message["_id"],
        "direction": message["direction"],
        "network": message["network"],
        "type": message["type"],
        "message_id": message["message_id"],
        "end_to_end_id": message["end_to_end_id"],
        "status": exchanged.status,
        "says": fields.get("status") or fields.get("answer"),
        "reason": fields.get("reason"),
        "at": rfc3339(message["created_at"]),
    }


class OrderMessagesView(RestView):
    scopes = {"GET": "orders:read"}

    @extend_schema(
        operation_id="orders_messages",
        summary="What this bank and a network told each other about an order, oldest first",
        tags=["orders"],
        responses=page_schema(NetworkMessageOut),
    )
    def get(self, request: Request, order_id: str) -> HttpResponse:
        query.query_of(request)
        order = order_by_id(path_id("ord", order_id, "order_not_found"))
        found = [message_json(each) for each in messages_about(order)]
        return answer({"data": found, "next": None, "has_more": False})
