"""What the browser is given …"""

import hashlib
import re
from pathlib import Path

import pytest

from streaming.config import PROJECT

STATIC = Path(PROJECT, "static")
VENDOR = STATIC / "vendor"
SUMS = [line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines()]


@pytest.mark.parametrize(("digest", "name"), SUMS)
def test_is_vendored_byte_for_byte(digest: str, name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_is_all_listed_with_its_digest() -> None:
    binaries = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if _is_asset(path)}

    assert binaries == {name for _, name in SUMS}


def test_comes_from_no_other_host() -> None:
    own = [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]

    assert len(own) > 5
    for path in own:
        addresses = re.findall(r"https?://[^\s\"')]+", path.read_text())
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path


def test_is_no_code_made_from_text() -> None:
    for path in STATIC.glob("js/*.js"):
        assert not re.search(
            r"\beval\(|new Function|innerHTML|outerHTML|document\.write", path.read_text()
        ), path


def _is_asset(path: Path) -> bool:
    return path.is_file() and path.suffix not in {".md", ".txt"} and path.name != "SHA256SUMS"
