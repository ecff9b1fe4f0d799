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

    def count(self, kind: str) -> None:
        self.checked[kind] = self.checked.get(kind, 0) + 1

    def lines(self) -> list[str]:
        """For people: one line a problem, then what was looked at."""
        checked = ", ".join(f"{number} {kind}" for kind, number in self.checked.items())
        told = [f"{problem.id}: {problem.rule}: {problem.detail}" for problem in self.problems]
        number = len(self.problems)
        verdict = "no problem" if number == 0 else f"{number} problem{'s' if number > 1 else ''}"
        return [*told, f"checked {checked or 'nothing'}: {verdict}"]

    def as_json(self) -> str:
        problems = [asdict(problem) for problem in self.problems]
        return json.dumps({"checked": self.checked, "problems": problems})
