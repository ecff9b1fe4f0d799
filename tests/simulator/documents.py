"""What MongoDB does with one document, as far as the platform asks for it: filters, updates, projections."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Document = dict[str, Any]


def matches(document: Document, conditions: Mapping[str, Any]) -> bool:
    for name, wanted in conditions.items():
        value = document.get(name)
        if isinstance(wanted, dict):
            for operator, operand in wanted.items():
                if not _holds(operator, value, operand):
                    return False
        elif value != wanted:
            return False
    return True


def _holds(operator: str, value: Any, operand: Any) -> bool:
    match operator:
        case "$in":
            return value in operand
        case "$ne":
            return bool(value != operand)
        case "$gt":
            return value is not None and bool(value > operand)
        case "$gte":
            return value is not None and bool(value >= operand)
        case "$lte":
            return value is not None and bool(value <= operand)
    raise NotImplementedError(operator)


def updated(document: Document, update: Mapping[str, Any], *, inserting: bool = False) -> Document:
    """A new document; the old one stays, since others may have read it."""
    after = dict(document)
    for operator, changes in update.items():
        match operator:
            case "$set":
                after.update(changes)
            case "$inc":
                for name, amount in changes.items():
                    after[name] = after.get(name, 0) + amount
            case "$push":
                for name, items in changes.items():
                    after[name] = [*after[name], *items["$each"]]
            case "$setOnInsert":
                if inserting:
                    after.update(changes)
            case _:
                raise NotImplementedError(operator)
    return after


def projected(document: Document, fields: Any) -> Document:
    """A copy of what is asked for, so that nobody changes what is stored."""
    if not fields:
        return dict(document)
    wanted = (
        [name for name, shown in fields.items() if shown] if isinstance(fields, dict) else fields
    )
    found = {name: document[name] for name in wanted if name in document}
    if not isinstance(fields, dict) or fields.get("_id", 1):
        found["_id"] = document["_id"]
    return found


def by_fields(documents: Iterable[Document], order: Mapping[str, int]) -> list[Document]:
    found = list(documents)
    for name, direction in reversed(list(order.items())):
        parts = name.split(".")
        found.sort(key=lambda document: _place(_within(document, parts)), reverse=direction < 0)
    return found


def _place(value: Any) -> tuple[Any, ...]:
    """Nothing comes before everything."""
    return () if value is None else (value,)


def aggregated(documents: Iterable[Document], stage: Mapping[str, Any]) -> list[Document]:
    """One stage of a pipeline on documents."""
    (operator, asked) = next(iter(stage.items()))
    match operator:
        case "$match":
            return [document for document in documents if matches(document, asked)]
        case "$project":
            return [projected(document, asked) for document in documents]
        case "$sort":
            return by_fields(documents, asked)
        case "$group":
            return _grouped(documents, asked)
    raise NotImplementedError(operator)


def _grouped(documents: Iterable[Document], asked: Mapping[str, Any]) -> list[Document]:
    groups: dict[Any, Document] = {}
    for document in documents:
        key = _value(document, asked["_id"])
        group = groups.setdefault(key, {"_id": key})
        for name, accumulator in asked.items():
            if name != "_id":
                group[name] = _value(document, accumulator["$last"])
    return list(groups.values())


def _value(document: Document, path: str) -> Any:
    if path == "$$ROOT":
        return dict(document)
    return _within(document, path.removeprefix("$").split("."))


def _within(document: Document, parts: Sequence[str]) -> Any:
    value: Any = document
    for part in parts:
        value = value.get(part) if type(value) is dict else None
    return value
