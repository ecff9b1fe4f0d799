"""The simulated networks, each on a file of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.rails.played import Played


@pytest.fixture
def zelle(tmp_path: Path) -> Iterator[Played]:
    played = Played("zelle", tmp_path / "zelle.sqlite3")
    yield played
    played.store.close()


@pytest.fixture
def interfi(tmp_path: Path) -> Iterator[Played]:
    played = Played("interfi", tmp_path / "interfi.sqlite3")
    yield played
    played.store.close()
