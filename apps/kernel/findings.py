"""What a checker found: the rules that are broken, by which document, and how."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """`rule` is a stable name, `id` the document that breaks it, `detail` what was found and what was expected."""

    id: str
    rule: str
    detail: str


@dataclass
class Findings:
    """How many documents of each kind were checked, and the problems among them."""

    checked: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def count(self, kind: str, number: int = 1) -> None:
        self.checked[kind] = self.checked.get(kind, 0) + number

    def looked_at(self) -> str:
        """For people: how much was checked of each kind."""
        told = ", ".join(f"{number:,} {kind}" for kind, number in self.checked.items())
        return told or "nothing"

    def lines(self) -> list[str]:
        """For people: one line a problem, then what was looked at."""
        told = [f"{problem.id}: {problem.rule}: {problem.detail}" for problem in self.problems]
        number = len(self.problems)
        verdict = "no problem" if number == 0 else f"{number} problem{'s' if number > 1 else ''}"
        return [*told, f"checked {self.looked_at()}: {verdict}"]

    def as_dict(self) -> dict[str, object]:
        problems = [asdict(problem) for problem in self.problems]
        return {"checked": self.checked, "problems": problems}

    def as_json(self) -> str:
        return json.dumps(self.as_dict())
