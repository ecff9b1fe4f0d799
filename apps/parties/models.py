"""The collection `payees`."""

from django.db import models

from dpms_site.changes import Changed


class Payee(Changed):
    """Someone a customer pays: reached by an alias, or by an account at another bank."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=40)
    customer = models.CharField(max_length=40)
    name = models.CharField(max_length=140)
    alias = models.JSONField(null=True)
    account = models.JSONField(null=True)
    iban = models.CharField(max_length=34, null=True)
    trust = models.CharField(max_length=10)
    name_check = models.CharField(max_length=12)
    status = models.CharField(max_length=10)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payees"
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="payees_of_customer")
        ]
