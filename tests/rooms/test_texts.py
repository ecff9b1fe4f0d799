"""Texts hold: links lead somewhere, and nothing of one machine is written down."""

import re
from pathlib import Path

from tests.rooms.project_files import PROJECT, all_files, text_of

LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".html",
    ".css",
    ".js",
    ".sh",
    ".example",
    ".lock",
    "",
}
# Home directories and temporary places: the paths of somebody's machine.
OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/[\w.]+")
LEFT_BEHIND = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
ITSELF = Path("tests/rooms/test_texts.py")


def test_links_between_our_pages_lead_somewhere() -> None:
    pages = [path for path in all_files() if path.suffix == ".md"]

    dead = [
        f"{page}: {target}"
        for page in pages
        for target in LINK.findall(text_of(page))
        if not (PROJECT / page.parent / target).exists()
    ]

    assert pages
    assert dead == []


def test_no_path_of_one_machine_is_written_down() -> None:
    assert _lines_with(OF_ONE_MACHINE) == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    assert [line for line in _lines_with(LEFT_BEHIND) if line.split(":")[0].endswith(".py")] == []


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path in all_files()
        if path.suffix in TEXT and path != ITSELF and "vendor" not in path.parts
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]
