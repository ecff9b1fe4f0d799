"""What went wrong with which part, in words for the person who typed the command."""

from dataclasses import dataclass
from pathlib import Path


@dataclass
class StackFailure(Exception):
    """A part could not do its work; `log` is the file whose end explains it."""

    part: str
    reason: str
    log: Path | None = None

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}"
