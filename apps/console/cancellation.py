"""For loops that must end when they are cancelled, also when somebody on the way lost the cancellation."""

import asyncio


def goes_on() -> bool:
    """False once the present task was cancelled.

    In Python 3.11 `asyncio.wait_for` forgets a cancellation that meets its result, and the drivers use it.
    """
    task = asyncio.current_task()
    return task is None or task.cancelling() == 0
