"""The files of the project, as the room tests look at them: what git knows or would add, nothing built."""

import subprocess
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


@cache
def all_files() -> tuple[Path, ...]:
    """Every file that is in git or could be added, relative to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is found on PATH
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if (PROJECT / path).is_file()))


def python_files() -> list[Path]:
    return [path for path in all_files() if path.suffix == ".py"]


def text_of(path: Path) -> str:
    return (PROJECT / path).read_text(encoding="utf-8")
