"""When a long-lived process looks for cyclic garbage."""

import gc
from functools import cache

# By default 700 and 10: a batch of a few hundred documents was walked dozens of times while it was being built.
_NEW_OBJECTS = 50_000
_YOUNG_ROUNDS = 20


@cache
def collect_seldom() -> None:
    """For processes that decode documents by the thousand: reference counts free them, cycles are few.

    What lives by now (modules, settings) is not looked at any more. Only the first call of a process does anything.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_ROUNDS, _YOUNG_ROUNDS)
