"""What the library's classes know of a schema and its parser does not enforce: lengths, patterns, digits, choices."""

import re
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from apps.rails.iso20022.refused import RefusedXml

_CHOICE = re.compile(r"Choice$")


def check(value: Any, where: str = "Document") -> None:
    """Raises RefusedXml (`schema_invalid`) at the first place that breaks its schema."""
    present = 0
    kind: Any = type(value)
    for field in _fields_of(kind):
        found = getattr(value, field.name)
        items = found if isinstance(found, list) else [found]
        if found is None or found == []:
            if isinstance(found, list) and field.metadata.get("min_occurs"):
                raise _broken(f"{where}/{_name(field)}", "is missing")
            continue
        present += 1
        place = f"{where}/{_name(field)}"
        if len(items) > int(field.metadata.get("max_occurs") or len(items)):
            raise _broken(place, "stands there too often")
        for item in items:
            if is_dataclass(item):
                check(item, place)
            else:
                _check_simple(item, field.metadata, place)
    if _CHOICE.search(kind.__name__) and present != 1:
        raise _broken(where, "must hold exactly one of its alternatives")


@lru_cache(maxsize=1024)
def _fields_of(kind: Any) -> tuple[Field[Any], ...]:
    return fields(kind)


def _name(field: Field[Any]) -> str:
    return str(field.metadata.get("name", field.name))


def _check_simple(value: Any, facets: Any, where: str) -> None:
    for fault in _faults(value, facets):
        raise _broken(where, fault)


def _faults(value: Any, facets: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) < int(facets.get("min_length") or 0):
            yield "is too short"
        if len(value) > int(facets.get("max_length") or len(value)):
            yield "is too long"
        if "pattern" in facets and not re.fullmatch(facets["pattern"], value):
            yield "has not the form that its type asks for"
    if isinstance(value, Decimal):
        yield from _decimal_faults(value, facets)


def _decimal_faults(value: Decimal, facets: Any) -> Iterator[str]:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        yield "is no number"
        return
    if "min_inclusive" in facets and value < facets["min_inclusive"]:
        yield "is too small"
    if -exponent > int(facets.get("fraction_digits", 18)):
        yield "has too many decimals"
    if max(len(digits), -exponent) > int(facets.get("total_digits", 18)) or exponent > 0:
        yield "has too many digits"


def _broken(where: str, how: str) -> RefusedXml:
    return RefusedXml("schema_invalid", f"{where} {how}.")
