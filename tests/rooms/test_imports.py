"""Rules import the standard library, the kernel and lower rules: nothing else, whatever is installed."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.rooms.project_files import python_files, text_of

# From the top: a subject's rules may build on those below it.
SUBJECTS = ("transactions", "ledger", "parties", "profiles", "rails")


def test_kernel_imports_only_the_standard_library_and_itself() -> None:
    kernel = [path for path in python_files() if path.parts[:2] == ("apps", "kernel")]

    foreign = [line for path in kernel for line in _foreign(path, allowed=("apps.kernel",))]

    assert kernel
    assert foreign == []


def test_rules_import_only_the_standard_library_the_kernel_and_lower_rules() -> None:
    rules = [path for path in python_files() if _is_rule(path)]

    foreign = [line for path in rules for line in _foreign(path, allowed=_below(path.parts[1]))]

    assert rules
    assert foreign == []


def _is_rule(path: Path) -> bool:
    return (
        path.parts[0] == "apps" and len(path.parts) > 2 and path.parts[2] in ("domain", "products")
    )


def _below(subject: str) -> tuple[str, ...]:
    lower = SUBJECTS[SUBJECTS.index(subject) :] if subject in SUBJECTS else (subject,)
    own_products = (f"apps.{subject}.products",)
    return ("apps.kernel", *own_products, *(f"apps.{each}.domain" for each in lower))


def _foreign(path: Path, *, allowed: tuple[str, ...]) -> list[str]:
    return [
        f"{path}: {module}"
        for module in _imported(path)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not any(module == root or module.startswith(f"{root}.") for root in allowed)
    ]


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."
