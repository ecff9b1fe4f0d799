"""The pages of the console as its navigation lists them: only those that whoever asks may open."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from apps.access.roles import Permission, Sight
from apps.console.staff import watcher_of


@dataclass(frozen=True)
class Entry:
    name: str
    word: str
    icon: str
    permission: Permission | None = None
    sight: Sight = Sight.NONE
    # Where else pages of this entry lie.
    also: str = ""


ENTRIES = (
    Entry("overview", "Overview", "overview", Permission.SEE_OVERVIEW),
    Entry("live", "Live", "live", Permission.SEE_ORDERS, Sight.ANONYMOUS),
    Entry("orders", "Orders", "orders", Permission.SEE_ORDERS, Sight.ANONYMOUS),
    Entry("requests", "Requests", "requests", Permission.SEE_ORDERS, Sight.MASKED),
    Entry("messages", "Network messages", "messages", Permission.SEE_ORDERS, Sight.MASKED),
    Entry(
        "customers",
        "Customers",
        "customers",
        Permission.SEE_CUSTOMERS,
        Sight.MASKED,
        "/console/payees/",
    ),
    Entry("accounts", "Accounts", "accounts", Permission.SEE_CUSTOMERS, Sight.MASKED),
    Entry("dead-letters", "Dead letters", "letters", Permission.SEE_DEAD_LETTERS),
    Entry("audit", "Audit", "audit", Permission.SEE_AUDIT),
    Entry("access-log", "Access log", "access-log", Permission.SEE_ACCESS_LOG),
    Entry("sessions", "Sessions", "sessions"),
)


def navigation_for(request: HttpRequest) -> list[dict[str, Any]]:
    """Each with its address and whether the request is on it or below it."""
    watcher = watcher_of(request)
    shown = []
    for entry in ENTRIES:
        if entry.permission is not None and entry.permission not in watcher.permissions:
            continue
        if watcher.sight < entry.sight:
            continue
        url = reverse(f"console:{entry.name}")
        is_below = entry.name != "overview" and request.path.startswith(f"{url}/")
        is_below = is_below or bool(entry.also and request.path.startswith(entry.also))
        is_here = request.path == url or is_below
        shown.append({"url": url, "word": entry.word, "icon": entry.icon, "is_here": is_here})
    return shown
