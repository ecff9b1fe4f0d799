"""The networks' own directories, as lookups of the alias directory: which bank serves an alias that nobody here has."""

from functools import partial

from apps.parties.directory import register_lookup
from apps.parties.domain.directory import DirectoryUnavailable, NetworkAnswer
from apps.profiles.domain.alias import key_of
from apps.rails.networks.adapter import Unreachable
from apps.rails.networks.registry import NETWORKS, adapter_of, url_of
from streaming.config import Config

# Somebody waits for the answer: a second to connect and a second to answer, then the network counts as away.
TIMEOUT_SECONDS = 1.0


def register(config: Config) -> None:
    """Registers every network that has a directory and an address."""
    for name, network in NETWORKS.items():
        if network.has_directory and url_of(name, config):
            register_lookup(name, partial(looked_up, name, config))


def looked_up(name: str, config: Config, kind: str, value: str) -> NetworkAnswer | None:
    """Who serves the alias on that network, or None. Raises DirectoryUnavailable.

    A connection of its own each time, because web processes ask from many threads. A network that names this bank is
    behind: the alias was looked for here first.
    """
    network = adapter_of(name, config, timeout_seconds=TIMEOUT_SECONDS)
    try:
        found = network.look_up(key_of(kind, value))
    except (Unreachable, ValueError, LookupError, TypeError) as error:
        raise DirectoryUnavailable(f"{name}: {type(error).__name__}") from error
    finally:
        network.close()
    if found is None or found.bank == config.bank_routing_number:
        return None
    return NetworkAnswer(routing_number=str(found.bank), bank_name=str(found.bank_name))
