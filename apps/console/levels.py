"""How often a subscription is told of changes, and how much at once: the busier the feed, the less each frame says.

Level 0 tells every change within a quarter of a second, level 1 twice a second and at most 200 rows a frame, level 2
only how many changes wait. Pure: the clock is the caller's, in seconds.
"""

from collections import deque

WINDOW_SECONDS = 1.0
# Changes a second above which a level begins.
BUSY_RATE, FLOODED_RATE = 250, 1_000
# What level 1 can carry on: 200 rows twice a second. Above it, level 2 does not end.
CARRIED_RATE = 400
# A level ends when it was not needed for so long.
CALM_SECONDS = 1.0
ROWS_A_FRAME_BUSY = 200
# A browser that takes a frame so slowly gets numbers instead of rows.
SLOW_SEND_SECONDS = 1.0
# Two seconds of frames at their quickest, and as much again for a slow line: browsers acknowledge once a second.
UNACKED_MAX = 40
# The pause after a frame: the more rows there are, the longer they gather.
ROWS_QUICK = 5
FLUSH_SECONDS_QUICK, FLUSH_SECONDS = 0.1, 0.15
FLUSH_SECONDS_BUSY = 0.5
WAITING_SECONDS = 1.0


class Pace:
    """The level of one subscription: rises at once, falls after a calm second."""

    def __init__(self) -> None:
        self._level = 0
        self._needed_at = 0.0
        self._seen: deque[tuple[float, int]] = deque()
        self._rate = 0

    def saw(self, changes: int, *, now: float) -> None:
        """So many changes came that this subscription wants."""
        if changes:
            self._seen.append((now, changes))
            self._rate += changes

    def overwhelmed(self, *, now: float) -> None:
        """More came than can be told, or the browser does not keep up."""
        self._level, self._needed_at = 2, now

    def level(self, *, now: float) -> int:
        while self._seen and self._seen[0][0] <= now - WINDOW_SECONDS:
            self._rate -= self._seen.popleft()[1]
        needed = self._needed()
        if needed >= self._level or now - self._needed_at >= CALM_SECONDS:
            self._level, self._needed_at = needed, now
        return self._level

    def _needed(self) -> int:
        if self._rate > FLOODED_RATE or (self._level == 2 and self._rate > CARRIED_RATE):
            return 2
        return 1 if self._rate > BUSY_RATE else 0


def pause_after(rows: int, *, level: int) -> float:
    """Seconds until the next frame may follow one with so many rows."""
    if level == 2:
        return WAITING_SECONDS
    if level == 1:
        return FLUSH_SECONDS_BUSY
    return FLUSH_SECONDS if rows > ROWS_QUICK else FLUSH_SECONDS_QUICK
