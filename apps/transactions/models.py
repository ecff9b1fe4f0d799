"""The collection `schedules`; orders and commands are written by the direct driver and have no model."""

from datetime import date

from django.db import models

from apps.transactions.domain.schedule import Frequency, Plan, Roll
from dpms_site.changes import Changed


class Schedule(Changed):
    """One customer's payment plan: what is paid, on which dates, and how far it came.

    Days are text (YYYY-MM-DD), because a day is no instant. `due_at` is set while something is to be done: the next
    payment of an ACTIVE schedule, or one in the making (`making`, its number), whatever the status.
    """

    id = models.CharField(primary_key=True, db_column="_id", max_length=40)
    client = models.CharField(max_length=60)
    idempotency_key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    customer = models.CharField(max_length=40)
    account = models.CharField(max_length=40)
    product = models.CharField(max_length=20)
    payee = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=35, null=True)
    memo = models.CharField(max_length=140, null=True)
    first_on = models.CharField(max_length=10)
    frequency = models.CharField(max_length=10)
    roll = models.CharField(max_length=10)
    end_of_month = models.BooleanField()
    last_on = models.CharField(max_length=10, null=True)
    count = models.IntegerField(null=True)
    status = models.CharField(max_length=10)  # ACTIVE, PAUSED, ENDED, CANCELLED
    next_number = models.IntegerField()  # of the payment that is next, or that would be
    making = models.IntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    made_count = models.IntegerField(default=0)
    refused_count = models.IntegerField(default=0)
    last_order = models.CharField(max_length=40, null=True)
    last_refusal = models.JSONField(null=True)  # {on, code, detail}
    created_at = models.DateTimeField()

    class Meta:
        db_table = "schedules"
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="schedules_of_customer"),
            models.Index(fields=["due_at"], name="schedules_due"),
        ]

    @property
    def plan(self) -> Plan:
        return Plan(
            first_on=date.fromisoformat(self.first_on),
            frequency=Frequency(self.frequency),
            roll=Roll(self.roll),
            end_of_month=self.end_of_month,
            last_on=date.fromisoformat(self.last_on) if self.last_on else None,
            count=self.count,
        )
