"""The console as a Django app: pages that span subjects, the feed bridge and the live socket. It has no models."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "apps.console"
    label = "console"
    verbose_name = "Operator console"
