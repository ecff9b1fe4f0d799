"""What the console's templates need beyond Django's own: times as people read them, and the look of the page."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import Context

from apps.console import appearance
from apps.console.build import build as build_of_this_console
from apps.console.navigation import navigation_for
from apps.console.staff import watcher_of
from apps.console.timeline import duration
from apps.kernel.clock import rfc3339, wall_clock
from dpms_site.clock import platform_clock
from streaming.config import load

register = template.Library()


@register.filter
def instant(value: datetime) -> str:
    """For the `datetime` attribute: UTC with milliseconds."""
    return rfc3339(value)


@register.filter
def clock(value: datetime) -> str:
    """The time of day to the millisecond, UTC."""
    return rfc3339(value)[11:23]


@register.filter
def day(value: datetime) -> str:
    return f"{value:%d %b %Y}".lstrip("0")


@register.filter
def ago(value: datetime) -> str:
    """How long ago, as of now in platform time: `3 min 12 s ago`."""
    return _ago(platform_clock() - value)


@register.filter
def ago_by_the_wall(value: datetime) -> str:
    """The same for what is about people and machines, such as a session."""
    return _ago(wall_clock() - value)


def _ago(age: timedelta) -> str:
    return f"{duration(age)} ago" if age.total_seconds() >= 1 else "just now"


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key, "")


@register.filter
def words(value: str) -> list[str]:
    return value.split()


@register.filter
def grouped(value: int | None) -> str:
    """1234 is "1,234"; a number that nobody could tell is a dash."""
    return "\u2013" if value is None else f"{value:,}"


@register.filter
def spoken(name: str | None) -> str:
    """A name of the code's as people say it: `request_expired` is "request expired"."""
    return (name or "").replace("_", " ")


@register.simple_tag
def build() -> str:
    """Which build of the console the page is of; the socket says when the server's is another."""
    return build_of_this_console()


@register.filter
def asked_words(query: dict[str, str] | None) -> str:
    """A search as the access log keeps it, as one line: `status HELD, q Rent 12`."""
    return ", ".join(f"{name} {value}" for name, value in (query or {}).items())


@register.simple_tag(takes_context=True)
def look(context: Context) -> dict[str, Any]:
    """Theme and density of this page, and the choices there are."""
    request = context.get("request")
    chosen = (
        appearance.of(request) if request is not None else {"theme": "auto", "density": "regular"}
    )
    return {**chosen, "themes": appearance.THEMES, "densities": appearance.DENSITIES}


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[dict[str, Any]]:
    """The pages that whoever asks may open."""
    return navigation_for(context["request"])


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str) -> bool:
    """Whether whoever asks has the permission; `{% may "audit.see" as sees_audit %}`."""
    return permission in watcher_of(context["request"]).permissions


@register.simple_tag
def profile() -> str:
    """sandbox or production: staff must never take one for the other."""
    return load().profile
