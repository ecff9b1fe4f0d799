"""The collections `payees` and `blocked_parties`."""

from django.db import models
from django.db.models import Q

from dpms_site.changes import Changed


class Payee(Changed):
    """Someone a customer pays: reached by an alias, or by an account at another bank.

    Of an account only the masked end stands here; `target` leads to the whole number (`account_numbers`). Payees of
    earlier builds have neither `target` nor the fields below it that may be null.
    """

    id = models.CharField(primary_key=True, db_column="_id", max_length=40)
    customer = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, null=True)
    name = models.CharField(max_length=140)
    name_key = models.CharField(max_length=560, null=True)
    nickname = models.CharField(max_length=60, null=True)
    alias = models.JSONField(null=True)
    account = models.JSONField(null=True)
    iban = models.CharField(max_length=34, null=True)
    bic = models.CharField(max_length=11, null=True)
    target = models.CharField(max_length=261, null=True)
    trust = models.CharField(max_length=10)
    name_check = models.CharField(max_length=12)
    checked_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=60, null=True)
    known_since = models.DateTimeField(null=True)
    counted_from = models.JSONField(null=True)
    status = models.CharField(max_length=10)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payees"
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="payees_of_customer"),
            models.Index(fields=["target", "customer"], name="payees_by_target"),
            models.Index(fields=["name_key"], name="payees_by_name"),
        ]


class BlockedParty(Changed):
    """Whom nobody may add as a payee: an alias, an account or a name, for the whole bank. `reason` says why."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=40)
    kind = models.CharField(max_length=10)
    target = models.CharField(max_length=570)
    shown = models.CharField(max_length=270)
    status = models.CharField(max_length=10)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "blocked_parties"
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="blocked_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["target"], condition=Q(status="ACTIVE"), name="one_active_block"
            )
        ]
