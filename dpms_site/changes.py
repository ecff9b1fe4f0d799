"""The change fields that every record carries: which version it is, who made it so, when, why, in which request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import DatabaseError, models
from django_mongodb_backend import transaction
from pymongo.errors import PyMongoError

from apps.kernel.errors import Conflict

Kept = TypeVar("Kept", bound="Changed")
Done = TypeVar("Done")

# Two who change the same records at once: MongoDB tells the later one to begin anew.
TRIES_MAX = 5


@dataclass(frozen=True)
class Change:
    """Who makes a change, when, why, in which request."""

    by: str
    at: datetime
    request_id: str
    reason: str

    def fields(self) -> dict[str, Any]:
        return {
            "modified_by": self.by,
            "modified_at": self.at,
            "request_id": self.request_id,
            "reason": self.reason,
        }


class Changed(models.Model):
    """A record that is changed by compare-and-set on `version` and never deleted."""

    version = models.IntegerField(default=1)
    modified_by = models.CharField(max_length=120)
    modified_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64)

    class Meta:
        abstract = True


def change(record: Kept, made: Change, **fields: Any) -> Kept:
    """The record in its next version. Raises Conflict (`version_conflict`) when another change came first."""
    updates = {**fields, **made.fields(), "version": record.version + 1}
    matched = (
        type(record)._default_manager.filter(pk=record.pk, version=record.version).update(**updates)
    )
    if not matched:
        raise Conflict("version_conflict", "It was changed meanwhile; read it again.")
    for name, value in updates.items():
        setattr(record, name, value)
    return record


def check_version(record: Changed, version: int | None) -> None:
    """Raises Conflict (`version_conflict`) when the caller read another version; None: the caller does not care."""
    if version is not None and record.version != version:
        detail = f"It is in version {record.version}; read it again."
        raise Conflict("version_conflict", detail, "/version")


def together(work: Callable[[], Done]) -> Done:
    """What `work` changes becomes visible at once or not at all.

    MongoDB may have it begin anew, so `work` reads what it changes itself and does nothing outside the database.
    """
    for _ in range(TRIES_MAX - 1):
        try:
            with transaction.atomic():
                return work()
        except DatabaseError as error:
            if not _may_begin_anew(error):
                raise
    with transaction.atomic():
        return work()


def _may_begin_anew(error: DatabaseError) -> bool:
    cause = error.__cause__
    return isinstance(cause, PyMongoError) and cause.has_error_label("TransientTransactionError")
