"""Errors of the domain: what was refused, which field, and what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class DomainError(Exception):
    """A refusal with a stable `code`; the edge (API, console, job) decides how to show it.

    `pointer` is a JSON pointer to the offending field, `""` when it is the whole input. `members` are facts about the
    refusal that a program may want, such as the ids of what stands in the way.
    """

    code: str
    detail: str
    pointer: str = ""
    members: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Invalid(DomainError):
    """The input itself is wrong and can never be accepted as it is."""


class NotFound(DomainError):
    """The thing named does not exist, or not for this caller."""


class Conflict(DomainError):
    """The thing exists in a state or version that does not allow the request."""


class Forbidden(DomainError):
    """The caller may not do this."""


class Gone(DomainError):
    """What is named was there and is kept no longer."""
