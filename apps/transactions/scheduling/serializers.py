"""Bodies of the schedule endpoints: what is taken, strictly, and what is answered."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.kernel.clock import rfc3339
from apps.kernel.money import amount_json
from apps.transactions.calendar import BUSINESS_CALENDAR
from apps.transactions.domain.schedule import OCCURRENCES_MAX, Frequency, Plan, Roll, occurrence
from apps.transactions.models import Schedule
from apps.transactions.orders_out import PartyOut
from apps.transactions.products.registry import PRODUCTS
from apps.transactions.serializers import PartyIn
from dpms_site.rest.fields import (
    Amount,
    Body,
    Day,
    Id,
    OneOf,
    Switch,
    Text,
    WholeNumber,
    fault,
)

STATUSES = frozenset({"ACTIVE", "PAUSED", "ENDED", "CANCELLED"})


class EndIn(Body):
    on = Day(required=False)
    count = WholeNumber(least=1, most=OCCURRENCES_MAX, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise fault("field_required", "Give exactly one of on, count.")
        return attrs


class ScheduleIn(Body):
    product = OneOf(*sorted(PRODUCTS))
    debtor = PartyIn()
    payee = Id("pay")
    amount = Amount()
    reference = Text(max_length=35, required=False, allow_null=True, default=None)
    memo = Text(max_length=140, required=False, allow_null=True, default=None)
    first_on = Day()
    frequency = OneOf(*Frequency)
    end = EndIn(required=False, allow_null=True, default=None)
    end_of_month = Switch(required=False, default=False)
    roll = OneOf(*Roll, required=False, default=Roll.NEXT.value)


class ScheduleChangeIn(Body):
    version = WholeNumber(least=1, most=1_000_000_000)
    status = OneOf("ACTIVE", "PAUSED")


def plan_of(wanted: Mapping[str, Any]) -> Plan:
    end = wanted["end"] or {}
    return Plan(
        first_on=wanted["first_on"],
        frequency=Frequency(wanted["frequency"]),
        roll=Roll(wanted["roll"]),
        end_of_month=wanted["end_of_month"],
        last_on=end.get("on"),
        count=end.get("count"),
    )


class NextOut(serializers.Serializer[Any]):
    on = serializers.DateField()
    pay_on = serializers.DateField()
    due_at = serializers.DateTimeField()
    is_being_made = serializers.BooleanField()


class RefusalOut(serializers.Serializer[Any]):
    on = serializers.DateField()
    code = serializers.CharField()
    detail = serializers.CharField()


class EndOut(serializers.Serializer[Any]):
    on = serializers.DateField(required=False)
    count = serializers.IntegerField(required=False)


class ScheduleOut(serializers.Serializer[Any]):
    """For the schema; `schedule_json` makes the answer."""

    id = serializers.CharField()
    product = serializers.CharField()
    debtor = PartyOut()
    payee = serializers.CharField()
    amount = Amount()
    reference = serializers.CharField(allow_null=True)
    memo = serializers.CharField(allow_null=True)
    first_on = serializers.DateField()
    frequency = serializers.ChoiceField(choices=[each.value for each in Frequency])
    end = EndOut(allow_null=True)
    end_of_month = serializers.BooleanField()
    roll = serializers.ChoiceField(choices=[each.value for each in Roll])
    status = serializers.ChoiceField(choices=sorted(STATUSES))
    next = NextOut(allow_null=True)
    made_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    last_order = serializers.CharField(allow_null=True)
    last_refusal = RefusalOut(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    modified_at = serializers.DateTimeField()


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """`next` is the payment that is made next unless somebody pauses or cancels the schedule."""
    return {
        "id": schedule.id,
        "product": schedule.product,
        "debtor": {"customer": schedule.customer, "account": schedule.account},
        "payee": schedule.payee,
        "amount": amount_json(schedule.amount_minor, schedule.currency),
        "reference": schedule.reference,
        "memo": schedule.memo,
        "first_on": schedule.first_on,
        "frequency": schedule.frequency,
        "end": _end_json(schedule),
        "end_of_month": schedule.end_of_month,
        "roll": schedule.roll,
        "status": schedule.status,
        "next": _next_json(schedule),
        "made_count": schedule.made_count,
        "refused_count": schedule.refused_count,
        "last_order": schedule.last_order,
        "last_refusal": schedule.last_refusal,
        "version": schedule.version,
        "created_at": rfc3339(schedule.created_at),
        "modified_at": rfc3339(schedule.modified_at),
    }


def _end_json(schedule: Schedule) -> dict[str, Any] | None:
    if schedule.count is not None:
        return {"count": schedule.count}
    return {"on": schedule.last_on} if schedule.last_on else None


def _next_json(schedule: Schedule) -> dict[str, Any] | None:
    if schedule.due_at is None:
        return None
    found = occurrence(schedule.plan, schedule.next_number, BUSINESS_CALENDAR)
    if found is None:
        return None
    return {
        "on": found.on.isoformat(),
        "pay_on": found.pay_on.isoformat(),
        "due_at": rfc3339(found.due_at),
        "is_being_made": schedule.making is not None,
    }
