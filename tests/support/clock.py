"""Time that stands still, so that tests can say what time it is."""

from contextlib import AbstractContextManager
from datetime import datetime

import time_machine


def frozen_at(instant: datetime) -> AbstractContextManager[object]:
    """Everything that asks for the time inside the block hears `instant`."""
    return time_machine.travel(instant, tick=False)
