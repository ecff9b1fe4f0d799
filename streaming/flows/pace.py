"""How long what arrives waits for company: briefly while little arrives, longer under load, when batches pay."""

from dataclasses import dataclass

# Weight of the newest batch in the rate that is believed: a burst counts at once, a single stray batch does not.
_NEWEST = 0.4


@dataclass(frozen=True)
class Waits:
    """Up to `calm` elements a second one waits `calm_ms`, from `busy` on it waits `busy_ms`; between, in between."""

    calm_ms: int
    busy_ms: int
    calm: float
    busy: float

    def at(self, per_second: float) -> int:
        share = (per_second - self.calm) / (self.busy - self.calm)
        return round(self.calm_ms + (self.busy_ms - self.calm_ms) * min(1.0, max(0.0, share)))


class Pace:
    """Remembers how fast elements arrived of late. Only a hint: who takes over begins calm, and nothing is lost."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._per_second = 0.0
        self._last_ms: int | None = None

    def delay_ms(self) -> int:
        """How long the first element of a batch waits from now."""
        return self._waits.at(self._per_second)

    def handed_over(self, count: int, *, now_ms: int) -> None:
        """Takes note of a batch; `now_ms` is the clock's time at which it was handed over."""
        if self._last_ms is not None:
            seconds = max(1, now_ms - self._last_ms) / 1000
            self._per_second += _NEWEST * (count / seconds - self._per_second)
        self._last_ms = now_ms
