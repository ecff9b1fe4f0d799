"""The Flink side of the audit job: a thin shell around the recorder."""

from typing import Any

from pyflink.common import Types
from pyflink.datastream import RuntimeContext

from streaming.config import Config
from streaming.flows.audit.recorder import Recorder, recorder
from streaming.flows.gather import Gather
from streaming.flows.pace import Waits
from streaming.flows.runtime import assert_mode

BATCH_MAX = 500


class Record(Gather):
    """Records change events in batches, in the order in which they arrive."""

    def __init__(self, config: Config, flow: str) -> None:
        # Changes a second: an order makes about five.
        waits = Waits(config.audit_delay_ms, config.audit_delay_busy_ms, calm=300, busy=600)
        super().__init__(Types.PICKLED_BYTE_ARRAY(), waits=waits, most=BATCH_MAX)
        self._config = config
        self._flow = flow

    def open(self, runtime_context: RuntimeContext) -> None:
        assert_mode(self._config.flink_mode)
        super().open(runtime_context)
        self._recorder: Recorder = recorder(self._config, self._flow)

    def gathered(self, value: Any) -> tuple[Any, ...]:
        key, record, topic, partition, offset = value
        return key, record, topic, partition, offset

    def hand_over(self, waiting: list[Any]) -> list[dict[str, Any]]:
        return self._recorder.record(waiting)
