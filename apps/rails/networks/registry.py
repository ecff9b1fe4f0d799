"""Every network the platform speaks with: a new one is a module beside this one and a line here."""

from apps.rails.networks import interfi, zelle
from apps.rails.networks.adapter import Network
from apps.rails.networks.over_http import TIMEOUT_SECONDS, HttpNetwork
from streaming.config import Config

NETWORKS: dict[str, Network] = {each.name: each for each in (zelle.NETWORK, interfi.NETWORK)}


def url_of(name: str, config: Config) -> str:
    """Where the network takes messages: the setting `<name>_url`."""
    url: str = getattr(config, f"{name}_url")
    return url


def adapter_of(
    name: str, config: Config, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> HttpNetwork:
    """A connection of its own to a network; for one thread."""
    return HttpNetwork(NETWORKS[name], url_of(name, config), timeout_seconds=timeout_seconds)
