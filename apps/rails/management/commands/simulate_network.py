"""`manage.py simulate_network zelle|interfi`: the far side of a network, for sandboxes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.rails.networks.registry import url_of
from apps.rails.serving import serve_at
from apps.rails.simulators.control import Control
from apps.rails.simulators.delivery import Delivery
from apps.rails.simulators.doors import Doors
from apps.rails.simulators.far_side import FAR_SIDES
from apps.rails.simulators.network import SimulatedNetwork
from apps.rails.simulators.store import Store


class Command(BaseCommand):
    help = (
        "Plays a network: takes messages by POST and answers to the gateway's inbox. Sandbox only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network", choices=sorted(FAR_SIDES))

    def handle(self, *_args: Any, **options: Any) -> None:
        config, name = settings.CONFIG, options["network"]
        if not config.is_sandbox:
            raise CommandError("DPMS_PROFILE is production: networks are not simulated there.")
        store = Store(config.dir / "data" / "networks" / f"{name}.sqlite3")
        network = SimulatedNetwork(FAR_SIDES[name], store, day_seconds=config.simulated_day_seconds)
        delivery = Delivery(store, f"{config.rail_gateway_url}/inbox/{name}")
        delivery.start()
        control = Control(network, our_bank=config.bank_routing_number)
        try:
            serve_at(url_of(name, config), Doors(network, control).handle)
        finally:
            delivery.stop()
            store.close()
