"""Collecting within a Flink task: what arrives within a short while is handed over as one batch."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import ListStateDescriptor

from apps.kernel.failpoint import failpoint
from streaming.contracts.letters import letter_text
from streaming.flows.pace import Pace, Waits
from streaming.flows.runtime import share_the_interpreter


class Gather(KeyedProcessFunction):
    """Elements wait in keyed state, never in the object: a barrier between buffering and timer would lose them.

    Yields the dead letters of each batch as JSON. What makes a repetition safe is up to `hand_over`.
    """

    def __init__(self, kind: TypeInformation, *, waits: Waits, most: int) -> None:
        self._kind = kind
        self._waits = waits
        self._most = most

    @abstractmethod
    def gathered(self, value: Any) -> Any:
        """What of an element waits."""

    @abstractmethod
    def hand_over(self, waiting: list[Any]) -> list[dict[str, Any]]:
        """Makes the effect of a batch and returns its dead letters. Must be safe to repeat with the same batch."""

    def open(self, runtime_context: RuntimeContext) -> None:
        share_the_interpreter()
        self._pace = Pace(self._waits)
        self._waiting = runtime_context.get_list_state(ListStateDescriptor("waiting", self._kind))
        # How much waits under each key; only remembered here, since each look into state is a call into the JVM.
        self._counts: dict[Any, int] = {}

    def process_element(self, value: Any, ctx: Any) -> Iterator[str]:
        key = ctx.get_current_key()
        known = self._counts.get(key)
        count = 1 + (len(list(self._waiting.get())) if known is None else known)
        self._waiting.add(self.gathered(value))
        self._counts[key] = count
        if count >= self._most:
            yield from self._hand_over(ctx)
        elif count == 1:
            timers = ctx.timer_service()
            at = timers.current_processing_time() + self._pace.delay_ms()
            timers.register_processing_time_timer(at)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[str]:
        yield from self._hand_over(ctx)

    def _hand_over(self, ctx: Any) -> Iterator[str]:
        waiting = list(self._waiting.get())
        self._pace.handed_over(len(waiting), now_ms=ctx.timer_service().current_processing_time())
        failpoint("gather.before_hand_over")
        for letter in self.hand_over(waiting) if waiting else ():
            yield letter_text(letter)
        failpoint("gather.after_hand_over")
        # Cleared only after the effect: an exception before this leaves state and offsets to the last checkpoint.
        self._waiting.clear()
        self._counts[ctx.get_current_key()] = 0
        failpoint("gather.after_clear")
