"""Where bugs are planted: the platform's modules and classes in a test process that catches one of them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_ROOTS = {"apps", "streaming", "dpms_site"}


@dataclass(frozen=True)
class Bug:
    """`what` is wrong; `caught_by` is the test that must fail, with `says` in what it reports."""

    name: str
    what: str
    caught_by: str
    says: str
    plant: Callable[[], None]


BUGS: dict[str, Bug] = {}


def planted(what: str, *, caught_by: str, says: str) -> Callable[[Callable[[], None]], None]:
    """Lists the function as a bug under its own name."""

    def listed(plant: Callable[[], None]) -> None:
        assert plant.__name__ not in BUGS
        BUGS[plant.__name__] = Bug(plant.__name__, what, caught_by, says, plant)

    return listed


def replace(original: Any, bad: Any) -> None:
    """Puts `bad` into the place of a function in every module of the platform that has it by name."""
    places = [
        (module, name)
        for module in list(sys.modules.values())
        if module.__name__.partition(".")[0] in _ROOTS
        for name, value in list(vars(module).items())
        if value is original
    ]
    assert places, f"{original} is nowhere"
    for module, name in places:
        setattr(module, name, bad)


def replace_in(owner: Any, name: str, bad: Any) -> None:
    """Puts `bad` into the place of what a class, module or mapping has under `name`."""
    if isinstance(owner, dict):
        assert name in owner, f"there is no {name}"
        owner[name] = bad
        return
    assert hasattr(owner, name), f"{owner} has no {name}"
    setattr(owner, name, bad)
