"""The bridge: reads the orders' change events from Kafka and makes the numbered feed of them, one leader at a time."""

import os
import socket
import threading
from collections.abc import Sequence
from typing import Any

import structlog
from confluent_kafka import KafkaException
from pymongo.database import Database
from pymongo.errors import PyMongoError

from apps.console.feed import Feed, Superseded
from apps.console.notices import Notifier
from dpms_site.lease import BRIDGE, Lease
from streaming.contracts.topics import topic_of
from streaming.kafka.dead_letters import DeadLetterTopic
from streaming.kafka.reader import Reader, Record, run

log = structlog.get_logger(__name__)

GROUP_ID = "bridge"
TOPIC = topic_of("orders")
STANDBY_SECONDS = 0.5
BACKOFF_SECONDS_MAX = 2.0


class Bridge:
    """Leads while it holds the lease. Every failure ends the lead; the next one begins from the committed offsets."""

    def __init__(
        self, *, database: Database[dict[str, Any]], bootstrap: str, layer: Any, topic: str = TOPIC
    ) -> None:
        self._database = database
        self._bootstrap = bootstrap
        self._layer = layer
        self._topic = topic
        holder = f"{socket.gethostname()}:{os.getpid()}"
        self._lease = Lease(database["leases"], name=BRIDGE, holder=holder)
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                if self._lease.hold():
                    self._lead()
                    failures = 0
                else:
                    self._stopping.wait(STANDBY_SECONDS)
            except Superseded as error:
                log.warning("stepped_down", because=str(error))
                self._stopping.wait(STANDBY_SECONDS)
            except (PyMongoError, KafkaException) as error:
                failures += 1
                log.warning("bridge_interrupted", error=repr(error), failures=failures)
                self._stopping.wait(min(0.1 * 2**failures, BACKOFF_SECONDS_MAX))
        self._release()

    def _lead(self) -> None:
        feed = Feed(self._database, tell_of_letter=DeadLetterTopic(self._bootstrap).put)
        feed.take_over()
        log.info("leading", epoch=feed.epoch, head=feed.head)
        reader = Reader(bootstrap=self._bootstrap, group=GROUP_ID, topics=[self._topic])
        with reader, Notifier(self._layer) as notifier:
            notifier.moved_to(feed.head)

            def handle(records: Sequence[Record]) -> None:
                if feed.append(records):
                    notifier.moved_to(feed.head)

            run(reader, handle, keep_going=self._keep_leading)
        log.info("lead_ended", head=feed.head)

    def _keep_leading(self) -> bool:
        return not self._stopping.is_set() and self._lease.hold()

    def _release(self) -> None:
        try:
            self._lease.release()
        except PyMongoError as error:
            # It runs out by itself.
            log.warning("lease_not_released", error=repr(error))
