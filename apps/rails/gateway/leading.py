"""The gateway's way out: one process leads by lease, sends what has no receipt, asks directories; another follows."""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError

from apps.kernel.clock import Clock, wall_clock
from apps.rails.gateway.lane import Lane
from apps.rails.gateway.resolver import Resolver
from apps.rails.gateway.unsent import arrivals, unsent
from apps.rails.networks.adapter import Adapter
from dpms_site.lease import Lease

log = structlog.get_logger(__name__)

Document = dict[str, Any]
LEASE = "rail_gateway"
STANDBY_SECONDS = 0.5
BACKOFF_SECONDS_MAX = 2.0


class Gateway:
    """Leads while it holds the lease. Two that both believe to lead do no harm: each message id is taken once."""

    def __init__(
        self,
        database: Database[Document],
        adapters: Mapping[str, Callable[[], Adapter]],
        *,
        our_bank: str,
        clock: Clock = wall_clock,
    ) -> None:
        self._database = database
        self._adapters = adapters
        self._our_bank = our_bank
        self._clock = clock
        holder = f"{socket.gethostname()}:{os.getpid()}"
        self._lease = Lease(database["leases"], name=LEASE, holder=holder)
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
            except (
                Exception
            ) as error:  # a defect too: the next lead begins from what has no receipt
                failures += 1
                log.warning("gateway_interrupted", error=repr(error), failures=failures)
                self._stopping.wait(min(0.1 * 2 ** min(failures, 10), BACKOFF_SECONDS_MAX))
        self._release()

    def _lead(self) -> None:
        """1. Listen for new messages. 2. Take up what has no receipt. 3. Go on with what is heard."""
        lanes = {
            name: Lane(self._database, make(), clock=self._clock)
            for name, make in self._adapters.items()
        }
        workers: list[Lane | Resolver] = [*lanes.values(), *self._resolvers()]
        for worker in workers:
            worker.start()
        log.info("leading", networks=list(lanes))
        try:
            with (
                self._database.client.start_session(causal_consistency=True) as session,
                arrivals(self._database, session) as stream,
            ):
                for message in unsent(self._database, session):
                    self._hand_over(lanes, message)
                while not self._stopping.is_set() and self._lease.hold():
                    change = stream.try_next()
                    if change is not None:
                        self._add(lanes, change["fullDocument"])
        finally:
            for worker in workers:
                worker.stop()
        log.info("lead_ended")

    def _resolvers(self) -> list[Resolver]:
        """With a connection of its own to each network that has a directory."""
        adapters = [make() for make in self._adapters.values()]
        return [
            Resolver(self._database, each, our_bank=self._our_bank, clock=self._clock)
            for each in adapters
            if each.network.has_directory
        ]

    def _hand_over(self, lanes: Mapping[str, Lane], message: str) -> None:
        found = self._database.rail_messages.find_one({"_id": message}, {"network": 1})
        if found is not None:
            self._add(lanes, found)

    def _add(self, lanes: Mapping[str, Lane], message: Document) -> None:
        lane = lanes.get(message["network"])
        if lane is None:
            log.error("no_such_network", message=message["_id"], network=message["network"])
            return
        lane.add(message["_id"])

    def _release(self) -> None:
        try:
            self._lease.release()
        except PyMongoError as error:
            # It runs out by itself.
            log.warning("lease_not_released", error=repr(error))
