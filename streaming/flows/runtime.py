"""What a flow's functions need when they open inside a Flink task: the SOR, and the mode they run in."""

import logging
import secrets
import sys
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from apps.kernel.clock import wall_clock
from apps.kernel.garbage import collect_seldom
from apps.transactions.domain.limits import PROFILES
from apps.transactions.domain.order import Actor
from streaming.config import Config
from streaming.platform_clock import COLLECTION, PlatformClock
from streaming.sor.transaction import SystemOfRecord

log = logging.getLogger("dpms.flow")


def running_mode() -> str:
    """`thread` when this Python lives inside the TaskManager's JVM, `process` when it is a worker of its own."""
    return "thread" if Path("/proc/self/exe").resolve().name == "java" else "process"


def assert_mode(wanted: str) -> None:
    """Raises RuntimeError: Flink falls back from thread to process mode without a word; here it is an error."""
    mode = running_mode()
    if mode != wanted:
        raise RuntimeError(f"DPMS_FLINK_MODE is {wanted}, but the functions run in {mode} mode")


def quiet_logging() -> None:
    """In thread mode the bridge to Java sets the root logger to DEBUG, and PyMongo then writes every command as JSON.
    basicConfig changes nothing where a handler stands already.
    """
    logging.basicConfig(stream=sys.stderr, format="%(name)s %(message)s")
    logging.getLogger().setLevel(logging.INFO)


def share_the_interpreter() -> None:
    """In thread mode all jobs of a TaskManager are threads of one interpreter: one that computes lets another go on
    after half a millisecond. With the usual 5 ms each answer that a transaction waits for may wait 5 ms longer.
    None looks for garbage in what another one is just decoding.
    """
    sys.setswitchinterval(0.0005)
    collect_seldom()


def mongo_client(config: Config) -> MongoClient[dict[str, Any]]:
    """A client whose reads and writes are majority and journaled, and that notices a dead server within 2 s."""
    return _client(config.mongodb_uri)


def audit_client(config: Config) -> MongoClient[dict[str, Any]]:
    """The same for the AuditDB, as the user who may insert and find there and nothing else."""
    return _client(config.audit_uri)


def _client(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=2000,
        connectTimeoutMS=2000,
        socketTimeoutMS=10000,
        maxPoolSize=2,
        appname="dpms-flow",
    )


def system_of_record(config: Config, flow: str) -> SystemOfRecord:
    quiet_logging()
    # Each attempt of a task draws a name that stands in every history item it writes: a zombie's
    # steps can be told from its successor's.
    attempt = f"{flow}#{secrets.token_hex(4)}"
    log.info("%s opens", attempt)
    client = mongo_client(config)
    offsets = client[config.mongodb_database][COLLECTION]
    return SystemOfRecord(
        client=client,
        database=config.mongodb_database,
        flow=flow,
        actor=Actor(kind="stream", id=attempt),
        limits=PROFILES[config.limit_profile],
        bank=config.bank_routing_number,
        profile=config.limit_profile,
        clock=PlatformClock(lambda: offsets) if config.is_sandbox else wall_clock,
    )
