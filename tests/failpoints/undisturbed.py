"""What a workload leaves that nobody disturbs: what all others are compared with."""

from functools import cache

from tests.failpoints.children import Children
from tests.failpoints.scenes import SCENES, Facts, emptied
from tests.integration.sor.bank import Bank


class Undisturbed:
    """What a run leaves that nobody disturbs, and the failpoints that it passes; found out once for each work."""

    def __init__(self, children: Children, bank: Bank) -> None:
        self._children, self._bank = children, bank
        self.of = cache(self._run)

    def _run(self, work: str) -> tuple[Facts, dict[str, int]]:
        SCENES[work].prepare(emptied(self._bank))
        fate = self._children.run(work, watch=True)
        assert (fate.fate, fate.code) == ("ended", 0), fate.output
        facts = SCENES[work].facts(self._bank)
        emptied(self._bank)
        return facts, fate.passed
