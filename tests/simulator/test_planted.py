"""Each mistake planted in the platform is noticed; one that is not would be a blind spot of the simulator."""

import pytest

from tests.simulator.history import play
from tests.simulator.planted import PLANTED, SEEN_IN

# The histories that are known to end well without a mistake (test_histories.py).
SEEDS = range(20_000)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_noticed(name: str) -> None:
    for seed in (SEEN_IN.get(name, 0), *SEEDS):
        with PLANTED[name]():
            if play(seed).problems:
                return

    pytest.fail(f"{len(SEEDS)} histories ended well although {name}")
