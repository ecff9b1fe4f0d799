"""The Flink side of the audit job: a thin shell around the recorder."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pyflink.datastream import FlatMapFunction, RuntimeContext

from streaming.config import Config
from streaming.contracts.letters import letter_text
from streaming.flows.audit.recorder import Recorder, recorder
from streaming.flows.runtime import assert_mode, share_the_interpreter

BATCH_MAX = 500
# Behind these, a row tells of its window.
COLUMNS = 5


class Record(FlatMapFunction):
    """Records change events, gathered by Flink, in the order in which they came. Yields dead letters as JSON.

    Has no state: what it was given and had not done when it died is in Flink's, or is read once more.
    """

    def __init__(self, config: Config, flow: str) -> None:
        self._config = config
        self._flow = flow

    def open(self, runtime_context: RuntimeContext) -> None:
        assert_mode(self._config.flink_mode)
        share_the_interpreter()
        self._recorder: Recorder = recorder(self._config, self._flow)

    def flat_map(self, value: Sequence[Any]) -> Iterator[str]:
        records = zip(*value[:COLUMNS], strict=True)
        while batch := list(islice(records, BATCH_MAX)):
            for letter in self._recorder.record(batch):
                yield letter_text(letter)
