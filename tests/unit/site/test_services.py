"""`DPMS_SERVICES` selects the domains whose addresses a web process answers; the page about it names them all."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern

from apps.console import urls as console
from dpms_site import env
from dpms_site.urls import API_OF, addresses
from tests.support.stack import PROJECT

ALL = ("profiles", "parties", "transactions", "ledger", "audit", "console")


def _services(monkeypatch: pytest.MonkeyPatch, value: str) -> frozenset[str]:
    monkeypatch.setenv("DPMS_SERVICES", value)
    return env.several("DPMS_SERVICES", ALL)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("", set(ALL)),
        (" ", set(ALL)),
        ("ledger", {"ledger"}),
        ("profiles, Parties,profiles", {"profiles", "parties"}),
    ],
)
def test_names_some_domains_or_by_silence_all(
    monkeypatch: pytest.MonkeyPatch, value: str, named: set[str]
) -> None:
    assert _services(monkeypatch, value) == named


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("orders", "'orders'"), ("ledger,x,y", "'x', 'y'"), ("ledger,", "''"), (",", "''")],
)
def test_an_unknown_name_is_refused_with_those_that_are_known(
    monkeypatch: pytest.MonkeyPatch, value: str, wrong: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        _services(monkeypatch, value)

    assert str(refused.value) == (
        f"DPMS_SERVICES names {wrong}; "
        "use any of profiles, parties, transactions, ledger, audit, console"
    )


def test_a_process_does_not_start_with_an_unknown_name() -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import dpms_site.settings"],
        cwd=PROJECT,
        env={**os.environ, "DPMS_SERVICES": "ledgers"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert "DPMS_SERVICES names 'ledgers'; use any of profiles," in started.stderr


def test_all_domains_together_answer_as_one_site() -> None:
    alone = [_routes(addresses({name})) for name in ALL]
    everywhere = _routes(addresses(set()))

    together = _routes(addresses(set(ALL)))

    assert set().union(*alone) == together
    assert set.intersection(*alone) == everywhere
    assert "api/v1/sandbox/clock" in everywhere


def test_the_page_lists_every_address_at_its_domain() -> None:
    rows = (PROJECT / "docs/reference/services.md").read_text().splitlines()
    told = {row.split("|")[1].strip(" `"): row for row in rows if row.startswith("| `")}

    missing = {
        name: [route for route in sorted(_routes(urls)) if f"`{_shown(route)}`" not in told[name]]
        for name, urls in API_OF.items()
    }

    assert set(told) >= set(ALL)
    assert missing == {name: [] for name in API_OF}
    for page in console.PAGES_OF["audit"]:
        assert f"`{_shown(f'console/{page.pattern}')}`" in told["audit"]


def _shown(route: str) -> str:
    """As the page writes it: a parameter is `{…}`."""
    return "/" + re.sub(r"<\w+:\w+>", "{…}", route)


def _routes(urls: Iterable[Any], before: str = "") -> set[str]:
    found: set[str] = set()
    for each in urls:
        route = before + str(each.pattern)
        if not isinstance(each, URLPattern):
            found |= _routes(each.url_patterns, route)
        elif each.callback is not console.elsewhere:
            found.add(route)
    return found
