"""The networks: messages to and from them, the gateway that carries the messages, and simulators of the far side."""

from django.apps import AppConfig
from django.conf import settings


class RailsConfig(AppConfig):
    name = "apps.rails"

    def ready(self) -> None:
        """Makes the networks' directories part of ours; imports wait until all apps are loaded."""
        from apps.rails.directory import register

        register(settings.CONFIG)
