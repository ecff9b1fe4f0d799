"""Writes dead letters to their topic, for processes that are no flow jobs."""

from typing import Any

from confluent_kafka import KafkaException, Producer

from streaming.contracts.letters import letter_text
from streaming.contracts.topics import DEAD_LETTERS

TIMEOUT_SECONDS = 10.0


class DeadLetterTopic:
    """At least once: a letter that is read twice is written twice, with the same `_id`."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "acks": "all",
                "enable.idempotence": True,
                "delivery.timeout.ms": int(TIMEOUT_SECONDS * 1000),
            }
        )

    def put(self, letter: dict[str, Any]) -> None:
        """Returns when every replica in sync has it. Raises KafkaException."""
        failures: list[Any] = []

        def on_delivery(error: Any, _message: Any) -> None:
            if error is not None:
                failures.append(error)

        value = letter_text(letter).encode()
        self._producer.produce(DEAD_LETTERS, value=value, on_delivery=on_delivery)
        left = self._producer.flush(TIMEOUT_SECONDS)
        if failures or left:
            raise KafkaException(failures[0] if failures else "a dead letter was not acknowledged")
