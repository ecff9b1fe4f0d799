"""Body fields that take exactly what they say: a text is a string, unknown fields are named, nothing is coerced."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from apps.kernel.errors import Invalid
from apps.kernel.money import Money, parse_money
from dpms_site.rest.query import instant

# Control characters (also NUL, CR, LF, TAB) and marks that change the writing direction: neither belongs in a name or
# memo that staff read on one line.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")

_MESSAGES = {
    "required": ("field_required", "This field is required."),
    "null": ("field_null", "This field may not be null."),
}


def fault(code: str, detail: str) -> ValidationError:
    return ValidationError([ErrorDetail(detail, code)])


class StrictField(serializers.Field[Any, Any, Any, Any]):
    """A field whose faults carry the platform's codes instead of the framework's."""

    def fail(self, key: str, **_: Any) -> Any:
        code, detail = _MESSAGES.get(key, ("field_malformed", "This field is malformed."))
        raise fault(code, detail)


@extend_schema_field({"type": "string"})
class Text(StrictField):
    """A string of 1 to `max_length` characters on one line; spaces around it are cut."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**options)
        self.max_length = max_length

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise fault("field_malformed", "Write this as a string.")
        text = data.strip(" ")
        if not text:
            raise fault("field_empty", "This text is empty.")
        if len(text) > self.max_length:
            raise fault("field_too_long", f"Use at most {self.max_length} characters.")
        if _REFUSED.search(text):
            raise fault(
                "characters_refused", "Control and direction-changing characters are refused."
            )
        return text

    def to_representation(self, value: Any) -> Any:
        return value


class Matching(Text):
    """A text of one fixed form; `form` says it in words."""

    def __init__(self, pattern: str, *, form: str, max_length: int = 64, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.pattern = re.compile(pattern, re.ASCII)
        self.form = form

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not self.pattern.fullmatch(text):
            raise fault("field_malformed", f"Write this as {self.form}.")
        return text


class Id(Matching):
    """An id of the platform with one prefix."""

    def __init__(self, prefix: str, **options: Any) -> None:
        super().__init__(id_pattern(prefix), form=f"an id such as {prefix}_…", **options)


def id_pattern(prefix: str) -> str:
    return rf"{prefix}_[0-9a-z]{{26,32}}"


class OneOf(Text):
    """One of the choices; `others` are offered too, by another body of the same endpoint."""

    def __init__(self, *choices: str, others: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(max_length=60, **options)
        self.choices = choices
        self.others = others

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text not in self.choices:
            offered = ", ".join((*self.choices, *self.others))
            raise fault("choice_unknown", f"Use one of: {offered}.")
        return text


@extend_schema_field({"type": "integer"})
class WholeNumber(StrictField):
    """A JSON number without a fraction, from `least` to `most`; neither `"1"` nor `true` is one."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int or not self.least <= data <= self.most:
            raise fault(
                "number_out_of_bounds", f"Use a whole number from {self.least} to {self.most}."
            )
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "boolean"})
class Switch(StrictField):
    """true or false; 1, "yes" and the like are refused."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise fault("field_malformed", "Write this as true or false.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "integer", "minimum": 1})
class Version(StrictField):
    """The version of the record that the caller read."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool) or not 1 <= data < 2**31:
            raise fault("field_malformed", "Write the version as a whole number from 1.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Several(StrictField):
    """A list of different choices, possibly none; they come back in the order in which they are offered."""

    def __init__(self, *choices: str, **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            raise fault("field_malformed", "Write this as a list.")
        if any(item not in self.choices for item in data):
            raise fault("choice_unknown", f"Use only: {', '.join(self.choices)}.")
        if len(data) != len(set(data)):
            raise fault("field_malformed", "Name each only once.")
        return [choice for choice in self.choices if choice in data]

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class Items(StrictField):
    """A list of up to `max_length` items, whose own shape is checked one by one elsewhere."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**options)
        self.max_length = max_length

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise fault("field_malformed", "Write this as a list.")
        if len(data) > self.max_length:
            raise fault("field_too_long", f"Send at most {self.max_length} items.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "string", "format": "date"})
class Day(StrictField):
    """A calendar day, YYYY-MM-DD."""

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", data, re.ASCII):
            raise fault("field_malformed", "Write the day as YYYY-MM-DD.")
        try:
            return date.fromisoformat(data)
        except ValueError:
            raise fault("field_malformed", "There is no such day.") from None

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "string", "format": "date-time"})
class Instant(StrictField):
    """A moment with its offset from UTC (RFC 3339), kept to the millisecond."""

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or " " in data:
            raise fault("field_malformed", "Write the time such as 2026-01-31T12:00:00Z.")
        try:
            return instant(data)
        except ValueError as error:
            raise fault("field_malformed", f"The time is malformed: {error}.") from None

    def to_representation(self, value: Any) -> Any:
        return value


AMOUNT_SCHEMA = {
    "type": "object",
    "required": ["value", "currency"],
    "additionalProperties": False,
    "properties": {
        "value": {"type": "string", "examples": ["12.34"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
        "currency": {"type": "string", "examples": ["USD"], "minLength": 3, "maxLength": 3},
    },
}


@extend_schema_field(AMOUNT_SCHEMA)
class Amount(StrictField):
    """A payable amount; the rules are `apps.kernel.money.parse_money`."""

    def to_internal_value(self, data: Any) -> Money:
        try:
            return parse_money(data, "/amount")
        except Invalid as error:
            inner = error.pointer.removeprefix("/amount").removeprefix("/")
            raise ValidationError({inner: [ErrorDetail(error.detail, error.code)]}) from None

    def to_representation(self, value: Any) -> Any:
        return value


class Checked(Text):
    """A text that a pure domain function accepts and brings into its one form."""

    def __init__(self, check: Callable[[str], str], *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.check = check

    def to_internal_value(self, data: Any) -> str:
        try:
            return self.check(super().to_internal_value(data))
        except Invalid as error:
            raise fault(error.code, error.detail) from None


class Body(serializers.Serializer[Any]):
    """An object of known fields: anything else in it is refused by name."""

    def fail(self, key: str, **_: Any) -> Any:
        code, detail = _MESSAGES.get(key, ("field_malformed", "Write this as an object."))
        raise fault(code, detail)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise fault("field_malformed", "Write this as an object.")
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            detail = "This field is not known here."
            raise ValidationError(
                {name[:60]: [ErrorDetail(detail, "field_unknown")] for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class BodyList(serializers.ListSerializer[Any]):
    """A list of up to `most` bodies of one shape; each fault is told with its item's place."""

    def __init__(self, item: Body, *, most: int, **options: Any) -> None:
        super().__init__(child=item, **options)
        self.item = item
        self.most = most

    def fail(self, key: str, **_: Any) -> Any:
        code, detail = _MESSAGES.get(key, ("field_malformed", "Write this as a list."))
        raise fault(code, detail)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise fault("field_malformed", "Write this as a list.")
        if len(data) > self.most:
            raise fault("field_too_long", f"Send at most {self.most} items.")
        found, faults = [], {}
        for number, item in enumerate(data):
            try:
                found.append(self.item.run_validation(item))
            except ValidationError as error:
                faults[str(number)] = error.detail
        if faults:
            raise ValidationError(faults)
        return found


def checked(body: type[Body], data: Any) -> dict[str, Any]:
    """The validated fields of `data`. Raises ValidationError with every fault found."""
    found: dict[str, Any] = _checker(body).run_validation(data)
    return found


@cache
def _checker(body: type[Body]) -> Body:
    # Validation keeps no state in a serializer, while building one copies all its fields (0.2 ms for an order).
    return body()
