"""Who may use the platform: API clients with scopes and tokens, staff with roles."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "apps.access"
