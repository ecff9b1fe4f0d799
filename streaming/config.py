"""Where everything is: one frozen value read from the environment, else from the run directory's `addresses.json`.

Django's settings, the jobs and the commands all read this, so that one variable moves a part for all of them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


class ConfigError(ValueError):
    """A setting is missing or not understood; the message names the variable."""


@dataclass(frozen=True)
class Config:
    """Every setting outside Django; the field's comment is what `.env.example` says of it."""

    profile: str = "sandbox"  # sandbox | production
    dir: Path = PROJECT / ".dpms"  # run directory of the embedded stack
    mongodb_uri: str = ""
    mongodb_database: str = "dpms"
    owner_mongodb_uri: str = ""
    audit_mongodb_uri: str = ""
    audit_mongodb_database: str = "dpms_audit"
    kafka_bootstrap: str = ""
    connect_url: str = ""
    flink_url: str = ""
    valkey_url: str = ""
    web_url: str = ""
    rail_gateway_url: str = ""
    zelle_url: str = ""
    interfi_url: str = ""
    bank_routing_number: str = "999999992"
    simulated_day_seconds: int = 86400
    topic_partitions: int = 4
    topic_replication: int = 1
    flink_mode: str = "thread"  # process | thread
    flink_parallelism: int = 1
    settle_shards: int = 1
    settle_delay_ms: int = 25
    settle_delay_busy_ms: int = 150
    audit_every_ms: int = 250
    checkpoint_interval_ms: int = 5000
    limit_profile: str = "sandbox"  # sandbox | bank

    @property
    def owner_uri(self) -> str:
        """MongoDB as who may make collections and indexes; without one of its own, the platform's user does."""
        return self.owner_mongodb_uri or self.mongodb_uri

    @property
    def audit_uri(self) -> str:
        """The AuditDB; without one of its own, a database beside the platform's."""
        return self.audit_mongodb_uri or self.mongodb_uri

    @property
    def is_sandbox(self) -> bool:
        return self.profile == "sandbox"


_ADDRESS_OF = {
    "mongodb_uri": "mongodb",
    "owner_mongodb_uri": "owner_mongodb",
    "audit_mongodb_uri": "audit_mongodb",
    "kafka_bootstrap": "kafka",
    "connect_url": "connect",
    "flink_url": "flink",
    "valkey_url": "valkey",
    "web_url": "web",
    "rail_gateway_url": "rail_gateway",
    "zelle_url": "zelle",
    "interfi_url": "interfi",
}
_CHOICES = {
    "profile": {"sandbox", "production"},
    "flink_mode": {"process", "thread"},
    "limit_profile": {"sandbox", "bank"},
}


def load(environment: Mapping[str, str] | None = None) -> Config:
    """The configuration of this process. Raises ConfigError on a value that is not understood."""
    env = os.environ if environment is None else environment
    directory = Path(env.get("DPMS_DIR") or Config.dir).resolve()
    addresses = _read_addresses(directory / "addresses.json")
    values: dict[str, Any] = {"dir": directory}
    for field in fields(Config):
        if field.name == "dir":
            continue
        raw = env.get(f"DPMS_{field.name.upper()}") or addresses.get(
            _ADDRESS_OF.get(field.name, "")
        )
        if raw:
            values[field.name] = _typed(field.name, raw, field.type)
    return Config(**values)


def _typed(name: str, raw: str, kind: Any) -> Any:
    variable = f"DPMS_{name.upper()}"
    if name in _CHOICES and raw not in _CHOICES[name]:
        raise ConfigError(f"{variable} is {raw!r}; use one of {', '.join(sorted(_CHOICES[name]))}")
    if kind in (int, "int"):
        if not raw.isascii() or not raw.isdigit() or int(raw) == 0:
            raise ConfigError(f"{variable} is {raw!r}; use a whole number above zero")
        return int(raw)
    return raw


def _read_addresses(path: Path) -> dict[str, str]:
    try:
        loaded: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return loaded
