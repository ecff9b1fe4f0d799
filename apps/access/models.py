"""API clients: which system may ask what, known by the hash of its secret."""

from django.db import models
from django_mongodb_backend.fields import ArrayField


class ApiClient(models.Model):
    """`secret_hash` is a plain SHA-256: secrets are long and random, so there is nothing to slow a guesser down for."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=64)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    token_seconds = models.IntegerField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "api_clients"
