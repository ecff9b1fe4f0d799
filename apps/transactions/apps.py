"""Transaction Order: accepting orders and commands, and reading how they stand."""

from django.apps import AppConfig


class TransactionsConfig(AppConfig):
    name = "apps.transactions"
