"""API clients, known by the hash of their secret, and the sessions of staff."""

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
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


class StaffSession(AbstractBaseSession):
    """A session as Django keeps it, with what a list of sessions shows; `account` is "" until somebody signed in."""

    handle = models.CharField(max_length=64, db_index=True)
    account = models.CharField(max_length=64, db_index=True)
    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    browser = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "staff_sessions"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from apps.access.sessions import SessionStore  # imports this module

        return SessionStore
