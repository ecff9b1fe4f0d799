"""How loops that try again measure and spend time: by the machine's clock, unless their owner says otherwise."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Seconds on a clock that never goes back, waiting, and a spread that keeps two rivals from meeting again."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def is_over(self, started: float, seconds: float) -> bool:
        """Whether more than `seconds` have passed since `started`."""
        return self.monotonic() - started > seconds
