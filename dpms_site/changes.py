"""The change fields that every record carries: which version it is, who made it so, when, why, in which request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from apps.kernel.errors import Conflict

Kept = TypeVar("Kept", bound="Changed")


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
