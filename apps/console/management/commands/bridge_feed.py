"""`manage.py bridge_feed`: numbers the orders' change events into the feed, until it is told to stop."""

import signal
from typing import Any

from channels.layers import get_channel_layer
from django.core.management.base import BaseCommand

from apps.console.bridge import Bridge
from apps.kernel.garbage import collect_seldom
from dpms_site import mongodb
from streaming import config


class Command(BaseCommand):
    help = (
        "Numbers the orders' change events from Kafka into the feed (one leads, others stand by)."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        bridge = Bridge(
            database=mongodb.database(),
            bootstrap=config.load().kafka_bootstrap,
            layer=get_channel_layer(),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: bridge.stop())
        collect_seldom()
        bridge.run()
