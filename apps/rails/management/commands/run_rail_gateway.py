"""`manage.py run_rail_gateway`: carries messages to the networks and takes theirs, until it is told to stop."""

import threading
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.rails.gateway.inbox import Inbox
from apps.rails.gateway.kept import Evidence
from apps.rails.gateway.leading import Gateway
from apps.rails.networks.registry import NETWORKS, adapter_of
from apps.rails.serving import serve_at
from dpms_site import mongodb


class Command(BaseCommand):
    help = (
        "Carries messages between platform and networks, until SIGTERM or SIGINT. Out: what is in rail_messages "
        "and has no receipt, one leader by lease; account numbers are put in just before. In: POST /inbox/<network> at "
        "DPMS_RAIL_GATEWAY_URL. The leader also asks directories for aliases that orders wait for. Networks are where "
        f"{', '.join(f'DPMS_{name.upper()}_URL' for name in NETWORKS)} say. Killing it loses and doubles nothing."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        config = settings.CONFIG
        adapters = {name: partial(adapter_of, name, config) for name in NETWORKS}
        gateway = Gateway(mongodb.database(), adapters, our_bank=config.bank_routing_number)
        sending = threading.Thread(target=gateway.run, name="gateway")
        sending.start()
        try:
            inbox = Inbox(mongodb.database(), evidence=Evidence(settings.SECRET_KEY))
            serve_at(config.rail_gateway_url, inbox.handle)
        finally:
            gateway.stop()
            sending.join()
