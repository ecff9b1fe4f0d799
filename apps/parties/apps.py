"""Payment Party: the payees of customers."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "apps.parties"
