"""The system of record: accounts and the double-entry ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "apps.ledger"
