"""How a member of staff wants the console to look: theme and row density, kept in the session on the server."""

from django.http import HttpRequest

THEMES = {"auto": "System", "light": "Light", "dark": "Dark"}
DENSITIES = {"compact": "Compact", "regular": "Regular", "roomy": "Roomy"}
_KEY = "appearance"


def remember(request: HttpRequest) -> None:
    """Takes what is known and ignores the rest."""
    chosen = dict(request.session.get(_KEY, {}))
    for name, known in (("theme", THEMES), ("density", DENSITIES)):
        if request.POST.get(name) in known:
            chosen[name] = request.POST[name]
    request.session[_KEY] = chosen


def of(request: HttpRequest) -> dict[str, str]:
    """Theme and density, with the defaults where nothing was chosen."""
    session = getattr(request, "session", None)
    chosen = session.get(_KEY, {}) if session is not None else {}
    return {"theme": chosen.get("theme", "auto"), "density": chosen.get("density", "regular")}
