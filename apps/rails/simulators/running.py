"""A simulated network as a process: its file, its server and its way to the bank."""

from apps.rails.networks.registry import url_of
from apps.rails.serving import serve_at
from apps.rails.simulators.control import Control
from apps.rails.simulators.delivery import Delivery
from apps.rails.simulators.doors import Doors
from apps.rails.simulators.far_side import FAR_SIDES
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.store import Store
from streaming.config import Config


class SandboxOnly(Exception):
    """Networks are not simulated in production."""


def run(name: str, config: Config) -> None:
    """Plays the network until SIGTERM or SIGINT. Raises SandboxOnly."""
    if not config.is_sandbox:
        raise SandboxOnly("DPMS_PROFILE is production: networks are not simulated there.")
    store = Store(config.dir / "data" / "networks" / f"{name}.sqlite3")
    network = SimulatedNetwork(FAR_SIDES[name], store, day_seconds=config.simulated_day_seconds)
    delivery = Delivery(store, f"{config.rail_gateway_url}/inbox/{name}")
    control = Control(network, our_bank=config.bank_routing_number)
    delivery.start()
    try:
        serve_at(url_of(name, config), Doors(network, control).handle)
    finally:
        delivery.stop()
        store.close()
