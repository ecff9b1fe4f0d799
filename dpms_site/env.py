"""Settings that only the site reads; absent or odd values fail loudly."""

import json
import os
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def boolean(name: str, *, default: bool) -> bool:
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} is {raw!r}; use true or false")
    return raw in _TRUE


def choice(name: str, choices: tuple[str, ...], *, default: str) -> str:
    raw = os.environ.get(name, "").strip().lower() or default
    if raw not in choices:
        raise ImproperlyConfigured(f"{name} is {raw!r}; use {' or '.join(choices)}")
    return raw


def several(name: str, choices: tuple[str, ...]) -> frozenset[str]:
    """Which of `choices` the variable names, with commas between them; all of them when it is unset."""
    raw = os.environ.get(name, "").strip().lower()
    asked = {item.strip() for item in raw.split(",")} if raw else set(choices)
    if unknown := sorted(asked.difference(choices)):
        wrong = ", ".join(repr(item) for item in unknown)
        raise ImproperlyConfigured(f"{name} names {wrong}; use any of {', '.join(choices)}")
    return frozenset(asked)


def listed(name: str, *, default: list[str]) -> list[str]:
    """The comma-separated items of a variable."""
    raw = os.environ.get(name, "")
    items = [item.strip() for item in raw.split(",") if item.strip()]
    return items or default


def zone(name: str, *, default: str) -> ZoneInfo:
    """The time zone that the variable names."""
    raw = os.environ.get(name, "").strip() or default
    try:
        return ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name} is {raw!r}; use one such as {default}") from error


def time_of_day(name: str, *, default: str) -> time:
    raw = os.environ.get(name, "").strip() or default
    try:
        return datetime.strptime(raw, "%H:%M").time()  # noqa: DTZ007 - its zone is another setting
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {raw!r}; use a time such as {default}") from None


def required(name: str, value: str | None, *, hint: str) -> str:
    """The variable, else `value`, else a failure that names the variable and says what helps."""
    found = os.environ.get(name) or value
    if not found:
        raise ImproperlyConfigured(f"{name} is not set: {hint}")
    return found


def credentials(directory: Path) -> dict[str, Any]:
    """What the embedded stack wrote for its own run directory; empty where there is no such stack."""
    try:
        loaded: dict[str, Any] = json.loads((directory / "credentials.json").read_text())
    except FileNotFoundError:
        return {}
    return loaded
