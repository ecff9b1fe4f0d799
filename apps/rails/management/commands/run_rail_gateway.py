"""`manage.py run_rail_gateway`: carries messages to the networks and takes theirs, until it is told to stop."""

import threading
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.rails.gateway.inbox import Inbox
from apps.rails.gateway.leading import Gateway
from apps.rails.networks.registry import NETWORKS, adapter_of
from apps.rails.serving import serve_at
from dpms_site import mongodb


class Command(BaseCommand):
    help = "Sends messages to the networks (one leads by lease) and takes theirs at its inbox."

    def handle(self, *_args: Any, **_options: Any) -> None:
        config = settings.CONFIG
        adapters = {name: partial(adapter_of, name, config) for name in NETWORKS}
        gateway = Gateway(mongodb.database(), adapters, our_bank=config.bank_routing_number)
        sending = threading.Thread(target=gateway.run, name="gateway")
        sending.start()
        try:
            serve_at(config.rail_gateway_url, Inbox(mongodb.database()).handle)
        finally:
            gateway.stop()
            sending.join()
