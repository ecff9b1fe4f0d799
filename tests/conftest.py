"""What holds for every test: where the shared full stack comes from, and that faults come last."""

import pytest

from apps.kernel.garbage import collect_seldom

pytest_plugins = ["tests.support.stack", "tests.support.database", "tests.support.platform_clock"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the shuffle: tests that break the shared stack on purpose run when the others are done."""
    items.sort(key=lambda item: "tests/faults/" in item.nodeid)


def pytest_collection_finish() -> None:
    """Thousands of tests are objects that live to the end; the collector need not walk them again and again."""
    collect_seldom()
