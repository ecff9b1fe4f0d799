"""`.env.example` and the code name the same variables with the same defaults."""

import re
from dataclasses import fields
from pathlib import Path

from streaming.config import Config
from tests.rooms.project_files import all_files, text_of

VARIABLE = re.compile(r"\bDPMS_[A-Z][A-Z0-9_]*\b")
# Their defaults depend on where the project lies or on nothing at all.
WITHOUT_DEFAULT = {"dir"}
# Marks the processes of a stack so that leftovers are found; nobody sets it.
NO_SETTING = {"DPMS_STACK_OF"}
SOURCES = ("apps", "streaming", "dpms_site", "devstack")


def test_lists_every_setting_with_its_default() -> None:
    written = _written()

    expected = {
        f"DPMS_{field.name.upper()}": "" if field.name in WITHOUT_DEFAULT else str(field.default)
        for field in fields(Config)
    }

    assert {name: written.get(name) for name in expected} == expected


def test_lists_every_variable_that_the_code_reads_and_no_other() -> None:
    config = {f"DPMS_{field.name.upper()}" for field in fields(Config)}
    sources = [path for path in all_files() if path.suffix == ".py" and path.parts[0] in SOURCES]

    read = config.union(*(VARIABLE.findall(text_of(path)) for path in sources))

    assert set(_written()) == read - NO_SETTING


def test_says_what_each_variable_means() -> None:
    """A comment stands right above each variable."""
    lines = text_of(Path(".env.example")).splitlines()

    unexplained = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if line.startswith("DPMS_") and not above.startswith("# ")
    ]

    assert unexplained == []


def _written() -> dict[str, str]:
    lines = text_of(Path(".env.example")).splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
