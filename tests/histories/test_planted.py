"""Each mistake planted in the rules is noticed soon; one that is not would be a blind spot of the histories."""

import pytest

from tests.histories.history import play
from tests.histories.planted import PLANTED, SEEN_IN

# Histories that are known to end well without a mistake (test_histories.py).
SEEDS = range(2_000)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_noticed(name: str) -> None:
    first = SEEN_IN.get(name, 0)

    with PLANTED[name]():
        if any(play(seed).problems for seed in (first, *SEEDS)):
            return

    pytest.fail(f"{len(SEEDS)} histories ended well although {name}")
