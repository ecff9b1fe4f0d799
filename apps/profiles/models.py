"""The collections `customers` and `aliases`."""

from django.db import models
from django.db.models import Q
from django_mongodb_backend.fields import ArrayField

from dpms_site.changes import Changed


class Customer(Changed):
    """Someone who may hold accounts and send money; `status` says whether at present."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=40)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=140)
    email = models.CharField(max_length=254)
    phone = models.CharField(max_length=20)
    date_of_birth = models.CharField(max_length=10, null=True)
    address = models.JSONField(null=True)
    terms_version = models.CharField(max_length=32)
    reference = models.CharField(max_length=35, null=True)
    products = ArrayField(models.CharField(max_length=20))
    status = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    # Absent in customers of earlier builds, who read as None.
    terms_accepted_at = models.DateTimeField(null=True)
    active_since = models.DateTimeField(null=True)
    unenrolling_from = models.CharField(max_length=12, null=True)
    contact_channel = models.CharField(max_length=10, null=True)
    contact_code_hash = models.CharField(max_length=64, null=True)
    contact_code_at = models.DateTimeField(null=True)
    contact_code_tries = models.IntegerField(null=True)
    contact_codes_sent = models.IntegerField(null=True)
    contact_codes_since = models.DateTimeField(null=True)
    contact_verified_at = models.DateTimeField(null=True)
    preferences = models.JSONField(null=True)

    class Meta:
        db_table = "customers"
        indexes = [models.Index(fields=["-created_at", "-id"], name="customers_newest")]


class Alias(Changed):
    """An e-mail address or phone number that payments may be sent to; one owner at a time while ACTIVE."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=40)
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=254)
    key = models.CharField(max_length=261)
    customer = models.CharField(max_length=40)
    account = models.CharField(max_length=40)
    status = models.CharField(max_length=10)
    code_hash = models.CharField(max_length=64)
    code_tries = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    # Absent in aliases of earlier builds, which read as None.
    moves = models.BooleanField(null=True)
    owned_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "aliases"
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="aliases_of_customer")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(status="ACTIVE"), name="one_active_owner"
            )
        ]
