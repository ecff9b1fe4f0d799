"""Rooms stay small enough to be read in one go, and their names say what they are for."""

import ast
import sys

from tests.rooms.project_files import PROJECT, python_files, text_of

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
# Words that say nothing about what a module holds.
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "base",
    "misc",
}


def test_no_file_is_too_long() -> None:
    lengths = {path: len(text_of(path).splitlines()) for path in python_files()}

    too_long = {str(path): length for path, length in lengths.items() if length > FILE_LINES_MAX}

    assert len(lengths) > 20
    assert too_long == {}


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files()
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert too_long == []


def test_no_module_has_an_empty_name() -> None:
    empty = [str(path) for path in python_files() if EMPTY_NAMES & {path.stem, *path.parent.parts}]

    assert empty == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path in python_files()
        if path.name != "__init__.py"
        and "migrations" not in path.parts
        and "mongo_migrations" not in path.parts
        and not ast.get_docstring(ast.parse(text_of(path)))
    ]

    assert silent == []


def test_no_file_beside_a_job_script_hides_a_standard_module() -> None:
    """Flink runs a job script with its folder first on the path: a `operator.py` there breaks `import collections`."""
    flows = [path for path in python_files() if path.parts[:2] == ("streaming", "flows")]

    hiding = [str(path) for path in flows if path.stem in sys.stdlib_module_names]

    assert flows
    assert hiding == []


def test_packages_above_rules_run_no_code() -> None:
    """Importing rules must not pull in anything: not Django, not a driver."""
    above = {
        PROJECT / parent / "__init__.py"
        for path in python_files()
        if "domain" in path.parts
        for parent in path.parents
    }

    busy = [
        str(path.relative_to(PROJECT))
        for path in sorted(above)
        if path.is_file() and ast.parse(path.read_text()).body[1:]
    ]

    assert busy == []
