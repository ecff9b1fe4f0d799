"""The networks: messages to and from them, the gateway that carries the messages, and simulators of the far side."""

from django.apps import AppConfig


class RailsConfig(AppConfig):
    name = "apps.rails"
