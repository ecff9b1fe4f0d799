"""Keeps libraries that the site has no use for out of its start, in which no order is accepted.

The database's backend asks for geographic types, and Django then looks for their C library under twelve names, each
with a compiler's help. Logging imports `rich` for terminals when it is installed, and the REST framework `requests` for
its test client. On one quiet core the web process loaded its code in 3.2 s with all of it and in 2.1 s without.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from django.core.exceptions import ImproperlyConfigured

_GEOGRAPHY = "django.contrib.gis.gdal.libgdal"


class _Refuse(MetaPathFinder):
    """Raises `error` instead of importing one of `names`; knows nothing of other modules."""

    def __init__(self, error: type[Exception], *names: str) -> None:
        self._error, self._names = error, frozenset(names)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname in self._names:
            raise self._error(f"{fullname} is left out of this site")
        return None


# What Django itself raises on a machine without the library.
_no_geography = _Refuse(ImproperlyConfigured, _GEOGRAPHY)


def leave_out_geography() -> None:
    """Before the first import of the database's backend. Safe to repeat."""
    if _no_geography not in sys.meta_path:
        sys.meta_path.insert(0, _no_geography)


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """While the block imports, these are as if they were not installed; what is loaded already stays."""
    finder = _Refuse(ImportError, *names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
